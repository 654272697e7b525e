"""conv_output_size and conv_parameters, with sizes that the notebook does not show."""

import pytest

from autograder.rubrics.mnist_convnet import reference
from cnnkit import expect
from cnnkit.assignments.mnist_convnet import arithmetic as public


def sizes(dice, padding):
    """Sizes, kernels and strides; of six cases each wrong formula fails one, whatever is drawn.

    Args:
        dice: a generator.
        padding: as `conv_output_size` takes it.
    """
    added = 2 * padding if isinstance(padding, int) else 0
    for stride, remainder, even in (
        (3, True, False),
        (2, False, True),
        (4, True, True),
        (1, False, True),
        (2, True, False),
    ):
        while True:
            kernel, size = int(dice.integers(2, 12)), int(dice.integers(14, 65))
            rest = size if padding == "same" else size + added - kernel
            if (kernel % 2 == 0) == even and (rest % stride != 0) == remainder:
                break
        yield size, kernel, stride
    yield int(dice.integers(14, 65)), 1, 1


def check_sizes(call, dice, paddings, hint):
    cases = [(*case, padding) for padding in paddings for case in sizes(dice, padding)]
    for size, kernel, stride, padding in cases:
        found = call("conv_output_size", size, kernel, stride=stride, padding=padding)
        what = f"conv_output_size({size}, {kernel}, stride={stride}, padding={padding!r})"
        expect.number(found, None, what, wanted=reference.output_size(size, kernel, stride, padding), hint=hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_output_size_of_the_brief(evidence):
    public.output_size_of_the_brief(evidence)


@pytest.mark.points(0.75)
def test_output_size_valid(call, draw):
    dice = draw("output_size_valid")
    size, kernel = int(dice.integers(30, 60)), int(dice.integers(5, 10))
    what, hint = f"conv_output_size({size}, {kernel})", 'stride is 1 and padding "valid" unless given.'
    expect.number(call("conv_output_size", size, kernel), None, what, wanted=size - kernel + 1, hint=hint)
    hint = "Draw the axis and slide the kernel: the last position is where it still fits whole."
    check_sizes(call, dice, ["valid"], hint)


@pytest.mark.points(0.75)
def test_output_size_same(call, draw):
    hint = '"same" does not depend on the kernel: one output for every stride, rounded up.'
    check_sizes(call, draw("output_size_same"), ["same"], hint)


@pytest.mark.points(0.5)
def test_output_size_padded(call, draw):
    hint = "An integer is the number of pixels added on each of the two sides."
    dice = draw("output_size_padded")
    check_sizes(call, dice, [0, int(dice.integers(1, 3)), int(dice.integers(3, 5))], hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_parameters_of_the_brief(evidence):
    public.parameters_of_the_brief(evidence)


@pytest.mark.points(0.5)
def test_parameters_rectangular(call, draw):
    dice = draw("parameters_rectangular")
    high, wide, square = (int(number) for number in dice.permutation(range(3, 9))[:3])
    for kernel in ((high, wide), (1, wide), (square, square)):
        channels, filters = int(dice.integers(3, 30)), int(dice.integers(8, 90))
        found = call("conv_parameters", kernel, channels, filters)
        wanted = reference.parameters(kernel, channels, filters, True)
        what = f"conv_parameters({kernel}, {channels}, {filters})"
        expect.number(found, None, what, wanted=wanted, hint="A kernel may be a pair: its height times its width.")


@pytest.mark.points(0.5)
def test_parameters_without_bias(call, draw):
    dice = draw("parameters_without_bias")
    for kernel in (int(dice.integers(2, 8)), (2, int(dice.integers(3, 8)))):
        channels, filters = int(dice.integers(3, 30)), int(dice.integers(4, 40))
        found = call("conv_parameters", kernel, channels, filters, bias=False)
        wanted = reference.parameters(kernel, channels, filters, False)
        what = f"conv_parameters({kernel}, {channels}, {filters}, bias=False)"
        expect.number(found, None, what, wanted=wanted, hint="Without bias only the kernels' weights remain.")

"""conv_output_size and conv_parameters, with sizes that the notebook does not show."""

import numpy as np
import pytest

from autograder.rubrics.mnist_convnet import reference
from cnnkit import expect
from cnnkit.assignments.mnist_convnet import arithmetic as public


def sizes(count, seed):
    """Odd and even sizes, kernels and strides of every kind, the kernel never larger than the axis."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        kernel = int(generator.integers(1, 12))
        yield int(generator.integers(kernel, 65)), kernel, int(generator.integers(1, 5))


def check_sizes(call, seed, paddings, hint):
    generator = np.random.default_rng(seed + 1)
    for size, kernel, stride in sizes(12, seed):
        padding = paddings[int(generator.integers(len(paddings)))]
        found = call("conv_output_size", size, kernel, stride=stride, padding=padding)
        what = f"conv_output_size({size}, {kernel}, stride={stride}, padding={padding!r})"
        expect.number(found, None, what, wanted=reference.output_size(size, kernel, stride, padding), hint=hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_output_size_of_the_brief(evidence):
    public.output_size_of_the_brief(evidence)


@pytest.mark.points(0.75)
def test_output_size_valid(call):
    found = call("conv_output_size", 40, 7)
    expect.number(
        found, None, "conv_output_size(40, 7)", wanted=34, hint='stride is 1 and padding "valid" unless given.'
    )
    check_sizes(
        call, 21, ["valid"], "Draw the axis and slide the kernel: the last position is where it still fits whole."
    )


@pytest.mark.points(0.75)
def test_output_size_same(call):
    check_sizes(call, 31, ["same"], '"same" does not depend on the kernel: one output for every stride, rounded up.')


@pytest.mark.points(0.5)
def test_output_size_padded(call):
    check_sizes(call, 41, [0, 1, 2, 3, 4], "An integer is the number of pixels added on each of the two sides.")


@pytest.mark.public
@pytest.mark.points(0.5)
def test_parameters_of_the_brief(evidence):
    public.parameters_of_the_brief(evidence)


@pytest.mark.points(0.5)
def test_parameters_rectangular(call):
    for kernel, channels, filters in (((5, 3), 7, 11), ((1, 7), 24, 9), ((4, 4), 3, 90)):
        found = call("conv_parameters", kernel, channels, filters)
        wanted = reference.parameters(kernel, channels, filters, True)
        what = f"conv_parameters({kernel}, {channels}, {filters})"
        expect.number(found, None, what, wanted=wanted, hint="A kernel may be a pair: its height times its width.")


@pytest.mark.points(0.5)
def test_parameters_without_bias(call):
    for kernel, channels, filters in ((3, 5, 8), ((2, 6), 10, 4)):
        found = call("conv_parameters", kernel, channels, filters, bias=False)
        wanted = reference.parameters(kernel, channels, filters, False)
        what = f"conv_parameters({kernel}, {channels}, {filters}, bias=False)"
        expect.number(found, None, what, wanted=wanted, hint="Without bias only the kernels' weights remain.")

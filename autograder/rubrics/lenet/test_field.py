"""receptive_field, for networks that the notebook does not name."""

import pytest

from autograder.rubrics.lenet import reference
from cnnkit import expect
from cnnkit.assignments.lenet import field as public


def check(call, layers, hint):
    what = f"receptive_field({layers})"
    expect.number(call("receptive_field", layers), None, what, wanted=reference.receptive_field(layers), hint=hint)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_field_of_lenet(evidence):
    public.field_of_lenet(evidence)


@pytest.mark.points(0.75)
def test_strides_multiply(call, draw):
    """Several strides above 1: their product counts, not their sum, nor the last of them."""
    dice = draw("strides_multiply")
    for strides in ((2, 2, 2, 1), (2, 3, 1, 3, 1), (3, 2, 5)):
        layers = [(int(dice.integers(2, 8)), stride) for stride in strides]
        check(call, layers, "Multiply all strides before a layer, not the layer's own and not only the last one.")


@pytest.mark.points(0.5)
def test_few_layers(call, draw):
    dice = draw("few_layers")
    check(call, [], "Without any layer the unit is a pixel, and sees itself.")
    check(
        call,
        [(int(dice.integers(6, 12)), int(dice.integers(2, 6)))],
        "The stride of the last layer does not widen what one of its units sees.",
    )

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
def test_strides_multiply(call):
    """Several strides above 1: their product counts, not their sum, nor the last of them."""
    for layers in (
        [(3, 2), (3, 2), (3, 2), (3, 1)],
        [(7, 2), (3, 2), (1, 1), (3, 3), (5, 1)],
        [(4, 3), (2, 2), (2, 5)],
    ):
        check(call, layers, "Multiply all strides before a layer, not the layer's own and not only the last one.")


@pytest.mark.points(0.5)
def test_few_layers(call):
    check(call, [], "Without any layer the unit is a pixel, and sees itself.")
    check(call, [(9, 4)], "The stride of the last layer does not widen what one of its units sees.")

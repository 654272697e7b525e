"""build_lenet: every layer of the specification and no other, with either pooling."""

import pytest

from cnnkit.assignments.lenet import architecture as public
from cnnkit.checks.remarks import remark
from cnnkit.expect import network


@pytest.mark.points(0.25)
def test_input(comparison):
    network.input_is_right(comparison)


@pytest.mark.points(1)
def test_first_convolution(comparison, position):
    network.layer_is_right(comparison, position(0))


@pytest.mark.points(0.5)
def test_first_pooling(comparison, position):
    network.layer_is_right(comparison, position(1))


@pytest.mark.points(1)
def test_second_convolution(comparison, position):
    network.layer_is_right(comparison, position(2))


@pytest.mark.points(0.5)
def test_second_pooling(comparison, position):
    network.layer_is_right(comparison, position(3))


@pytest.mark.points(0.25)
def test_flatten(comparison, position):
    network.layer_is_right(comparison, position("Flatten"))


@pytest.mark.points(0.75)
def test_first_dense(comparison, position, brief):
    network.layer_is_right(comparison, position(4))
    if brief.layers[position(4)].kind == "Conv2D":
        remark(public.AS_CONVOLUTION)


@pytest.mark.points(0.5)
def test_second_dense(comparison, position):
    network.layer_is_right(comparison, position(5))


@pytest.mark.points(0.5)
def test_output_dense(comparison, position, brief, model):
    network.layer_is_right(comparison, position(6))
    if brief != public.form_of(model):
        remark(network.SOFTMAX_IN_THE_LOSS)


@pytest.mark.points(0.25)
def test_nothing_else(comparison):
    network.no_extra_layers(comparison)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_max_pooling(evidence):
    public.max_pooling(evidence)

"""build_lenet: every layer of the brief, and nothing besides; and the other pooling."""

import pytest

from cnnkit.assignments.lenet import architecture as public
from cnnkit.checks.remarks import remark
from cnnkit.expect import network


@pytest.mark.points(0.25)
def test_input(comparison):
    network.input_is_right(comparison)


@pytest.mark.points(1)
def test_first_convolution(comparison, place):
    network.layer_is_right(comparison, place(0))


@pytest.mark.points(0.5)
def test_first_pooling(comparison, place):
    network.layer_is_right(comparison, place(1))


@pytest.mark.points(1)
def test_second_convolution(comparison, place):
    network.layer_is_right(comparison, place(2))


@pytest.mark.points(0.5)
def test_second_pooling(comparison, place):
    network.layer_is_right(comparison, place(3))


@pytest.mark.points(0.25)
def test_flatten(comparison, place):
    network.layer_is_right(comparison, place("Flatten"))


@pytest.mark.points(0.75)
def test_first_dense(comparison, place, brief):
    network.layer_is_right(comparison, place(4))
    if brief.layers[place(4)].kind == "Conv2D":
        remark(public.AS_CONVOLUTION)


@pytest.mark.points(0.5)
def test_second_dense(comparison, place):
    network.layer_is_right(comparison, place(5))


@pytest.mark.points(0.5)
def test_output_dense(comparison, place, brief, model):
    network.layer_is_right(comparison, place(6))
    if brief != public.form_of(model):
        remark(network.SOFTMAX_IN_THE_LOSS)


@pytest.mark.points(0.25)
def test_nothing_else(comparison):
    network.no_extra_layers(comparison)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_max_pooling(evidence):
    public.max_pooling(evidence)

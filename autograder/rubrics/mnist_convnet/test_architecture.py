"""build_convnet: every layer of the specification, and no other."""

import pytest

from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.checks.remarks import remark
from cnnkit.expect import network


@pytest.mark.points(0.25)
def test_input(comparison):
    network.input_is_right(comparison)


@pytest.mark.points(1)
def test_first_convolution(comparison):
    network.layer_is_right(comparison, 0)


@pytest.mark.points(1)
def test_second_convolution(comparison):
    network.layer_is_right(comparison, 1)


@pytest.mark.points(0.75)
def test_max_pooling(comparison):
    network.layer_is_right(comparison, 2)


@pytest.mark.points(0.5)
def test_first_dropout(comparison):
    network.layer_is_right(comparison, 3)


@pytest.mark.points(0.25)
def test_flatten(comparison):
    network.layer_is_right(comparison, 4)


@pytest.mark.points(1)
def test_hidden_dense(comparison):
    network.layer_is_right(comparison, 5)


@pytest.mark.points(0.5)
def test_second_dropout(comparison):
    network.layer_is_right(comparison, 6)


@pytest.mark.points(0.5)
def test_output_dense(comparison, brief):
    network.layer_is_right(comparison, 7)
    if brief != BRIEF:
        remark(network.SOFTMAX_IN_THE_LOSS)


@pytest.mark.points(0.25)
def test_nothing_else(comparison):
    network.no_extra_layers(comparison)

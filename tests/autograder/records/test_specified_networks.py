"""Only the networks that an assignment specifies are built again; every form of them is."""

from dataclasses import replace

import pytest

from autograder.records.specified_networks import is_specified, specified_networks
from cnnkit.assignments.lenet.brief import BRIEF, MAX_BRIEF
from cnnkit.assignments.mnist_convnet.brief import CHECKS


def test_each_form_of_each_network_counts():
    assert is_specified(CHECKS.brief.network, "mnist_convnet")
    assert all(is_specified(network, "lenet") for network in (BRIEF, MAX_BRIEF.network, *MAX_BRIEF.forms))


def test_names_and_compilation_do_not_count():
    network = CHECKS.brief.network
    renamed = replace(network, layers=tuple(replace(layer, name="mine") for layer in network.layers), compiled=None)
    assert is_specified(renamed, "mnist_convnet")


def test_another_network_or_another_assignments_is_none():
    network = CHECKS.brief.network
    assert not is_specified(network, "lenet")
    assert not is_specified(replace(network, layers=network.layers[:-1], outputs=(6,)), "mnist_convnet")
    assert not is_specified(replace(network, input_shape=(None, 32, 32, 1)), "mnist_convnet")


@pytest.mark.parametrize("name", ["data_augmentation", "no_such_assignment", "", "../lenet", "lenet.brief"])
def test_where_none_is_specified_there_is_none(name):
    assert specified_networks(name) == ()

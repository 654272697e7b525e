"""A softmax at the end of a network: there, left out, or taken away."""

import pytest

from cnnkit.networks.brief import sequence
from cnnkit.networks.softmax import ends_in_softmax, leaves_softmax_out, without_softmax


def network(*endings):
    return sequence((None, 4), [("Dense", {"units": 3, "activation": ending}) for ending in endings])


def test_only_the_last_layer_counts():
    assert ends_in_softmax(network("relu", "softmax"))
    assert not ends_in_softmax(network("softmax", "relu"))
    assert not ends_in_softmax(network())


@pytest.mark.parametrize(
    ("found", "expected", "left_out"),
    [
        (("relu", "linear"), ("relu", "softmax"), True),
        (("relu", "softmax"), ("relu", "softmax"), False),
        (("relu", "sigmoid"), ("relu", "softmax"), False),
        (("relu", "linear"), ("relu", "linear"), False),
        ((), ("softmax",), False),
    ],
)
def test_a_softmax_that_is_left_out(found, expected, left_out):
    assert leaves_softmax_out(network(*found), network(*expected)) is left_out


def test_a_layer_of_a_different_kind_leaves_no_softmax_out():
    assert not leaves_softmax_out(sequence((None, 3), [("Dropout", {"rate": 0.5})]), network("softmax"))


def test_a_network_without_its_softmax_ends_in_a_linear_layer():
    assert without_softmax(network("softmax", "softmax")) == network("softmax", "linear")

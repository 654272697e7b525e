"""An examination's memory and time are known before anything is built."""

from dataclasses import replace

import pytest

from autograder.records.rebuild import CannotRebuild
from autograder.records.specified_networks import specified_networks
from autograder.records.workload import require_affordable, workload
from cnnkit.networks.brief import sequence

IMAGE = (None, 28, 28, 1)


def convolutions(number, filters=32):
    rows = [("Conv2D", {"filters": filters, "kernel_size": (3, 3), "padding": "same"})] * number
    return sequence(IMAGE, [*rows, ("Flatten", {}), ("Dense", {"units": 10})])


def test_a_convolution_and_a_dense_layer():
    cost = workload(sequence(IMAGE, [("Conv2D", {"filters": 2, "kernel_size": (3, 3)}), ("Flatten", {})]))
    assert cost.values == 2 * (26 * 26 * 2)
    assert cost.multiply_adds == 26 * 26 * 20 + 2 * (26 * 26 * 2)
    assert workload(sequence((None, 8), [("Dense", {"units": 3})])).multiply_adds == 27 + 3


@pytest.mark.parametrize("assignment", ["mnist_convnet", "lenet"])
def test_what_is_specified_is_affordable(assignment):
    for network in specified_networks(assignment):
        require_affordable(network, at_once=512, images=10_000 + 3 * 10 * 512)


@pytest.mark.parametrize(
    ("network", "at_once", "images", "said"),
    [
        (convolutions(8), 4_096, 4_096, "too many for 4,096 images at once"),
        (convolutions(50), 250, 250, "too many for 250 images at once"),
        (convolutions(1, filters=20_000), 250, 250, "too many for 250 images at once"),
        (convolutions(5), 250, 130_000, "multiply-adds an image, too many for 130,000 images"),
    ],
)
def test_what_takes_too_much_is_refused_with_the_numbers(network, at_once, images, said):
    with pytest.raises(CannotRebuild, match=said):
        require_affordable(network, at_once=at_once, images=images)


def test_the_numbers_are_computed_and_not_those_that_are_claimed():
    honest = convolutions(8)
    layers = tuple(replace(layer, output_shape=(None, 1), parameters=0) for layer in honest.layers)
    lying = replace(honest, layers=layers)
    assert workload(lying) == workload(honest)


def test_a_layer_that_contradicts_itself_is_refused():
    network = sequence(IMAGE, [("Flatten", {})])
    layer = network.layers[0].__class__("Conv2D", {"filters": -1}, (None, 1), 0, 0)
    with pytest.raises(CannotRebuild):
        workload(network.__class__(IMAGE, (layer,), (0,), 0, 0))

"""feature_maps, of networks that the kit builds with known weights: no other exercise has to be right."""

import numpy as np
import pytest

from autograder.rubrics.lenet import reference
from cnnkit import expect
from cnnkit.assignments.lenet import maps as public
from cnnkit.assignments.lenet.brief import BRIEF
from cnnkit.networks.brief import sequence
from cnnkit.probe.built import BuiltNetwork

OTHER = sequence(
    (None, 20, 24, 3),
    [
        ("Conv2D", {"filters": 5, "kernel_size": (3, 3), "padding": "same", "activation": "relu"}),
        ("Conv2D", {"filters": 7, "kernel_size": (2, 4), "activation": "relu"}),
        ("Dropout", {"rate": 0.4}),
        ("MaxPooling2D", {"pool_size": (2, 2), "strides": (2, 2)}),
        ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "activation": "tanh"}),
        ("Flatten", {}),
        ("Dense", {"units": 2, "activation": "softmax"}),
    ],
)
OTHER_VALUES = "That is not what this convolution puts out for the image."


def check(call, built, image, what, hint):
    wanted = reference.feature_maps(built, image)
    found = public.maps_of(call("feature_maps", built, image), what, [one.shape for one in wanted], reveal=False)
    for number, (ours, right) in enumerate(zip(found, wanted, strict=True), 1):
        what_of = f"{what}, array {number}"
        expect.values(ours, right, what_of, tolerance=1e-4, reveal=False, instead=OTHER_VALUES, hint=hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_shapes_of_the_maps(evidence):
    public.shapes_of_the_maps(evidence)


@pytest.mark.points(0.75)
@pytest.mark.depends("shapes_of_the_maps")
def test_values_of_the_maps(call, draw):
    """The outputs of the given network's layers, for the given image."""
    image = draw("values_of_the_maps").random((32, 32, 1), dtype=np.float32)
    hint = "Use the given model's own layers, `layer.output`, and the given image as it is."
    check(call, BuiltNetwork(BRIEF, 12), image, public.LENET_MAPS, hint)


@pytest.mark.points(0.75)
def test_any_network(call, draw):
    """Three convolutions at different positions, an image in colour, dropout that must stay off."""
    image = draw("any_network").random((20, 24, 3), dtype=np.float32)
    what = "feature_maps of a network with three convolutions"
    hint = "Take those of model.layers that are Conv2D, whatever their number and place; call the model as to predict."
    check(call, BuiltNetwork(OTHER, 13), image, what, hint)

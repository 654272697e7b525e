"""A network on a backbone is taken apart the same way however it was put together. Without TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest

from cnnkit.expect.backbone import parts, plain_head, rescaled
from cnnkit.networks.backbones import backbone_layers
from cnnkit.networks.brief import sequence, wired
from cnnkit.networks.model_spec import LayerSpec

SHAPE = (None, 96, 96, 3)
DENSE = ("Dense", {"units": 1, "activation": "sigmoid"})


def network(name, *head, front=()):
    """Layers in a row before and behind a backbone."""
    layers = [(kind, given, (k - 1,)) for k, (kind, given) in enumerate(front)]
    first = len(layers)
    for kind, given, inputs in backbone_layers(name, frozen=True):
        layers.append((kind, given, tuple(first - 1 if k < 0 else first + k for k in inputs)))
    for kind, given in head:
        layers.append((kind, given, (len(layers) - 1,)))
    return wired(SHAPE, layers)


@pytest.mark.parametrize("name", ["VGG16", "ResNet50"])
def test_front_backbone_and_head(name):
    front = [("Rescaling", {"scale": 2.0}), ("Rescaling", {"scale": 1.0, "offset": -1.0})]
    spec = network(name, ("GlobalAveragePooling2D", {}), DENSE, front=front)
    found = parts(spec, "VGG16")
    assert found.name == name
    assert [layer.kind for layer in found.front] == ["Rescaling", "Rescaling"]
    assert (found.backbone.start, found.backbone.stop) == (2, len(spec.layers) - 2)
    assert [layer.kind for layer in found.head.layers] == ["GlobalAveragePooling2D", "Dense"]
    assert [layer.inputs for layer in found.head.layers] == [(-1,), (0,)]
    assert found.head.input_shape == spec.layers[-3].output_shape
    assert found.head.outputs == (1,)


def test_without_a_known_backbone_the_head_begins_where_the_maps_end():
    rows = [("Conv2D", {"filters": 4, "kernel_size": (3, 3)}), ("Flatten", {}), DENSE]
    found = parts(sequence((None, 8, 8, 3), rows), "VGG16")
    assert (found.name, list(found.backbone)) == ("", [0])
    assert [layer.kind for layer in found.head.layers] == ["Flatten", "Dense"]


def test_a_backbone_alone_has_no_head():
    found = parts(network("VGG16"), "VGG16")
    assert found.head.layers == ()
    assert found.head.outputs == (-1,)


@pytest.mark.parametrize(
    "rows",
    [
        [("GlobalAveragePooling2D", {}), ("Flatten", {})],
        [("GlobalAveragePooling2D", {"keepdims": True}), ("Flatten", {})],
        [("AveragePooling2D", {"pool_size": (3, 3), "strides": (3, 3)}), ("Flatten", {})],
    ],
)
def test_ways_to_write_the_mean(rows):
    wanted = sequence((None, 3, 3, 7), [("GlobalAveragePooling2D", {}), DENSE])
    found = plain_head(sequence((None, 3, 3, 7), [*rows, DENSE]))
    assert [(layer.kind, layer.config, layer.inputs, layer.output_shape) for layer in found.layers] == [
        (layer.kind, layer.config, layer.inputs, layer.output_shape) for layer in wanted.layers
    ]


def test_flatten_of_one_place_is_its_mean_and_of_several_is_not():
    kinds = {size: plain_head(sequence((None, size, size, 5), [("Flatten", {})])).layers[0].kind for size in (1, 3)}
    assert kinds == {1: "GlobalAveragePooling2D", 3: "Flatten"}


def test_an_average_over_part_of_the_map_stays_what_it_is():
    found = plain_head(sequence((None, 4, 4, 5), [("AveragePooling2D", {}), ("Flatten", {})]))
    assert [layer.kind for layer in found.layers] == ["AveragePooling2D", "Flatten"]


def test_pixels_on_their_way():
    caffe = LayerSpec("Rescaling", {"scale": 1.0, "offset": (-1.0, -2.0, -3.0), "channels": "reversed"}, (), 0, 0)
    half = LayerSpec("Rescaling", {"scale": 0.5, "offset": 0.0}, (), 0, 0)
    pixels = np.array([[10.0, 20.0, 30.0]])
    assert rescaled([caffe, half], pixels).tolist() == [[14.5, 9.0, 3.5]]
    assert rescaled([], pixels) is pixels
    assert rescaled([replace(half, kind="GaussianNoise")], pixels) is None
    assert rescaled([replace(half, config={})], pixels) is None

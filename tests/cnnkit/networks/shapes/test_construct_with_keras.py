"""A network built from its description is the described one, and nothing is built that should not be."""

import random
from dataclasses import replace

import keras
import numpy as np
import pytest

from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.networks.brief import sequence, wired
from cnnkit.networks.describe.keras_model import describe
from cnnkit.networks.shapes.construct import construct

pytestmark = pytest.mark.tensorflow

IMAGE = (None, 12, 12, 4)
CONVOLUTION = {"filters": 6, "kernel_size": (3, 2)}

NETWORKS = {
    "the ConvNet": BRIEF,
    "convolutions": sequence(
        IMAGE,
        [
            ("Conv2D", {**CONVOLUTION, "strides": (2, 1), "groups": 2, "activation": "tanh", "use_bias": False}),
            ("Conv2D", {**CONVOLUTION, "dilation_rate": (2, 1), "padding": "same"}),
            ("DepthwiseConv2D", {"kernel_size": (2, 2), "depth_multiplier": 2, "activation": "relu"}),
            ("SeparableConv2D", {**CONVOLUTION, "padding": "same"}),
        ],
    ),
    "pooling and borders": sequence(
        IMAGE,
        [
            ("ZeroPadding2D", {"padding": (1, 2, 0, 3)}),
            ("AveragePooling2D", {"pool_size": (2, 2), "strides": (1, 2), "padding": "same"}),
            ("MaxPooling2D", {"pool_size": (3, 3), "strides": (1, 1)}),
            ("UpSampling2D", {"size": (2, 1), "interpolation": "bilinear"}),
            ("Cropping2D", {"cropping": (0, 1, 2, 1)}),
            ("GlobalMaxPooling2D", {"keepdims": True}),
            ("GlobalAveragePooling2D", {}),
        ],
    ),
    "normalisation": sequence(
        IMAGE,
        [
            ("Rescaling", {"scale": 0.5, "offset": -1.0}),
            ("BatchNormalization", {"momentum": 0.9, "scale": False}),
            ("LayerNormalization", {"epsilon": 0.01}),
            ("GroupNormalization", {"groups": 2}),
            ("LeakyReLU", {"negative_slope": 0.1}),
            ("PReLU", {}),
        ],
    ),
    "dropping": sequence(
        IMAGE,
        [
            ("SpatialDropout2D", {"rate": 0.2}),
            ("GaussianNoise", {"stddev": 0.5}),
            ("Flatten", {}),
            ("Dropout", {"rate": 0.25}),
            ("GaussianDropout", {"rate": 0.1}),
            ("AlphaDropout", {"rate": 0.1}),
            ("Dense", {"units": 3, "activation": "softmax", "use_bias": False}),
        ],
    ),
    "other shapes": sequence(IMAGE, [("Permute", {"dims": (3, 1, 2)}), ("Reshape", {"target_shape": (24, 24)})]),
    "one dimension": sequence(
        (None, 20, 3),
        [
            ("Conv1D", {"filters": 4, "kernel_size": (3,), "padding": "causal"}),
            ("MaxPooling1D", {"pool_size": (2,), "strides": (1,)}),
            ("GlobalAveragePooling1D", {}),
        ],
    ),
    "a frozen layer": sequence((None, 5), [("Dense", {"units": 4, "trainable": False}), ("Dense", {"units": 2})]),
    "a way around": wired(
        IMAGE,
        [
            ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "padding": "same"}, (-1,)),
            ("BatchNormalization", {}, (0,)),
            ("Add", {}, (1, -1)),
            ("Concatenate", {}, (2, 0)),
        ],
    ),
}


def without_names(spec):
    return replace(spec, layers=tuple(replace(layer, name="") for layer in spec.layers))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_what_is_built_is_what_was_described(network):
    model = construct(network).model

    assert without_names(describe(model)) == network
    image = np.zeros((2, *network.input_shape[1:]), "float32")
    assert tuple(model(image).shape[1:]) == network.layers[-1].output_shape[1:]


def test_the_layers_come_in_the_order_of_the_description():
    spec = NETWORKS["a way around"]
    layers = construct(spec).layers

    assert [type(layer).__name__ for layer in layers] == [layer.kind for layer in spec.layers]


def test_a_chain_is_a_sequential_model():
    assert isinstance(construct(BRIEF).model, keras.Sequential)


def test_the_random_state_stays_as_it_was():
    keras.utils.set_random_seed(5)
    first = (random.random(), keras.random.normal((2,)).numpy().tolist())
    keras.utils.set_random_seed(5)
    construct(BRIEF)

    assert (random.random(), keras.random.normal((2,)).numpy().tolist()) == first

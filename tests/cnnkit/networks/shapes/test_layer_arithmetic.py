"""Shapes and parameters from settings: the numbers of the assignments, and the edges of the formulas."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import LayerSpec
from cnnkit.networks.shapes.layer_arithmetic import (
    ImpossibleLayer,
    UnknownLayer,
    layer_output,
    layer_parameters,
    layer_trainable,
    pads_nothing,
    propagate,
)

IMAGE = (None, 28, 28, 1)

CONVNET = [
    ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
    ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "padding": "same", "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1)}),
    ("Dropout", {"rate": 0.35}),
    ("Flatten", {}),
    ("Dense", {"units": 256, "activation": "tanh"}),
    ("Dropout", {"rate": 0.5}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]

LENET = [
    ("Conv2D", {"filters": 6, "kernel_size": (5, 5)}),
    ("AveragePooling2D", {}),
    ("Conv2D", {"filters": 16, "kernel_size": (5, 5)}),
    ("AveragePooling2D", {}),
    ("Conv2D", {"filters": 120, "kernel_size": (5, 5)}),
    ("Flatten", {}),
    ("Dense", {"units": 84}),
    ("Dense", {"units": 10}),
]


def test_the_convnet_of_the_assignment():
    spec = sequence(IMAGE, CONVNET)

    assert [layer.parameters for layer in spec.layers] == [640, 8_224, 0, 0, 0, 1_179_904, 0, 2_570]
    assert [layer.output_shape[1:] for layer in spec.layers] == [
        (13, 13, 64),
        (13, 13, 32),
        (12, 12, 32),
        (12, 12, 32),
        (4_608,),
        (256,),
        (256,),
        (10,),
    ]
    assert spec.parameters == spec.trainable == 1_191_338


def test_lenet():
    spec = sequence((None, 32, 32, 1), LENET)

    assert [layer.parameters for layer in spec.layers if layer.parameters] == [156, 2_416, 48_120, 10_164, 850]
    assert spec.parameters == 61_706


def test_a_small_network_that_ends_in_a_dense_layer():
    # 32x32x3, Figure 2-14 of the notes: 490 + 1,820 + 12,810 parameters
    first = layer_parameters("Conv2D", {"filters": 10, "kernel_size": (4, 4)}, [(None, 32, 32, 3)])
    second = layer_parameters("Conv2D", {"filters": 20, "kernel_size": (3, 3)}, [(None, 16, 16, 10)])
    third = layer_parameters("Dense", {"units": 10}, [(None, 1_280)])

    assert (first, second, third) == (490, 1_820, 12_810)
    assert first + second + third == 15_120


@pytest.mark.parametrize(
    ("kind", "config", "shapes", "output", "parameters"),
    [
        ("Conv2D", {"filters": 8, "kernel_size": (3, 3), "groups": 2}, [(None, 5, 5, 4)], (None, 3, 3, 8), 152),
        ("Conv2D", {"filters": 8, "kernel_size": (1, 3)}, [(None, None, 9, 2)], (None, None, 7, 8), 56),
        ("Conv2D", {"filters": 4, "kernel_size": (2, 2), "data_format": "channels_first"}, [(None, 3, 8, 6)],
         (None, 4, 7, 5), 52),
        ("DepthwiseConv2D", {"kernel_size": (3, 3), "depth_multiplier": 2}, [(None, 5, 5, 3)], (None, 3, 3, 6), 60),
        ("SeparableConv2D", {"filters": 7, "kernel_size": (3, 3), "use_bias": False}, [(None, 5, 5, 3)],
         (None, 3, 3, 7), 48),
        ("Dense", {"units": 3}, [(None, 4, 5)], (None, 4, 3), 18),
        ("MaxPooling2D", {"pool_size": (3, 3)}, [(None, 9, 9, 2)], (None, 3, 3, 2), 0),  # strides are the pool size
        ("AveragePooling2D", {"padding": "same"}, [(None, 5, 5, 2)], (None, 3, 3, 2), 0),
        ("GlobalAveragePooling2D", {}, [(None, 7, 7, 512)], (None, 512), 0),
        ("GlobalMaxPooling2D", {"keepdims": True}, [(None, 7, 7, 512)], (None, 1, 1, 512), 0),
        ("Flatten", {}, [(None, 12, None, 32)], (None, None), 0),
        ("Flatten", {}, [(None,)], (None, 1), 0),
        ("BatchNormalization", {}, [(None, 5, 5, 6)], (None, 5, 5, 6), 24),
        ("BatchNormalization", {"scale": False}, [(None, 6)], (None, 6), 18),
        ("LayerNormalization", {"axis": (-2, -1)}, [(None, 5, 6)], (None, 5, 6), 60),
        ("ZeroPadding2D", {"padding": (1, 2, 3, 4)}, [(None, 5, 5, 1)], (None, 8, 12, 1), 0),
        ("Cropping2D", {"cropping": (1, 1)}, [(None, 5, 5, 1)], (None, 3, 3, 1), 0),
        ("UpSampling2D", {"size": (2, 3)}, [(None, 5, 5, 1)], (None, 10, 15, 1), 0),
        ("Reshape", {"target_shape": (-1, 2)}, [(None, 3, 4)], (None, 6, 2), 0),
        ("Permute", {"dims": (2, 1)}, [(None, 3, 4)], (None, 4, 3), 0),
        ("Add", {}, [(None, 5, 5, 4), (None, 1, 1, 4)], (None, 5, 5, 4), 0),
        ("Concatenate", {}, [(None, 5, 5, 4), (None, 5, 5, 3)], (None, 5, 5, 7), 0),
        ("PReLU", {"shared_axes": (1, 2)}, [(None, 5, 5, 4)], (None, 5, 5, 4), 4),
    ],
)  # fmt: skip
def test_one_layer(kind, config, shapes, output, parameters):
    assert layer_output(kind, config, shapes) == output
    assert layer_parameters(kind, config, shapes) == parameters


@pytest.mark.parametrize(
    ("kind", "config", "shapes", "words"),
    [
        ("Conv2D", {"filters": 8, "kernel_size": (5, 5)}, [(None, 4, 4, 1)], "5×5 does not fit into an input of 4×4"),
        ("Conv2D", {"filters": 8, "kernel_size": (3, 3)}, [(None, 784)], "2 spatial axes"),
        ("MaxPooling2D", {"pool_size": (2, 2)}, [(None, 1, 1, 3)], "2×2 does not fit"),
        ("Reshape", {"target_shape": (5, 5)}, [(None, 24)], "24 values"),
        ("Add", {}, [(None, 3), (None, 4)], "same shape"),
        ("Add", {}, [(None, 3)], "two or more"),
        ("Concatenate", {}, [(None, 3, 2), (None, 4, 2)], "differ only in axis 2"),
        ("Dense", {}, [(None, 3)], "units"),
        ("Dense", {"units": 3}, [(None,)], "features"),
        ("Dropout", {"rate": 0.5}, [(None, 3), (None, 3)], "one input"),
        ("Cropping2D", {"cropping": (2, 2)}, [(None, 4, 4, 1)], "leaves nothing"),
    ],
)
def test_impossible_layers_say_why(kind, config, shapes, words):
    with pytest.raises(ImpossibleLayer, match=words):
        layer_output(kind, config, shapes)


def test_groups_have_to_divide_the_channels():
    with pytest.raises(ImpossibleLayer, match="3 groups do not divide 4 input channels"):
        layer_parameters("Conv2D", {"filters": 6, "kernel_size": (3, 3), "groups": 3}, [(None, 9, 9, 4)])


def test_parameters_need_a_known_size():
    with pytest.raises(ImpossibleLayer, match="open"):
        layer_parameters("Dense", {"units": 10}, [(None, None)])


def test_moving_averages_are_not_trainable():
    assert layer_trainable("BatchNormalization", {}, [(None, 8, 8, 16)]) == 32
    assert layer_parameters("BatchNormalization", {}, [(None, 8, 8, 16)]) == 64


def test_unknown_kinds_are_said_to_be_unknown():
    with pytest.raises(UnknownLayer, match="MultiHeadAttention"):
        layer_output("MultiHeadAttention", {}, [(None, 3)])
    with pytest.raises(UnknownLayer, match="MultiHeadAttention"):
        layer_parameters("MultiHeadAttention", {}, [(None, 3)])


def test_propagate_follows_the_graph():
    convolution = LayerSpec("Conv2D", {"filters": 1, "kernel_size": (3, 3), "padding": "same"}, (), 0, 0, (-1,))
    skip = LayerSpec("Add", {}, (), 0, 0, (0, -1))

    assert propagate(IMAGE, [convolution, skip]) == [(IMAGE, 10), (IMAGE, 0)]


def test_propagate_names_the_layer_that_does_not_fit():
    layers = [LayerSpec("Flatten", {}, (), 0, 0, (-1,)), LayerSpec("MaxPooling2D", {}, (), 0, 0, (0,))]

    with pytest.raises(ImpossibleLayer, match="layer 2, MaxPooling2D"):
        propagate(IMAGE, layers)


def test_none_of_it_needs_keras():
    program = "import sys, cnnkit.spec; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("kind", "config", "shape", "nothing"),
    [
        ("AveragePooling2D", {"pool_size": (2, 2)}, (None, 28, 28, 6), True),
        ("AveragePooling2D", {"pool_size": (2, 2)}, (None, 13, 13, 6), False),
        ("AveragePooling2D", {"pool_size": (2, 2)}, (None, 28, 13, 6), False),
        ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1)}, (None, 28, 28, 6), False),
        ("MaxPooling2D", {"pool_size": (3, 3), "strides": (2, 2)}, (None, 7, 7, 6), False),
        ("MaxPooling2D", {"pool_size": (1, 1), "strides": (2, 2)}, (None, 7, 7, 6), True),
        ("Conv2D", {"kernel_size": (1, 1)}, (None, 7, 7, 6), True),
        ("Conv2D", {"kernel_size": (4, 4), "strides": (4, 4)}, (None, 8, 12, 6), True),
        ("Conv2D", {"kernel_size": (2, 2), "strides": (3, 3), "dilation_rate": (2, 2)}, (None, 9, 9, 6), True),
        ("Conv2D", {"kernel_size": (3, 3)}, (None, 8, 8, 6), False),
        ("AveragePooling2D", {"pool_size": (2, 2)}, (None, None, 28, 6), False),
        ("AveragePooling2D", {"pool_size": (2, 2), "data_format": "channels_first"}, (None, 6, 28, 28), False),
        ("Conv2DTranspose", {"kernel_size": (2, 2), "strides": (2, 2)}, (None, 8, 8, 6), False),
        ("Flatten", {}, (None, 8, 8, 6), False),
    ],
)
def test_padding_that_adds_nothing(kind, config, shape, nothing):
    assert pads_nothing(kind, config, shape) is nothing


@given(st.integers(1, 30), st.integers(1, 6), st.integers(1, 6))
def test_where_same_pads_nothing_it_gives_the_size_of_valid(size, window, step):
    config = {"pool_size": (window, window), "strides": (step, step)}
    if pads_nothing("MaxPooling2D", config, (None, size, size, 1)):
        same, valid = (
            layer_output("MaxPooling2D", {**config, "padding": padding}, [(None, size, size, 1)])
            for padding in ("same", "valid")
        )
        assert same == valid

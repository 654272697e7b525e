"""Every layer that the grader computes with NumPy puts out what Keras's own does, and reports the same samples."""

import keras
import numpy as np
import pytest

from autograder.evidence.forward_proof import _is_computed, disproof, plan
from autograder.evidence.layer_values import ACTIVATIONS, LAYERS, NotComputed, layer_values
from cnnkit.networks.describe.weightless import build_and_trace
from cnnkit.probe.forward import run_on_numbers

pytestmark = pytest.mark.tensorflow

L = keras.layers
IMAGE = (9, 8, 6)
CASES = [
    (L.Conv2D, {"filters": 4, "kernel_size": (3, 2), "strides": (2, 2), "padding": "same", "activation": "relu"}),
    (L.Conv2D, {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "use_bias": False}),
    (L.Conv2D, {"filters": 4, "kernel_size": 2, "groups": 2, "padding": "same"}),
    (L.DepthwiseConv2D, {"kernel_size": 3, "depth_multiplier": 2, "strides": 2, "padding": "same"}),
    (L.SeparableConv2D, {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}),
    (L.MaxPooling2D, {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"}),
    (L.AveragePooling2D, {"pool_size": 3, "strides": 2, "padding": "same"}),
    (L.AveragePooling2D, {"pool_size": 2}),
    (L.GlobalMaxPooling2D, {}),
    (L.GlobalAveragePooling2D, {"keepdims": True}),
    (L.Dense, {"units": 3, "activation": "softmax"}),
    (L.Flatten, {}),
    (L.Reshape, {"target_shape": (6, -1)}),
    (L.Permute, {"dims": (3, 1, 2)}),
    (L.BatchNormalization, {}),
    (L.BatchNormalization, {"center": False, "scale": False, "epsilon": 0.1}),
    (L.LayerNormalization, {}),
    (L.ReLU, {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}),
    (L.LeakyReLU, {"negative_slope": 0.3}),
    (L.ELU, {"alpha": 0.7}),
    (L.Rescaling, {"scale": 0.5, "offset": -1.0}),
    (L.ZeroPadding2D, {"padding": ((1, 2), (0, 3))}),
    (L.Cropping2D, {"cropping": ((1, 2), (0, 3))}),
    (L.UpSampling2D, {"size": (2, 3)}),
    (L.Dropout, {"rate": 0.5}),
    (L.SpatialDropout2D, {"rate": 0.5}),
    (L.GaussianNoise, {"stddev": 0.5}),
    (L.RandomFlip, {}),
]
IN_A_ROW = [
    (L.Conv1D, {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}),
    (L.DepthwiseConv1D, {"kernel_size": 3}),
    (L.SeparableConv1D, {"filters": 4, "kernel_size": 3}),
    (L.MaxPooling1D, {}),
    (L.AveragePooling1D, {"pool_size": 2}),
    (L.GlobalMaxPooling1D, {}),
    (L.GlobalAveragePooling1D, {}),
]


def disproved(build, input_shape):
    traced = build_and_trace(build, input_shape)
    asked = plan(traced.spec, traced.origins, 11)
    found = run_on_numbers(traced, 11, asked.batch, restart=asked.restart, leave_out=asked.leave_out)
    return traced, asked, found, disproof(traced.spec, traced.origins, asked, found.layers, found.outputs)


@pytest.mark.parametrize(
    ("shape", "layer", "settings"),
    [((*IMAGE,), *case) for case in CASES] + [((9, 6), *case) for case in IN_A_ROW],
    ids=lambda value: getattr(value, "__name__", None) or "",
)
def test_a_layer_is_as_keras_has_it(shape, layer, settings):
    image = keras.Input(shape)
    traced, asked, found, said = disproved(lambda: keras.Model(image, layer(**settings)(image * 2.0)), (None, *shape))
    kind = layer.__name__
    assert said == ""
    assert kind in [one.kind for one in traced.spec.layers] or kind in ("Dropout", "Reshape")
    assert asked.restart == ()
    last = len(traced.spec.layers) - 1
    if last in found.layers and _is_computed(traced.spec.layers[last]):
        found.layers[last] = [one + 0.5 for one in found.layers[last]]
        said = disproof(traced.spec, traced.origins, asked, found.layers, found.outputs)
        assert "computes something else" in said


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_as_keras_has_it(name):
    image = keras.Input((7,))
    model = keras.Model(image, L.Dense(20, activation=name)(image))
    assert disproved(lambda: model, (None, 7))[-1] == ""


@pytest.mark.parametrize("merge", [L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate])
def test_a_merge_is_as_keras_has_it(merge):
    image = keras.Input(IMAGE)
    model = keras.Model(image, merge()([L.Conv2D(3, 1)(image), L.Conv2D(3, 1)(image)]))
    assert disproved(lambda: model, (None, *IMAGE))[-1] == ""


def test_an_unknown_layer_has_no_values():
    for kind, config in (
        ("MaxPooling2D", {"pool_size": (10**5, 10**5), "padding": "same"}),
        ("Conv2D", {"filters": 1, "kernel_size": (2, 2), "dilation_rate": (10**9, 1), "padding": "same"}),
        ("Conv2D", {}),
        ("Mine", {}),
        ("Conv2D", {"data_format": "channels_first"}),
        ("Dense", {"units": "many"}),
    ):
        with pytest.raises(NotComputed):
            layer_values(kind, config, [np.ones((1, 3, 3, 1), np.float32)], lambda name, shape: np.ones(shape))
    assert len(LAYERS) > 40

"""Models without weights: as described with them, at a fraction of the memory, and without a trace afterwards."""

import random
import resource

import keras
import numpy as np
import pytest
from keras import layers
from keras.src.backend.common import global_state

from cnnkit.networks.describe.keras_model import DescribeError, describe
from cnnkit.networks.describe.weightless import build_and_describe, building_without_weights

pytestmark = pytest.mark.tensorflow


def build():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])


def test_the_description_is_the_same():
    with building_without_weights():
        spec = describe(build())
    real = describe(build())

    assert (spec.parameters, [layer.config for layer in spec.layers]) == (
        real.parameters,
        [layer.config for layer in real.layers],
    )


def test_big_models_take_no_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spec = build_and_describe(lambda: keras.applications.VGG16(weights=None), source="VGG16()")

    assert spec.parameters == 138_357_544
    assert len(spec.layers) == 22
    # The weights alone would be 550 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_optimizers_can_be_made_inside():
    def compiled():
        model = build()
        model.compile(keras.optimizers.Adam(0.002), "categorical_crossentropy", metrics=["accuracy"])
        model.summary(print_fn=lambda *_, **__: None)
        assert model.count_params() == 54_170
        return model

    with building_without_weights():
        spec = describe(compiled())

    assert spec.compiled is not None
    assert (spec.compiled.optimizer, spec.compiled.optimizer_config["learning_rate"]) == ("adam", 0.002)


def test_afterwards_everything_is_as_before():
    random.seed(7)
    expected = random.random()
    create = keras.optimizers.Optimizer.__init__
    waiting = len(global_state.get_global_attribute("uninitialized_variables") or [])
    random.seed(7)

    def noisy():
        keras.random.normal((2,))
        random.random()
        return build()

    build_and_describe(noisy)

    assert random.random() == expected
    assert keras.optimizers.Optimizer.__init__ is create
    assert len(global_state.get_global_attribute("uninitialized_variables") or []) == waiting
    assert keras.random.normal((2,)).shape == (2,)
    model = build()
    model.compile("sgd", "mse")
    model.fit(np.zeros((4, 28, 28, 1)), np.zeros((4, 10)), verbose=0)


def test_an_error_inside_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), building_without_weights():
        raise ZeroDivisionError

    assert build().layers[0].kernel.value.shape == (3, 3, 1, 8)


def test_what_needs_weights_is_built_with_them():
    def trained():
        model = build()
        model.compile("sgd", "mse")
        model.fit(np.zeros((4, 28, 28, 1)), np.zeros((4, 10)), verbose=0)
        return model

    assert build_and_describe(trained).parameters == 54_170


def test_a_function_that_raises_raises():
    with pytest.raises(ZeroDivisionError):
        build_and_describe(lambda: 1 / 0)


def test_what_returns_no_model_is_called_once():
    calls = []

    def build_convnet():
        calls.append(1)
        return "a model"

    with pytest.raises(DescribeError, match=r"build_convnet\(\) returned a str; expected a Keras model"):
        build_and_describe(build_convnet)
    assert len(calls) == 1

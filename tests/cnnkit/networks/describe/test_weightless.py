"""Models without weights: as described with them, at a fraction of the memory, and without a trace afterwards."""

import random
import resource

import keras
import numpy as np
import pytest
from keras import layers
from keras.src.backend.common import global_state

from cnnkit.networks.describe.keras_model import DescribeError, describe
from cnnkit.networks.describe.weightless import (
    WeightsNeeded,
    build_and_describe,
    building_without_weights,
    call_without_weights,
)

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
    np.random.seed(7)
    expected, expected_of_numpy = random.random(), np.random.random()
    create = keras.Variable.__init__
    waiting = len(global_state.get_global_attribute("uninitialized_variables") or [])
    random.seed(7)
    np.random.seed(7)

    def noisy():
        keras.random.normal((2,))
        random.random()
        np.random.random()
        return build()

    build_and_describe(noisy)

    assert random.random() == expected
    assert keras.Variable.__init__ is create
    assert np.random.random() == expected_of_numpy
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


@pytest.mark.parametrize("asked", [{}, {"dtype": "int"}, {"dtype": "float32"}])
@pytest.mark.parametrize("value", [0, 0.5, True, np.float64(0.5), np.arange(3)])
def test_a_variable_that_is_created_from_a_number_is_as_keras_creates_it(value, asked):
    real = keras.Variable(value, **asked)
    with building_without_weights() as scope:
        variable = keras.Variable(value, **asked)
        found = variable.dtype, tuple(variable.shape), variable.numpy().tolist()
    assert found == (real.dtype, tuple(real.shape), real.numpy().tolist())
    assert scope.needed == ""


def test_a_learning_rate_can_be_set_inside():
    with building_without_weights() as scope:
        optimizer = keras.optimizers.Adadelta()
        optimizer.learning_rate = 0.5
        assert optimizer.get_config()["learning_rate"] == 0.5
    assert scope.needed == ""


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (lambda model: model.get_weights(), "its code reads the weights"),
        (lambda model: model.weights[0].assign(np.zeros((3, 3, 1, 8))), "its code sets weights"),
        (lambda model: model.summary(print_fn=lambda *_, **__: None), ""),
        (lambda model: model(keras.Input((28, 28, 1))), ""),
    ],
)
def test_use_of_weights_is_recorded(use, reason):
    with building_without_weights() as scope:
        use(build())
    assert scope.needed == reason


def test_setting_weights_of_an_old_network_is_recorded():
    model = build()
    with building_without_weights() as scope:
        model.set_weights([np.zeros(one.shape) for one in model.weights])
    assert scope.needed == "its code sets weights"


def test_what_is_left_behind_is_told_from_what_is_gone():
    with building_without_weights() as scope:
        model = build()
    assert scope.left_behind()
    del model
    assert not scope.left_behind()


def test_a_call_that_needs_no_weights():
    assert call_without_weights(lambda scope: keras.optimizers.SGD(0.5).get_config()["learning_rate"]) == 0.5


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda scope: 1 / 0, "it raised ZeroDivisionError"),
        (lambda scope: exit(), "it raised SystemExit"),
        (lambda scope: build().get_weights(), "its code reads the weights"),
        (lambda scope: build(), "something without weights is still in use afterwards"),
        (lambda scope: scope.need("its own reason"), "its own reason"),
    ],
)
def test_a_call_that_needs_weights(function, reason):
    with pytest.raises(WeightsNeeded, match=reason):
        call_without_weights(function)

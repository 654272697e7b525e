"""Settings of a compiled model, as far as they can be read; nothing here may stop a training."""

import keras
import pytest
from keras import layers

from cnnkit.recording.model_settings import (
    compiled_loss,
    compiled_optimizer,
    dtype_policies,
    learning_rate,
    step_settings,
)

pytestmark = pytest.mark.tensorflow


def compiled(optimizer="adam", loss="categorical_crossentropy", **settings):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="softmax")])
    model.compile(optimizer, loss, **settings)
    return model


def test_optimizers():
    found = compiled_optimizer(compiled(keras.optimizers.SGD(0.1, nesterov=True, momentum=0.5)))
    assert (found["name"], found["learning_rate"], found["nesterov"]) == ("sgd", 0.1, 1.0)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    assert compiled_optimizer(compiled(keras.optimizers.SGD(schedule)))["learning_rate"] == "ExponentialDecay"


def test_losses():
    name, found = compiled_loss(compiled())
    assert (name, found["label_smoothing"], found["from_logits"]) == ("categorical_crossentropy", 0.0, 0.0)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction="sum")
    name, found = compiled_loss(compiled(loss=loss, loss_weights=0.5))
    assert (name, found["label_smoothing"], found["from_logits"]) == ("categorical_crossentropy", 0.1, 1.0)
    assert (found["reduction"], found["loss_weights"]) == ("sum", 0.5)
    assert compiled_loss(compiled(loss_weights=[0.5]))[1]["loss_weights"] == "several"


def test_learning_rates():
    assert learning_rate(compiled(keras.optimizers.SGD(0.01))) == 0.01
    assert learning_rate(compiled(keras.optimizers.SGD(float("inf")))) is None
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.9)
    assert learning_rate(compiled(keras.optimizers.SGD(schedule))) == 0.5


def test_dtypes_of_layers():
    mixed = layers.Dense(2, dtype="mixed_float16")
    assert dtype_policies([layers.Flatten(), None, mixed]) == ("float32", "", "mixed_float16")


def test_settings_of_steps():
    assert step_settings(compiled(run_eagerly=True))["run_eagerly"] == 1.0


def test_what_is_no_model_has_none():
    assert compiled_optimizer(object())["name"] == ""
    assert compiled_loss(object()) == ("", {})
    assert learning_rate(object()) is None

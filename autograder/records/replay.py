"""Replay of a training's first steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autograder.records.rebuild import CannotRebuild
from cnnkit.data.batch_datasets import Batch

OPTIMIZERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "adamax": "Adamax",
    "adadelta": "Adadelta",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
}
"""Keras classes of the supported optimizers, by their names in a record."""

_NOT_ARGUMENTS = ("name", "use_ema", "ema_momentum")
_SWITCHES = ("nesterov", "amsgrad", "centered")


class Stepper:
    """Takes training steps with one optimizer, from its initial state each time.

    Args:
        model: the caller resets its weights and random number generators before each call of `losses`.
        loss: Keras's name of the loss.
        optimizer: a new Keras optimizer.
    """

    def __init__(self, model: Any, loss: str, optimizer: Any) -> None:
        optimizer.build(model.trainable_variables)
        self._fresh = [(variable, _unless_zero(np.asarray(variable))) for variable in optimizer.variables]
        compute = keras.losses.get(loss)
        variables = model.trainable_variables

        @tf.function(reduce_retracing=True)
        def step(images: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(compute(labels, model(images, training=True)))
            optimizer.apply(tape.gradient(value, [variable.value for variable in variables]), variables)
            return value

        self._step = step

    def losses(self, batches: Sequence[Batch]) -> list[float]:
        """Take one step for each batch and return the loss of each."""
        for variable, value in self._fresh:
            variable.assign(np.zeros(variable.shape, variable.dtype) if value is None else value)
        return [float(self._step(tf.constant(images), tf.constant(labels))) for images, labels in batches]


def _unless_zero(value: Any) -> Any:
    """A value to keep; None for zeros, which need no copy. Most optimizers begin with slots as large as the network."""
    return value if value.any() else None


def make_stepper(model: Any, loss: str, settings: Mapping[str, float | str]) -> Stepper:
    """Make a stepper with the optimizer of a record.

    Args:
        model: a `keras.Model`.
        loss: Keras's name of the loss.
        settings: name and settings of the optimizer, as in a record.

    Raises:
        CannotRebuild: the optimizer is not supported or does not take these settings, or the loss does not fit.
    """
    optimizer = optimizer_of(settings)
    try:
        return Stepper(model, loss, optimizer)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"steps with this loss: {str(error)[:100]}") from error


def optimizer_of(settings: Mapping[str, float | str]) -> Any:
    """Make the optimizer of a record, in its initial state.

    Raises:
        CannotRebuild: it is not supported, or does not take these settings.
    """
    name = str(settings.get("name"))
    if name not in OPTIMIZERS:
        raise CannotRebuild(f"the optimizer {name[:40]!r}")
    numbers: dict[str, Any] = {key: value for key, value in settings.items() if key not in _NOT_ARGUMENTS}
    numbers |= {key: bool(numbers[key]) for key in _SWITCHES if key in numbers}
    if settings.get("use_ema"):
        raise CannotRebuild("an optimizer that averages the weights")
    try:
        return getattr(keras.optimizers, OPTIMIZERS[name])(**numbers)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"{name} with its settings: {str(error)[:100]}") from error

"""Taking the first steps of a training again."""

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
"""Optimizers that can be made here, by the name that a record has."""

_NOT_ARGUMENTS = ("name", "use_ema", "ema_momentum")
_SWITCHES = ("nesterov", "amsgrad", "centered")


class Stepper:
    """Takes training steps with one optimizer, again and again from its beginning.

    Args:
        model: whose weights and random number generators stand at the beginning whenever `losses` is called.
        loss: Keras's name of it.
        optimizer: a new one.
    """

    def __init__(self, model: Any, loss: str, optimizer: Any) -> None:
        optimizer.build(model.trainable_variables)
        self._fresh = [(variable, np.asarray(variable)) for variable in optimizer.variables]
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
        """The loss of each step."""
        for variable, value in self._fresh:
            variable.assign(value)
        return [float(self._step(tf.constant(images), tf.constant(labels))) for images, labels in batches]


def stepper(model: Any, loss: str, settings: Mapping[str, float | str]) -> Stepper:
    """A stepper with the optimizer that a record names.

    Raises:
        CannotRebuild: it is not known here, or has settings that it cannot have.
    """
    optimizer = optimizer_of(settings)
    try:
        return Stepper(model, loss, optimizer)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"steps with this loss: {str(error)[:100]}") from error


def optimizer_of(settings: Mapping[str, float | str]) -> Any:
    """The optimizer that a record names, new.

    Raises:
        CannotRebuild: it is not known here, or has settings that it cannot have.
    """
    said = str(settings.get("name"))
    if said not in OPTIMIZERS:
        raise CannotRebuild(f"the optimizer {said[:40]!r}")
    numbers: dict[str, Any] = {key: value for key, value in settings.items() if key not in _NOT_ARGUMENTS}
    numbers |= {key: bool(numbers[key]) for key in _SWITCHES if key in numbers}
    if settings.get("use_ema"):
        raise CannotRebuild("an optimizer that averages the weights")
    try:
        return getattr(keras.optimizers, OPTIMIZERS[said])(**numbers)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"{said} with its settings: {str(error)[:100]}") from error

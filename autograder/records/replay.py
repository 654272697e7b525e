"""Replay of a training's first steps, with its learning rates and the weights of its classes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autograder.records.rebuild import CannotRebuild
from cnnkit.data.batch_datasets import Batch
from cnnkit.networks.describe.learning_rates import LARGEST_RATE_OF_A_SCHEDULE
from cnnkit.recording.schema import TrainingRecord

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

_NOT_ARGUMENTS = ("name", "use_ema", "ema_momentum", LARGEST_RATE_OF_A_SCHEDULE)
_SWITCHES = ("nesterov", "amsgrad", "centered")
_COUNTS = ("gradient_accumulation_steps", "ema_overwrite_frequency")

LOSSES = ("categorical_crossentropy", "binary_crossentropy", "sparse_categorical_crossentropy")
"""Keras's names of the supported losses."""

_LOSS_SETTINGS = ("from_logits", "label_smoothing", "axis")

Loss = Callable[[Any, Any], Any]
"""Loss of each image (N,) from labels and outputs."""


class CannotCompute(CannotRebuild):
    """The loss cannot be computed again; the message says which one."""


class Stepper:
    """Takes training steps with one optimizer, from its initial state each time.

    Args:
        model: the caller resets its weights and random number generators before each call of `losses`.
        compute: the loss of each image.
        optimizer: a new Keras optimizer.
    """

    def __init__(self, model: Any, compute: Loss, optimizer: Any) -> None:
        optimizer.build(model.trainable_variables)
        self._optimizer = optimizer
        self._fresh = [(variable, _unless_zero(np.asarray(variable))) for variable in optimizer.variables]
        variables = model.trainable_variables

        @tf.function(reduce_retracing=True)
        def step(images: Any, labels: Any, weights: Any) -> Any:
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(compute(labels, model(images, training=True)) * weights)
                scaled = optimizer.scale_loss(value)
            optimizer.apply(tape.gradient(scaled, [variable.value for variable in variables]), variables)
            return value

        self._step = step

    def losses(
        self, batches: Sequence[Batch], rates: Sequence[float] = (), class_weight: Mapping[str, float] | None = None
    ) -> list[float]:
        """Take one step for each batch and return the loss of each.

        Args:
            batches: images and labels of each step.
            rates: learning rate of each step; none for the optimizer's own.
            class_weight: by class, as in `TrainingRecord.class_weight`.
        """
        for variable, value in self._fresh:
            variable.assign(np.zeros(variable.shape, variable.dtype) if value is None else value)
        found = []
        for number, (images, labels) in enumerate(batches):
            if number < len(rates):
                self._optimizer.learning_rate.assign(rates[number])
            weights = image_weights(labels, class_weight or {})
            found.append(float(self._step(tf.constant(images), tf.constant(labels), tf.constant(weights))))
        return found


def image_weights(labels: Any, class_weight: Mapping[str, float]) -> Any:
    """Weight of each image (N,) from labels (N, classes) or (N, 1), as Keras takes it from `class_weight`.

    Example:
        >>> image_weights(np.array([[0.0, 1.0], [1.0, 0.0]]), {"1": 3.0}).tolist()
        [3.0, 1.0]
    """
    classes = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0].astype(int)
    return np.array([class_weight.get(str(one), 1.0) for one in classes], np.float32)


def loss_of(record: TrainingRecord) -> Loss:
    """Keras's function for the loss of a record, with its settings.

    Raises:
        CannotCompute: the loss or one of its settings is not supported.
    """
    if record.loss not in LOSSES:
        raise CannotCompute(f"the loss {record.loss[:60]!r}")
    if other := sorted(set(record.loss_settings) - set(_LOSS_SETTINGS)):
        raise CannotCompute(f"{record.loss} with {other[0][:40]}={str(record.loss_settings[other[0]])[:40]}")
    settings: dict[str, Any] = dict(record.loss_settings)
    for name, kind in (("from_logits", bool), ("axis", int)):
        if name in settings:
            settings[name] = kind(settings[name])
    return functools.partial(keras.losses.get(record.loss), **settings)


def _unless_zero(value: Any) -> Any:
    """A value to keep; None for zeros, which need no copy. Most optimizers begin with slots as large as the network."""
    return value if value.any() else None


def make_stepper(model: Any, record: TrainingRecord) -> Stepper:
    """Make a stepper with the optimizer and the loss of a record.

    Args:
        model: a `keras.Model`.
        record: of the run.

    Raises:
        CannotRebuild: the optimizer is not supported or does not take its settings, or the loss does not fit.
    """
    optimizer = optimizer_of(fixed_rate(record))
    try:
        return Stepper(model, loss_of(record), optimizer)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"steps with this loss: {str(error)[:100]}") from error


def fixed_rate(record: TrainingRecord) -> dict[str, float | str]:
    """The settings of a record's optimizer, with the rate of its first step in place of a schedule."""
    settings = dict(record.optimizer)
    if record.step_rates and isinstance(settings.get("learning_rate"), str):
        settings["learning_rate"] = record.step_rates[0]
    return settings


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
    numbers |= {key: int(numbers[key]) for key in _COUNTS if isinstance(numbers.get(key), int | float)}
    if settings.get("use_ema"):
        raise CannotRebuild("an optimizer that averages the weights")
    try:
        return getattr(keras.optimizers, OPTIMIZERS[name])(**numbers)
    except (ValueError, TypeError) as error:
        raise CannotRebuild(f"{name} with its settings: {str(error)[:100]}") from error

"""Settings of a compiled model as a training record holds them. Imports Keras only when it is used."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from cnnkit.recording.plain_values import plain_name, plain_settings

Settings = dict[str, float | str]


def compiled_optimizer(model: Any) -> Settings:
    """The optimizer's name and settings, as {"name": "adam", "learning_rate": 0.001, ...}; empty if it has none."""
    from cnnkit.networks.describe.compiled import optimizer_settings

    try:
        name, settings = optimizer_settings(getattr(model, "optimizer", None))
        return {"name": plain_name(name), **plain_settings(settings)}
    except Exception:  # an optimizer of the student's own must not stop the training
        return {}


def compiled_loss(model: Any) -> tuple[str, Settings]:
    """The loss's name and settings, as ("categorical_crossentropy", {"label_smoothing": 0.0, ...}); "" without one.

    Settings that are no numbers or texts are left out, and `reduction` where it is Keras's default. Weights of losses
    are in the settings, as "loss_weights": a number, or "several".
    """
    from cnnkit.networks.describe.compiled import loss_settings

    try:
        name, settings = loss_settings(getattr(model, "loss", None))
        found = plain_settings(settings)
    except Exception:  # a loss of the student's own
        return "", {}
    weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    if weights is not None:
        found["loss_weights"] = float(weights) if isinstance(weights, int | float) else "several"
    return plain_name(name), found


def step_settings(model: Any) -> dict[str, float]:
    """Settings of the computation of a step, as in `TrainingRecord.settings`."""
    import keras

    found = {"jit_compile": float(bool(model.jit_compile)), "run_eagerly": float(bool(model.run_eagerly))}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found["threads"] = float(tf.config.threading.get_intra_op_parallelism_threads())
    return found


def dtype_policies(layers: Iterable[Any]) -> tuple[str, ...]:
    """Name of each layer's dtype policy, such as "float32" or "mixed_float16"; "" for None."""
    return tuple(plain_name(getattr(getattr(layer, "dtype_policy", None), "name", "")) for layer in layers)


def has_schedule(model: Any) -> bool:
    """True if the optimizer computes its learning rate from the number of its steps."""
    import keras

    rate = getattr(getattr(model, "optimizer", None), "_learning_rate", None)
    return isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)


def learning_rate(model: Any) -> float | None:
    """The optimizer's learning rate for its next step; None if it has none that is finite."""
    try:
        rate = float(model.optimizer.learning_rate)
    except Exception:  # an optimizer of the student's own
        return None
    return float(f"{rate:.7g}") if math.isfinite(rate) else None  # Keras keeps it as a 32-bit number

"""Parts of a training that nobody can repeat from its record, with the reason for each, observed before it begins.

A grader draws the initial weights from the seeds in the record, takes Keras's own training steps with the compiled
loss, and evaluates the final weights. Where a training does something else, honestly, the record says so. Imports Keras
only when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnkit.recording.initial_state import InitialNetwork

TRAINED_BEFORE = "it had been trained before"
WEIGHTS_SET = "its weights were set, or drawn in a way that a record cannot describe, before it was trained"
OWN_STEPS = "its class takes training steps of its own"
OWN_OPTIMIZER = "its optimizer is of a class of its own"
MORE_LOSS = "its loss has more terms than the compiled one, as those of a regularizer"
CONSTRAINED = "its weights are constrained"
FROZEN = "some of its layers are frozen"
OWN_VALIDATION = "its class validates in a way of its own"

_STEP_METHODS = ("train_step", "compute_loss", "make_train_function")
_VALIDATION_METHODS = ("test_step", "compute_loss", "evaluate", "make_test_function")
_ONES = ("gamma", "moving_variance")
"""Names of variables that are 1 at first, as Keras's layers have them; the others but kernels are 0."""


def unclear_parts(model: Any, network: InitialNetwork) -> dict[str, str]:
    """The reasons, by part: "beginning" (the initial weights), "steps" and "validation".

    Args:
        model: a compiled `keras.Model` that is about to be trained; it is not changed.
        network: its description.
    """
    found = {}
    if (iterations := getattr(model.optimizer, "iterations", None)) is not None and int(iterations) > 0:
        found["beginning"] = TRAINED_BEFORE
    elif not all(_as_drawn(layer) for layer in network.layers if layer is not None):
        found["beginning"] = WEIGHTS_SET
    reasons = list(_own_steps(model, network))
    if reasons:
        found["steps"] = "; ".join(reasons)
    if _overrides(model, _VALIDATION_METHODS):
        found["validation"] = OWN_VALIDATION
    elif MORE_LOSS in reasons:
        found["validation"] = MORE_LOSS
    return found


def _own_steps(model: Any, network: InitialNetwork) -> Iterator[str]:
    if _overrides(model, _STEP_METHODS):
        yield OWN_STEPS
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # unwrap the one of mixed precision
    if not type(optimizer).__module__.startswith("keras."):
        yield OWN_OPTIMIZER
    layers = [layer for layer in network.layers if layer is not None]
    if model.losses or any(getattr(layer, "activity_regularizer", None) is not None for layer in layers):
        yield MORE_LOSS
    if any(getattr(variable, "constraint", None) is not None for variable in network.variables()):
        yield CONSTRAINED
    if any(layer.weights and not layer.trainable for layer in layers) or not model.trainable:
        yield FROZEN


def _overrides(model: Any, methods: tuple[str, ...]) -> bool:
    """True if a model, or its class, has one of these methods of its own instead of Keras's."""
    import keras

    return any(
        name in vars(model) or getattr(type(model), name, None) is not getattr(keras.Model, name, None)
        for name in methods
    )


def _as_drawn(layer: Any) -> bool:
    """True if a layer's weights are what its initializers draw from their seeds, and those without one 0 or 1."""
    return all(_is_initial(layer, variable) for variable in layer.weights)


def _is_initial(layer: Any, variable: Any) -> bool:
    name = str(variable.name)
    value = np.asarray(variable)
    if not name.endswith("kernel"):
        return bool(np.all(value == (1 if name in _ONES else 0)))
    # a DepthwiseConv2D calls its kernel so, and the initializer by its own name
    named = getattr(layer, f"{name.removesuffix('_kernel')}_initializer", None)
    initializer: Any = named or getattr(layer, "depthwise_initializer", None)
    if not isinstance(getattr(initializer, "seed", None), int):
        return False
    return bool(np.array_equal(np.asarray(initializer(variable.shape, dtype=variable.dtype)), value))

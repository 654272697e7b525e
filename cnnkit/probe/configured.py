"""An optimizer object as data, for exercises whose function returns one."""

from __future__ import annotations

import sys
from typing import Any

from cnnkit.probe.watching import OptimizerSpec


def configured(value: Any) -> OptimizerSpec | None:
    """Class name and settings of a Keras optimizer; None for any other object.

    Keras is not imported: it must have been already if the object is an optimizer.

    Example:
        >>> configured("adam") is None
        True
    """
    keras = sys.modules.get("keras")
    if keras is None or not issubclass(type(value), keras.optimizers.Optimizer):  # `__class__` may be anything
        return None
    from cnnkit.networks.describe.compiled import optimizer_settings
    from cnnkit.networks.describe.graph import OF_ITS_OWN
    from cnnkit.networks.describe.keras_own import is_keras_own

    name = type(value).__name__[:50] if is_keras_own(value) else f"{type(value).__name__[:50]} {OF_ITS_OWN}"
    return OptimizerSpec(name, optimizer_settings(value)[1])

"""An optimizer object as data: what a student's function may return where an optimizer is asked for."""

from __future__ import annotations

import sys
from typing import Any

from cnnkit.probe.watching import OptimizerSpec


def configured(value: Any) -> OptimizerSpec | None:
    """Class name and settings of a Keras optimizer; None for anything else.

    Keras is not imported for it: who has an optimizer has it imported already.

    Example:
        >>> configured("adam") is None
        True
    """
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(value, keras.optimizers.Optimizer):
        return None
    from cnnkit.networks.describe.compiled import optimizer_settings

    return OptimizerSpec(type(value).__name__[:100], optimizer_settings(value)[1])

"""Default settings of Keras's optimizers, and the settings in which an optimizer differs from them.

Source: Keras 3's documentation of each class; a test compares the table with Keras itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnnkit.networks.model_spec import Setting

_EVERY: dict[str, Setting] = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
_MOMENTS: dict[str, Setting] = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

DEFAULTS: dict[str, dict[str, Setting]] = {
    "sgd": {**_EVERY, "learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
    "adam": {**_EVERY, **_MOMENTS, "amsgrad": False},
    "adamw": {**_EVERY, **_MOMENTS, "amsgrad": False, "weight_decay": 0.004},
    "nadam": {**_EVERY, **_MOMENTS},
    "adamax": {**_EVERY, **_MOMENTS},
    "adadelta": {**_EVERY, "learning_rate": 0.001, "rho": 0.95, "epsilon": 1e-7},
    "adagrad": {**_EVERY, "learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "rmsprop": {**_EVERY, "learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
}
"""Default of each setting, by the optimizer's lower-case name."""


def changed_settings(
    name: str, found: Mapping[str, Setting], expected: Mapping[str, Setting]
) -> list[tuple[str, Setting, Setting]]:
    """Settings in which an optimizer differs from the expected one.

    Args:
        name: the optimizer's lower-case name.
        found: its settings, as returned by `compiled.optimizer_settings`; missing ones have Keras's defaults.
        expected: the expected settings; missing ones have Keras's defaults.

    Returns:
        (setting, expected, found) for each difference. For an optimizer that is not in `DEFAULTS` only the expected
        settings are compared.

    Example:
        >>> changed_settings("adam", {"learning_rate": 0.01}, {})
        [('learning_rate', 0.001, 0.01)]
    """
    usual = DEFAULTS.get(name, {})
    differences = []
    for key in dict.fromkeys([*usual, *expected]):
        wanted, value = expected.get(key, usual.get(key)), found.get(key, usual.get(key))
        if not _equal_settings(wanted, value):
            differences.append((key, wanted, value))
    return differences


def _equal_settings(one: Setting, other: Setting) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int) and not isinstance(one, bool):
        return abs(one - other) <= 1e-6 * max(abs(one), abs(other))  # Keras stores 32-bit numbers
    return one == other

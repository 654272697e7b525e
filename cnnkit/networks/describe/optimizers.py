"""What an optimizer's settings are where nobody sets them, and which of them somebody did set.

Keras 3's documentation of each class; a test compares the table with Keras itself.
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
"""By Keras's lower-case name: each setting with the value it has when it is left out."""


def changed_settings(
    name: str, found: Mapping[str, Setting], asked: Mapping[str, Setting]
) -> list[tuple[str, Setting, Setting]]:
    """The settings in which an optimizer differs from the one that was asked for.

    Args:
        name: the optimizer's lower-case name.
        found: its settings, as `optimizer_settings` in `compiled` gives them; a missing one has its default.
        asked: the settings that were asked for; any other has Keras's default.

    Returns:
        (setting, expected, found) for each difference. Of an optimizer that the table does not know, only the settings
        that were asked for are compared.
    """
    usual = DEFAULTS.get(name, {})
    differences = []
    for key in dict.fromkeys([*usual, *asked]):
        expected, value = asked.get(key, usual.get(key)), found.get(key, usual.get(key))
        if not _same(expected, value):
            differences.append((key, expected, value))
    return differences


def _same(one: Setting, other: Setting) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int) and not isinstance(one, bool):
        return abs(one - other) <= 1e-6 * max(abs(one), abs(other))  # Keras keeps 32-bit numbers
    return one == other

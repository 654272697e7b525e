"""Optimizer, loss and metrics of a compiled model as plain data."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from cnnkit.linear_pattern import compile_linear
from cnnkit.networks.describe.keras_own import is_keras_function, is_keras_own
from cnnkit.networks.describe.learning_rates import LARGEST_RATE_OF_A_SCHEDULE, largest_rate
from cnnkit.networks.describe.normalise import MOST_ENTRIES, NotPlain, plain_setting
from cnnkit.networks.model_spec import CompileSpec, Setting

_HUMP = compile_linear(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Positions between the words of a name in CamelCase."""

_LOSS_DEFAULTS: dict[str, Setting] = {"reduction": "sum_over_batch_size"}


def describe_compile(model: Any) -> CompileSpec | None:
    """Describe how a model was compiled.

    Args:
        model: a `keras.Model`.

    Returns:
        The description; None if `compile` was not called. The learning rate is a float, or the class name of a
        schedule, whose largest rate stands beside it. A loss has one name, such as "categorical_crossentropy", whether
        it was given as text, function or object, and its settings with their defaults.
    """
    if not getattr(model, "compiled", False):
        return None
    optimizer, settings = optimizer_settings(getattr(model, "optimizer", None))
    loss, loss_settings_ = loss_settings(getattr(model, "loss", None))
    return CompileSpec(optimizer, settings, loss, loss_settings_, _metrics(model))


def optimizer_settings(optimizer: Any) -> tuple[str, dict[str, Setting]]:
    """Name and numeric settings of an optimizer object: ("adam", {"learning_rate": 0.001, ...})."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # unwrap the one of mixed precision
    if optimizer is None:
        return "", {}
    settings: dict[str, Setting] = {}
    try:
        config = optimizer.get_config()
    except Exception:  # an optimizer of the student's own
        config = {}
    for key, value in list(config.items())[:MOST_ENTRIES]:
        if key == "learning_rate":
            settings[key] = _learning_rate(value)
        elif isinstance(value, bool | int | float):
            settings[str(key)] = plain_setting(value)
    schedule = getattr(optimizer, "_learning_rate", None)
    largest = largest_rate(schedule)
    if largest is not None:
        # a schedule of the student's own may have no configuration, and then the optimizer has none
        settings |= {"learning_rate": type(schedule).__name__[:100], LARGEST_RATE_OF_A_SCHEDULE: largest}
    name = type(optimizer).__name__.lower()
    return (name if is_keras_own(optimizer) else f"custom optimizer {name}")[:100], settings


def _learning_rate(value: Any) -> Setting:
    if isinstance(value, Mapping):
        return str(value.get("class_name", "schedule"))[:100]
    try:
        # Keras keeps it as a 32-bit number: 0.001 comes back as 0.0010000000474974513.
        return float(f"{float(value):.7g}")
    except (TypeError, ValueError):
        return type(value).__name__


def loss_settings(loss: Any) -> tuple[str, dict[str, Setting]]:
    """Name and settings of a loss given as text, function or object, or of one or several in a list or dict."""
    import keras

    if isinstance(loss, Mapping):
        loss = list(loss.values())
    if isinstance(loss, list | tuple):
        named = [loss_settings(one) for one in loss[:MOST_ENTRIES] if one is not None]
        return (", ".join(name for name, _ in named), named[0][1] if len(named) == 1 else {})
    if loss is None:
        return "", {}
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:
            return loss[:100], {}
    if isinstance(loss, keras.losses.Loss):
        try:
            config = loss.get_config()
        except Exception:  # a loss of the student's own
            config = {}
        name = _snake(type(loss).__name__)
    else:
        name, config = str(getattr(loss, "__name__", type(loss).__name__)), _defaults(loss)
    if not (is_keras_own(loss) or is_keras_function(loss)):
        name = f"custom loss {name}"
    settings: dict[str, Setting] = {}
    for key, value in list(config.items())[:MOST_ENTRIES]:
        if key in ("name", "dtype") or _LOSS_DEFAULTS.get(key) == value:
            continue
        try:
            settings[str(key)] = plain_setting(value)
        except NotPlain:
            continue
    return name[:100], settings


def _defaults(function: Any) -> dict[str, Any]:
    """Defaults of a loss function's arguments after labels and predictions."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[2:]
    except (TypeError, ValueError):
        return {}
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def _metric(name: str, kind: str) -> str:
    """Name of a metric; its class where that counts right answers and the student's own name does not say so."""
    return (name if name and ("acc" in name or "accuracy" not in kind) else kind)[:100]


def _metrics(model: Any) -> tuple[str, ...]:
    try:
        config = model.get_compile_config() or {}
        given = [config.get("metrics"), config.get("weighted_metrics")]
    except Exception:  # something in it cannot be serialised, a schedule without a configuration for instance
        compiled = getattr(model, "_compile_metrics", None)
        given = [getattr(compiled, name, None) for name in ("_user_metrics", "_user_weighted_metrics")]
    flat: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, str):
            flat.append(value[:100])
        elif isinstance(value, Mapping) and "class_name" in value:
            config = value.get("config")
            name = str((config.get("name") if isinstance(config, Mapping) else config) or "")
            kind = _snake(str(value["class_name"]))
            flat.append(_metric(name, kind))
        elif isinstance(value, Mapping):
            collect(list(value.values()))
        elif isinstance(value, list | tuple):
            for one in value[:MOST_ENTRIES]:
                collect(one)
        elif isinstance(getattr(value, "name", None), str):
            flat.append(_metric(value.name, _snake(type(value).__name__)))

    collect(given)
    return tuple(flat)

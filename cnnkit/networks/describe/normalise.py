"""Normalise the configuration of a Keras layer, so that equivalent settings compare equal."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

from cnnkit.errors import KitError
from cnnkit.networks.layer_settings import PENALTIES, SETTINGS
from cnnkit.networks.model_spec import Setting, Shape

LONGEST_TEXT = 200
"""Characters of a text that are read from a configuration."""

MOST_ENTRIES = 40
"""Settings, and numbers in a setting, that are read from a configuration."""

_NOT_COMPUTATION = {"name", "trainable", "dtype", "seed", "activity_regularizer", "data_layer", "build_config"}
_FLOATS = {"rate", "stddev", "epsilon", "momentum", "negative_slope", "alpha", "offset", "threshold"}


class NotPlain(KitError, ValueError):
    """A value that is no number, text or sequence of numbers."""


def plain_setting(value: Any) -> Setting:
    """Convert a value to a Setting: NumPy numbers to Python's, nested lists to one flat tuple, objects to their name.

    Raises:
        NotPlain: the value is no number, text, sequence of numbers or serialised Keras object.

    Example:
        >>> plain_setting([[1, 2], [3, 4]])
        (1, 2, 3, 4)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)[:LONGEST_TEXT]
    if isinstance(value, Mapping) and isinstance(value.get("class_name"), str):
        return _object_text(value)
    if isinstance(value, list | tuple):
        flat: list[int | float] = []
        for item in value:
            entry = plain_setting(item)
            if isinstance(entry, tuple):
                flat.extend(entry)
            elif isinstance(entry, int | float):
                flat.append(entry)
            else:
                raise NotPlain(f"{type(item).__name__} inside a sequence")
            if len(flat) > MOST_ENTRIES:
                raise NotPlain("a sequence too long to compare")
        return tuple(flat)
    return _number(value)


def _number(value: Any) -> Setting:
    if hasattr(value, "shape") and getattr(value, "shape", None) != ():
        raise NotPlain("an array")
    try:
        return int(operator.index(value))
    except TypeError:
        pass
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise NotPlain(type(value).__name__) from None
    # JSON has no infinity and no NaN; their names compare as well.
    return number if math.isfinite(number) else str(number)


def _object_text(serialised: Mapping[str, Any]) -> str:
    """Short text of a serialised Keras object: "L2(l2=0.01)"."""
    config = serialised.get("config")
    entries = []
    if isinstance(config, Mapping):
        for name, value in config.items():
            if isinstance(value, bool | int | float | str) and name != "name":
                entries.append(f"{name}={value}")
    return f"{serialised['class_name']}({', '.join(entries)})"[:LONGEST_TEXT]


def layer_settings(
    kind: str, raw: Mapping[str, Any], activation: str | None, input_rank: int, output_shape: Shape
) -> dict[str, Setting]:
    """Normalised settings of a layer that change what it computes.

    Args:
        kind: the class name. For a kind in `SETTINGS` exactly those settings are read, for others every plain entry.
        raw: the result of the layer's `get_config()`.
        activation: name of its activation function; None if it has none.
        input_rank: number of axes of its input, batch included: axes are counted from the end.
        output_shape: batch axis first, as Keras reports it; a -1 in a target shape is replaced by its size.

    Returns:
        The settings by name. A known setting whose value is not plain has the text "not a plain value".
    """
    known = SETTINGS.get(kind)
    names = known if known is not None else [n for n in raw if n not in _NOT_COMPUTATION and "initializer" not in n]
    config: dict[str, Setting] = {}
    for name in list(names)[:MOST_ENTRIES]:
        try:
            config[str(name)[:LONGEST_TEXT]] = plain_setting(raw.get(name, known[name] if known else None))
        except NotPlain:
            if known is not None:
                config[name] = "not a plain value"
    if activation is not None:
        config["activation"] = activation
    for name in PENALTIES:
        if raw.get(name) is not None and not _is_no_penalty(raw[name]):
            try:
                config[name] = plain_setting(raw[name])
            except NotPlain:
                config[name] = type(raw[name]).__name__
    return {name: _adapt(kind, name, value, input_rank, output_shape) for name, value in config.items()}


def _is_no_penalty(serialised: Any) -> bool:
    """True for one of Keras's regularizers whose factors are all 0."""
    if not isinstance(serialised, Mapping) or serialised.get("class_name") not in ("L1", "L2", "L1L2"):
        return False
    factors = serialised.get("config")
    if serialised.get("module") != "keras.regularizers" or not isinstance(factors, Mapping) or not factors:
        return False
    return all(isinstance(factor, int | float) and factor == 0 for factor in factors.values())


def _adapt(kind: str, name: str, value: Setting, input_rank: int, output_shape: Shape) -> Setting:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (name in _FLOATS or (kind, name) == ("Rescaling", "scale")):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, str) and name in ("padding", "data_format", "interpolation"):
        return value.lower()
    if name == "axis":
        return _from_the_end(value, input_rank)
    if name == "target_shape" and None not in output_shape[1:]:
        return tuple(size for size in output_shape[1:] if size is not None)
    if kind == "Softmax" and name == "axis":
        return _from_the_end(value, input_rank)
    return value


def _from_the_end(axis: Setting, rank: int) -> Setting:
    if isinstance(axis, tuple):
        axes = tuple(int(a) - rank if a >= 0 else int(a) for a in axis)
        return axes[0] if len(axes) == 1 else axes
    if isinstance(axis, int) and not isinstance(axis, bool) and axis >= 0:
        return axis - rank
    return axis

"""Calling a student's function: copies of the arguments go in, and changes to them are noticed."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Called:
    """What a call gave back.

    Attributes:
        value: the live object that the function returned.
        mutated: names of the arguments that the function changed in place.
    """

    value: Any
    mutated: tuple[str, ...]


def call(function: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Called:
    """Call `function` on copies of the arguments and report which of them it changed.

    Raises:
        whatever the function raises.
    """
    kwargs = dict(kwargs or {})
    given = [copy.deepcopy(argument) for argument in args]
    named = {name: copy.deepcopy(argument) for name, argument in kwargs.items()}
    value = function(*given, **named)
    labels = _names(function, len(given))
    mutated = [label for label, before, after in zip(labels, args, given, strict=True) if not _same(before, after)]
    mutated += [name for name in kwargs if not _same(kwargs[name], named[name])]
    return Called(value, tuple(mutated))


def call_text(function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The call as a student would type it, arrays by shape and type: `one_hot(<uint8 (5,)>, classes=10)`."""
    parts = [_short(argument) for argument in args]
    parts += [f"{name}={_short(argument)}" for name, argument in kwargs.items()]
    return f"{function}({', '.join(parts)})"


def _short(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        return f"<{argument.dtype} array {argument.shape}>" if argument.size > 8 else np.array2string(argument, separator=", ")
    text = repr(argument)
    return text if len(text) <= 60 else text[:57] + "..."


def _names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        names = list(inspect.signature(function).parameters)[:count]
    except (TypeError, ValueError):
        names = []
    return names + [f"argument {position + 1}" for position in range(len(names), count)]


def _same(before: Any, after: Any) -> bool:
    """Equal in type, shape and value, so that an in-place `/= 255` or an appended item shows."""
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and before.dtype == after.dtype and np.array_equal(before, after)
    if type(before) is not type(after):
        return False
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    return bool(before == after) if isinstance(before, (bool, int, float, str, type(None))) else True

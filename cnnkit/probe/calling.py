"""Calling a student's function: copies of the arguments go in, and changes to them are noticed."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnkit.probe.built import BuiltNetwork


@dataclass(frozen=True)
class CallResult:
    """What a call gave back.

    Attributes:
        value: the live object that the function returned.
        mutated: names of the arguments that the function changed in place.
    """

    value: Any
    mutated: tuple[str, ...]


def call_function(
    function: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> CallResult:
    """Call `function` on copies of the arguments and report which of them it changed.

    Args:
        function: the student's.
        args: arguments by position: numbers, text, arrays, and lists, tuples, sets, dictionaries, dataclasses of them;
            or a `BuiltNetwork`, for which the function is given a live network (what it does to that is not looked at).
        kwargs: arguments by name.

    Raises:
        Exception: whatever the function raises.
    """
    kwargs = dict(kwargs or {})
    given = [live_argument(argument) for argument in args]
    named = {name: live_argument(argument) for name, argument in kwargs.items()}
    value = function(*given, **named)
    labels = _names(function, len(given))
    mutated = [label for label, before, after in zip(labels, args, given, strict=True) if not _same(before, after)]
    mutated += [name for name in kwargs if not _same(kwargs[name], named[name])]
    return CallResult(value, tuple(mutated))


def live_argument(argument: Any) -> Any:
    """What a function is given for an argument of a question: a copy, and for a `BuiltNetwork` its live network."""
    return argument.live() if isinstance(argument, BuiltNetwork) else copy.deepcopy(argument)


def call_text(function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The call as a student would type it, arrays by shape and type: `one_hot(<uint8 (5,)>, classes=10)`."""
    parts = [_short(argument) for argument in args]
    parts += [f"{name}={_short(argument)}" for name, argument in kwargs.items()]
    return f"{function}({', '.join(parts)})"


def _short(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        if argument.size > 8:
            return f"<{argument.dtype} array {argument.shape}>"
        return np.array2string(argument, separator=", ").replace("\n", "")
    text = repr(argument)
    return text if len(text) <= 60 else text[:57] + "..."


def _names(function: Callable[..., Any], count: int) -> list[str]:
    """What the function calls its first arguments; by number where it has no name for them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception:  # built-in functions have none, and a student's class may lie about its own
        parameters = {}.values()
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in by_position][:count]
    return names + [f"argument {position + 1}" for position in range(len(names), count)]


def _same(before: Any, after: Any) -> bool:
    """Equal in type, shape and value, so that an in-place `/= 255` or an appended item shows. NaN is equal to NaN."""
    if isinstance(before, BuiltNetwork):
        return True
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.dtype != after.dtype or before.shape != after.shape:
            return False
        if before.dtype.hasobject:
            return all(map(_same, before.ravel(), after.ravel()))
        return before.tobytes() == after.tobytes()
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict):
        return len(before) == len(after) and all(map(_same, before.items(), after.items()))
    if dataclasses.is_dataclass(before) and not isinstance(before, type):
        names = [field.name for field in dataclasses.fields(before)]
        return all(_same(getattr(before, name, None), getattr(after, name, None)) for name in names)
    if isinstance(before, float | complex | np.generic):
        return repr(before) == repr(after)  # tells 0.0 from -0.0, and knows NaN
    if isinstance(before, bool | int | str | bytes | bytearray | set | frozenset | range | type(None)):
        return bool(before == after)
    return True  # an object of a kind no check passes: nothing can be said

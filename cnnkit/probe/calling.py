"""Call a student's function on copies of the arguments, and detect changes to them."""

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
    """Result of calling a student's function.

    Attributes:
        value: the object that the function returned.
        mutated: names of the arguments that the function changed in place.
    """

    value: Any
    mutated: tuple[str, ...]


def call_function(
    function: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> CallResult:
    """Call `function` on copies of the arguments, and name the arguments that it changed.

    Args:
        function: the student's.
        args: arguments by position: numbers, text, arrays, and lists, tuples, sets, dictionaries, dataclasses of them;
            or a `BuiltNetwork`, which is passed as a live network (changes to that are not detected).
        kwargs: arguments by name.

    Raises:
        Exception: whatever the function raises.

    Example:
        >>> call_function(lambda values: values.append(3), [[1, 2]]).mutated
        ('values',)
    """
    kwargs = dict(kwargs or {})
    copies = [live_argument(argument) for argument in args]
    named = {name: live_argument(argument) for name, argument in kwargs.items()}
    value = function(*copies, **named)
    labels = _parameter_names(function, len(copies))
    mutated = [label for label, before, after in zip(labels, args, copies, strict=True) if not _equal(before, after)]
    mutated += [name for name in kwargs if not _equal(kwargs[name], named[name])]
    return CallResult(value, tuple(mutated))


def live_argument(argument: Any) -> Any:
    """Argument to pass to a student's function: a copy, or the live network of a `BuiltNetwork`."""
    return argument.live() if isinstance(argument, BuiltNetwork) else copy.deepcopy(argument)


def call_text(function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Text of a call as a student would type it, large arrays by type and shape.

    Args:
        function: name of the function.
        args: arguments by position.
        kwargs: arguments by name.

    Example:
        >>> call_text("one_hot", [np.zeros(9, "uint8")], {"classes": 10})
        'one_hot(<uint8 array (9,)>, classes=10)'
    """
    parts = [_argument_text(argument) for argument in args]
    parts += [f"{name}={_argument_text(argument)}" for name, argument in kwargs.items()]
    return f"{function}({', '.join(parts)})"


def _argument_text(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        if argument.size > 8:
            return f"<{argument.dtype} array {argument.shape}>"
        return np.array2string(argument, separator=", ").replace("\n", "")
    text = repr(argument)
    return text if len(text) <= 60 else text[:57] + "..."


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """Names of the function's first parameters; "argument 1" and so on where it has no name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception:  # built-in functions have none, and a student's class may lie about its own
        parameters = {}.values()
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in by_position][:count]
    return names + [f"argument {position + 1}" for position in range(len(names), count)]


def _equal(before: Any, after: Any) -> bool:
    """True if type, shape and value are equal, so that an in-place `/= 255` is detected. NaN is equal to NaN."""
    if isinstance(before, BuiltNetwork):
        return True
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.dtype != after.dtype or before.shape != after.shape:
            return False
        if before.dtype.hasobject:
            return all(map(_equal, before.ravel(), after.ravel()))
        return before.tobytes() == after.tobytes()
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_equal, before, after))
    if isinstance(before, dict):
        return len(before) == len(after) and all(map(_equal, before.items(), after.items()))
    if dataclasses.is_dataclass(before) and not isinstance(before, type):
        names = [field.name for field in dataclasses.fields(before)]
        return all(_equal(getattr(before, name, None), getattr(after, name, None)) for name in names)
    if isinstance(before, float | complex | np.generic):
        return repr(before) == repr(after)  # distinguishes 0.0 from -0.0, and NaN equals itself
    if isinstance(before, bool | int | str | bytes | bytearray | set | frozenset | range | type(None)):
        return bool(before == after)
    return True  # no check passes objects of other types

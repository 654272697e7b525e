"""The kit's own functions, put back before they are used: a notebook may have replaced some, knowing or not.

A notebook and the kit share a process, so a notebook that goes far enough can make the kit say anything; but what it
reports of a network is data that somebody had to write down, and hidden inputs come only with the question. This guard
sees to it that replacing a function by name changes nothing.

It stands before every question, so looking has to be cheap: everything is compared by identity, in loops that run in C.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import Any

_OURS = ("cnnkit", "autograder")

_INSIDE = ("__code__", "__defaults__", "__kwdefaults__")
"""What a function does."""


class KitGuard:
    """What the kit's modules held when it was made."""

    def __init__(self) -> None:
        modules = [one for one in list(sys.modules.values()) if isinstance(one, ModuleType) and _is_ours(one.__name__)]
        spaces = [_Names(one, one.__name__, vars(one), _is_code) for one in modules]
        classes = {
            value for space in spaces for value in space.values if isinstance(value, type) and _is_made_here(value)
        }
        spaces += [_Names(one, f"{one.__module__}.{one.__qualname__}", vars(one), _is_function) for one in classes]
        functions = {
            value for space in spaces for value in space.values if _is_function(value) and _is_made_here(value)
        }
        self._held: list[_Names | _Attributes] = [*spaces, *(_Attributes(name, list(functions)) for name in _INSIDE)]

    def restore(self) -> list[str]:
        """Put everything back; the names of what had been changed."""
        return [name for held in self._held if not held.is_whole() for name in held.put_back()]


class _Names:
    """What stood under the names of a module or a class.

    Args:
        owner: the module or class.
        known_as: its name.
        names: its names as they are at any time.
        is_held: what to hold; the rest may change.
    """

    def __init__(self, owner: Any, known_as: str, names: Mapping[str, Any], is_held: Callable[[Any], bool]) -> None:
        held = {name: value for name, value in names.items() if is_held(value)}
        self.values = tuple(held.values())
        self._owner, self._known_as, self._names, self._held = owner, known_as, names, held

    def is_whole(self) -> bool:
        """Whether everything is as it was."""
        return all(map(is_, map(self._names.get, self._held), self.values))

    def put_back(self) -> Iterator[str]:
        """Put back what is not, and name it."""
        for name, value in self._held.items():
            if self._names.get(name) is not value:
                setattr(self._owner, name, value)
                yield f"{self._known_as}.{name}"


class _Attributes:
    """One attribute of many functions."""

    def __init__(self, name: str, functions: list[FunctionType]) -> None:
        self._name, self._functions = name, functions
        self._get = attrgetter(name)
        self._values = tuple(map(self._get, functions))

    def is_whole(self) -> bool:
        """Whether every function still has its own."""
        return all(map(is_, map(self._get, self._functions), self._values))

    def put_back(self) -> Iterator[str]:
        """Put back what is not, and name the functions."""
        for function, value in zip(self._functions, self._values, strict=True):
            if getattr(function, self._name) is not value:
                setattr(function, self._name, value)
                yield f"{function.__module__}.{function.__qualname__}"


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _OURS


def _is_made_here(value: Any) -> bool:
    return _is_ours(str(value.__module__))


def _is_code(value: Any) -> bool:
    return callable(value) or isinstance(value, ModuleType)


def _is_function(value: Any) -> bool:
    return type(value) is FunctionType

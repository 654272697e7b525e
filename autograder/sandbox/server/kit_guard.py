"""Snapshot of the kit's functions, restored before each request: a notebook may have replaced some, knowing or not.

A notebook and the kit share a process, so a notebook that goes far enough can make the kit say anything; but what it
reports of a network is data that somebody had to write down, and hidden inputs come only with the request. This guard
sees to it that replacing a function by name changes nothing.

It runs before every request, so it has to be cheap: everything is compared by identity, in loops that run in C.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import Any

_OURS = ("cnnkit", "autograder")

_INSIDE = ("__code__", "__defaults__", "__kwdefaults__")
"""Attributes that decide what a function does."""


class KitGuard:
    """Snapshot of the kit's functions, to undo monkey-patching by the notebook."""

    def __init__(self) -> None:
        modules = [one for one in list(sys.modules.values()) if isinstance(one, ModuleType) and _is_ours(one.__name__)]
        spaces = [_NameSnapshot(one, one.__name__, vars(one), _is_code) for one in modules]
        classes = {
            value for space in spaces for value in space.values if isinstance(value, type) and _is_made_here(value)
        }
        spaces += [
            _NameSnapshot(one, f"{one.__module__}.{one.__qualname__}", vars(one), _is_function) for one in classes
        ]
        functions = {
            value for space in spaces for value in space.values if _is_function(value) and _is_made_here(value)
        }
        self._snapshots: list[_NameSnapshot | _AttributeSnapshot] = [
            *spaces,
            *(_AttributeSnapshot(name, list(functions)) for name in _INSIDE),
        ]

    def restore(self) -> list[str]:
        """Restore every function; return the names of those that had been changed."""
        return [name for one in self._snapshots if not one.is_intact() for name in one.restore()]


class _NameSnapshot:
    """Snapshot of the names of a module or a class.

    Args:
        owner: the module or class.
        known_as: its name.
        names: its names as they are at any time.
        included: selects the values to restore; the rest may change.
    """

    def __init__(self, owner: Any, known_as: str, names: Mapping[str, Any], included: Callable[[Any], bool]) -> None:
        held = {name: value for name, value in names.items() if included(value)}
        self.values = tuple(held.values())
        self._owner, self._known_as, self._names, self._held = owner, known_as, names, held

    def is_intact(self) -> bool:
        """True if nothing has changed."""
        return all(map(is_, map(self._names.get, self._held), self.values))

    def restore(self) -> Iterator[str]:
        """Restore what has changed, and yield its names."""
        for name, value in self._held.items():
            if self._names.get(name) is not value:
                setattr(self._owner, name, value)
                yield f"{self._known_as}.{name}"


class _AttributeSnapshot:
    """Snapshot of one attribute of many functions."""

    def __init__(self, name: str, functions: list[FunctionType]) -> None:
        self._name, self._functions = name, functions
        self._get = attrgetter(name)
        self._values = tuple(map(self._get, functions))

    def is_intact(self) -> bool:
        """True if nothing has changed."""
        return all(map(is_, map(self._get, self._functions), self._values))

    def restore(self) -> Iterator[str]:
        """Restore what has changed, and yield the functions' names."""
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

"""Snapshot of the kit, restored before and after each request: a notebook may have replaced parts, knowing or not.

A notebook and the kit share a process, so a notebook that goes far enough can make the kit say anything; but what it
reports of a network is data that somebody had to write down, and hidden inputs come only with the request. This guard
sees to it that replacing something by name changes nothing. It holds every value of the kit's modules and classes,
functions or not, and what their tables (dictionaries, lists, sets) contain. Only a name that a function of its own
module assigns (`global`) may change: that is the kit's state.

It runs with every request, so it has to be cheap: everything is compared by identity, in loops that run in C.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Container, Iterator, Mapping
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import Any

_OURS = ("cnnkit", "autograder")

_INSIDE = ("__code__", "__defaults__", "__kwdefaults__")
"""Attributes that decide what a function does."""

_ASSIGNS = dis.opmap["STORE_GLOBAL"]
_UNCHANGING = ("__dict__", "__weakref__", "__doc__", "__module__")
_TABLES = (dict, list, set)


class KitGuard:
    """Snapshot of the kit's modules, to undo monkey-patching by the notebook.

    Attributes:
        has_found_changes: True if anything ever had to be restored.
    """

    def __init__(self) -> None:
        self.has_found_changes = False
        modules = [one for one in list(sys.modules.values()) if isinstance(one, ModuleType) and _is_ours(one.__name__)]
        spaces = [_NameSnapshot(one, one.__name__, vars(one), _assigned_names(one)) for one in modules]
        classes = {
            value for space in spaces for value in space.values if isinstance(value, type) and _is_made_here(value)
        }
        spaces += [
            _NameSnapshot(one, f"{one.__module__}.{one.__qualname__}", vars(one), _UNCHANGING) for one in classes
        ]
        functions = {
            one for space in spaces for value in space.values for one in _functions_in(value) if _is_made_here(one)
        }
        self._snapshots: list[_NameSnapshot | _AttributeSnapshot | _TableSnapshot] = [
            *spaces,
            *(_AttributeSnapshot(name, list(functions)) for name in _INSIDE),
            *_tables(spaces),
        ]

    def restore(self) -> list[str]:
        """Restore everything; return the names of what had been changed."""
        changed = [name for one in self._snapshots if not one.is_intact() for name in one.restore()]
        self.has_found_changes = self.has_found_changes or bool(changed)
        return changed


class _NameSnapshot:
    """Snapshot of the names of a module or a class.

    Args:
        owner: the module or class.
        known_as: its name.
        names: its names as they are at any time.
        free: names that may change.
    """

    def __init__(self, owner: Any, known_as: str, names: Mapping[str, Any], free: Container[str]) -> None:
        held = {name: value for name, value in names.items() if name not in free}
        self.values = tuple(held.values())
        self.held, self.known_as = held, known_as
        self._owner, self._names = owner, names

    def is_intact(self) -> bool:
        """True if nothing has changed."""
        return all(map(is_, map(self._names.get, self.held), self.values))

    def restore(self) -> Iterator[str]:
        """Restore what has changed, and yield its names."""
        for name, value in self.held.items():
            if self._names.get(name) is not value:
                setattr(self._owner, name, value)
                yield f"{self.known_as}.{name}"


class _TableSnapshot:
    """Snapshot of what a dictionary, a list or a set contains.

    Args:
        table: the live one.
        known_as: its name.
    """

    def __init__(self, table: Any, known_as: str) -> None:
        self._table, self._known_as, self._copy = table, known_as, table.copy()

    def is_intact(self) -> bool:
        """True if it contains the same objects."""
        now, before = self._table, self._copy
        if len(now) != len(before):
            return False
        if isinstance(now, dict):
            return all(map(is_, now, before)) and all(map(is_, now.values(), before.values()))
        if isinstance(now, set):
            return set(map(id, now)) == set(map(id, before))
        return all(map(is_, now, before))

    def restore(self) -> Iterator[str]:
        """Restore what it contained, and yield its name."""
        self._table.clear()
        if isinstance(self._table, list):
            self._table.extend(self._copy)
        else:
            self._table.update(self._copy)
        yield self._known_as


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


def _functions_in(value: Any) -> Iterator[FunctionType]:
    """The functions behind a name: of a property or a class method too."""
    if isinstance(value, property):
        parts = [value.fget, value.fset]
    elif isinstance(value, classmethod | staticmethod):
        parts = [value.__func__]
    else:
        parts = [value]
    return (one for one in parts if type(one) is FunctionType)


def _assigned_names(module: ModuleType) -> set[str]:
    """Names of a module that its own functions assign."""
    return {
        str(step.argval)
        for value in list(vars(module).values())
        if type(value) is FunctionType and value.__module__ == module.__name__ and _ASSIGNS in value.__code__.co_code
        for step in dis.get_instructions(value)
        if step.opcode == _ASSIGNS
    }


def _tables(spaces: list[_NameSnapshot]) -> list[_TableSnapshot]:
    """Snapshots of all tables of the kit, and of the tables in them."""
    found: dict[int, _TableSnapshot] = {}
    waiting = [
        (value, f"{space.known_as}.{name}")
        for space in spaces
        for name, value in space.held.items()
        if not (name.startswith("__") and name.endswith("__"))
    ]
    while waiting:
        table, known_as = waiting.pop()
        if type(table) in _TABLES and id(table) not in found:
            found[id(table)] = _TableSnapshot(table, known_as)
            inner = table.values() if isinstance(table, dict) else table
            waiting.extend((one, known_as) for one in inner if type(one) in _TABLES)
    return list(found.values())

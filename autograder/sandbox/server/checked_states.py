"""The notebook's names as each exercise's check saw them: a function is judged in the state that it was checked in.

A function looks its names up in the notebook when it is called. Cells below its check may have bound them to something
else (`layers = model.layers`), deleted them, or replaced the function itself, and the check above stays green. So the
names are copied after each cell that calls a check, and put back before the function is called. Bindings are put back,
not what they are bound to: a list that was changed in place, or an attribute of a module, stays as it is.
"""

from __future__ import annotations

import builtins
import dis
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from cnnkit.text import encodable

MOST_VISITED = 200
"""Functions and classes that are followed from one function to find the names that it uses."""

MOST_NOTES = 12

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_ABSENT = object()
_BUILT_IN = frozenset(vars(builtins))


@dataclass
class _State:
    """Names after a cell, for one function.

    Attributes:
        cell: number of that cell; 0 for one that was put back.
        checked: True if the cell calls the function's check, False for the release's position of it.
        names: the names, shared by all functions whose state was copied after the same cell.
        used: values of the names that the function mentions, directly or through other functions of the notebook.
        parts: attributes of the modules among them.
        changed: for each name in `used` that later cells have changed, the first such cell.
    """

    cell: int
    checked: bool
    names: dict[str, Any]
    used: dict[str, Any]
    parts: dict[str, tuple[ModuleType, dict[str, Any]]]
    changed: dict[str, int] = field(default_factory=dict)


class CheckedStates:
    """States of a notebook's names, by the function whose check saw them.

    Args:
        names: the notebook's names; the functions' own globals, changed in place by `restore`.

    Example:
        >>> names = {}
        >>> states = CheckedStates(names)
        >>> exec("size, doubled = 3, lambda: 2 * size", names)
        >>> states.after_cell(1, checked=["doubled"])
        >>> exec("size = None", names)
        >>> states.after_cell(2)
        >>> states.finish()
        ['Cell 2 changes `size`, which doubled() uses: doubled() is judged as it stood at its check.']
        >>> states.restore("doubled")
        >>> names["doubled"]()
        6
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._states: dict[str, _State] = {}
        self._seen: dict[str, Any] = {}
        self._written_in: dict[str, list[int]] = defaultdict(list)
        self._late: set[str] = set()
        self._end: dict[str, Any] = names
        self._current: dict[str, Any] = names

    def expect(self, functions: Iterable[str]) -> None:
        """Name the functions that will be judged, before the first cell runs."""
        self._seen = dict.fromkeys(functions, _ABSENT)

    def after_cell(self, number: int, checked: Iterable[str] = (), unless_checked: Iterable[str] = ()) -> None:
        """Copy the names for the functions whose check has just been called.

        A function that was not written at its check is judged after the first cell that writes it.

        Args:
            number: of the cell that has run; 0 for one that was put back.
            checked: functions whose check the cell called.
            unless_checked: functions whose check stands here in the release; it counts where no cell called theirs.
        """
        self._note_definitions(number)
        taking = dict.fromkeys(checked, True)
        for function in unless_checked:
            if not (function in self._states and self._states[function].checked):
                taking.setdefault(function, False)
        for function, state in self._states.items():
            if function not in taking:
                if not _is_written(state.names.get(function)) and _is_written(self._names.get(function)):
                    taking[function] = state.checked
                    self._late.add(function)
                else:
                    self._note_changes(number, state)
        if taking:
            copied = dict(self._names)
            for function, is_check in taking.items():
                self._states[function] = self._state(number, is_check, function, copied)

    def finish(self) -> list[str]:
        """Get ready for `restore`, after the last cell.

        Returns:
            Notes on what later cells would have changed.
        """
        self._end = self._current = dict(self._names)
        notes = list(self._notes())
        completed: set[int] = set()
        for state in self._states.values():
            if id(state.names) not in completed:
                completed.add(id(state.names))
                # A function may use a helper that stands below its check, as long as that hides no built-in name.
                later = {
                    name: value
                    for name, value in self._end.items()
                    if type(name) is str and name not in state.names and name not in _BUILT_IN
                }
                state.names.update(later)
        return [encodable(note, 500) for note in notes[:MOST_NOTES]]

    def restore(self, function: str) -> None:
        """Give the names the values that they had at a function's check, or at the end where it has none.

        What the calls of functions with the same check have changed meanwhile stays changed.
        """
        wanted = self._states[function].names if function in self._states else self._end
        if wanted is self._current:
            return
        self._current.clear()
        self._current.update(self._names)
        self._names.clear()
        self._names.update(wanted)
        self._current = wanted

    def _state(self, number: int, checked: bool, function: str, copied: dict[str, Any]) -> _State:
        # attributes of the same name are among these; which names are really read is found out where one has changed
        mentioned = _used_names(copied.get(function), copied, lambda code: code.co_names)
        used = {name: copied.get(name, _ABSENT) for name in mentioned}
        modules = {name: value for name, value in used.items() if type(value) is ModuleType}
        parts = {name: (module, dict(vars(module))) for name, module in modules.items()}
        used[function] = copied.get(function, _ABSENT)
        return _State(number, checked, copied, used, parts)

    def _note_definitions(self, number: int) -> None:
        for function, before in self._seen.items():
            now = self._names.get(function, _ABSENT)
            if not _alike(now, before):
                self._seen[function] = now
                if _is_written(now):
                    self._written_in[function].append(number)

    def _note_changes(self, number: int, state: _State) -> None:
        for name, value in state.used.items():
            if _alike(self._names.get(name, _ABSENT), value):
                state.changed.pop(name, None)
            else:
                state.changed.setdefault(name, number)

    def _notes(self) -> Iterator[str]:
        users: dict[tuple[int, str], list[str]] = defaultdict(list)
        for function, state in self._states.items():
            cells = [number for number in self._written_in[function] if number]
            if function in self._late:
                yield f"`{function}` was not written yet at its check; it is judged as cell {state.cell} left it."
            elif len(cells) > 1:
                counts = _cell_of(state.names.get(function)) or max((n for n in cells if n <= state.cell), default=0)
                seen = "the one that its last check saw counts"
                if counts:
                    seen = f"the one in cell {counts} counts, because its last check saw that one"
                listed = ", ".join(map(str, cells[:-1])) + f" and {cells[-1]}"
                yield f"`{function}` is written in cells {listed}: {seen}."
            elif function in state.changed:
                changed = f"Cell {state.changed[function]} changes `{function}`"
                yield f"{changed}: {function}() is judged as it stood at its check."
            others = {name: number for name, number in state.changed.items() if name not in self._states}
            read = _used_names(state.names.get(function), state.names, _read_names) if others else set()
            for name, number in others.items():
                if name in read:
                    users[number, name].append(function)
        for (number, name), functions in users.items():
            verb = "changes" if name in self._names else "deletes"
            one = len(functions) == 1
            who = ", ".join(f"{function}()" for function in functions) + (" uses" if one else " use")
            judged = f"{functions[0]}()" if one else "each"
            yield f"Cell {number} {verb} `{name[:80]}`, which {who}: {judged} is judged as it stood at its check."
        yield from self._replaced_parts()

    def _replaced_parts(self) -> Iterator[str]:
        """Notes on functions and classes of modules that were replaced after a check, which nothing puts back."""
        told: set[str] = set()
        for function, state in self._states.items():
            for name, (module, before) in state.parts.items():
                now = vars(module)
                for part, value in before.items():
                    replaced = callable(value) and not part.startswith("_") and now.get(part, _ABSENT) is not value
                    if replaced and (whole := f"{name}.{part}"[:80]) not in told:
                        told.add(whole)
                        yield (
                            f"`{whole}` was replaced after the check of {function}(), which uses `{name[:80]}`. "
                            "What is inside a module is not put back for grading."
                        )


def _used_names(start: Any, names: Mapping[str, Any], names_in: Callable[[CodeType], Iterable[str]]) -> set[str]:
    """Global names that an object's code uses, followed through the notebook's own functions and classes.

    Args:
        start: the object.
        names: the notebook's names.
        names_in: names that a piece of code uses.
    """
    found: set[str] = set()
    waiting: list[Any] = [start]
    visited: set[int] = set()
    while waiting and len(visited) < MOST_VISITED:
        one = waiting.pop()
        if id(one) in visited:
            continue
        visited.add(id(one))
        if isinstance(one, CodeType):
            fresh = set(names_in(one)) - found
            found |= fresh
            waiting += [names[name] for name in fresh if name in names]
            waiting += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
        elif type(one) is FunctionType:
            waiting.append(one.__code__)
            waiting += [cell.cell_contents for cell in one.__closure__ or () if _is_filled(cell)]
        elif type(one) is partial:
            waiting.append(one.func)
        elif isinstance(one, type) and one.__dict__.get("__module__") == "__main__":
            waiting += [value for value in vars(one).values() if type(value) is FunctionType]
    return found & (names.keys() | _BUILT_IN)


def _read_names(code: CodeType) -> set[str]:
    """Names that code reads from the notebook: not those of attributes."""
    return {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _is_written(value: Any) -> bool:
    """True for anything that can be called, but for a function that does nothing but raise NotImplementedError."""
    if type(value) is not FunctionType:
        return value is not None and callable(value)
    code = value.__code__
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return code.co_names != ("NotImplementedError",) or code.co_nlocals > arguments


def _alike(one: Any, other: Any) -> bool:
    """True for the same object, equal plain values, and a function that was only written once more."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if type(one) is FunctionType:
        return _alike(one.__defaults__, other.__defaults__) and _same_code(one.__code__, other.__code__)
    if type(one) is tuple:
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) in _PLAIN and bool(one == other)


def _same_code(one: CodeType, other: CodeType) -> bool:
    constants = [[value for value in code.co_consts if isinstance(value, CodeType)] for code in (one, other)]
    return (
        one.co_varnames == other.co_varnames
        and list(_steps(one)) == list(_steps(other))
        and len(constants[0]) == len(constants[1])
        and all(map(_same_code, *constants))
    )


def _steps(code: CodeType) -> Iterator[tuple[str, str]]:
    """The instructions of code, alike for a call of `math.sqrt` whether or not its cell imports `math`."""
    for step in dis.get_instructions(code):
        if step.opname not in ("PUSH_NULL", "PRECALL", "NOP", "EXTENDED_ARG"):
            is_jump = step.opcode in dis.hasjrel or step.opcode in dis.hasjabs
            known = "" if is_jump or isinstance(step.argval, CodeType) else f"{type(step.argval)} {step.argval}"
            yield step.opname.replace("LOAD_METHOD", "LOAD_ATTR"), known


def _cell_of(value: Any) -> int:
    """Number of the cell in which a function is written; 0 if it is not a function of a cell."""
    name = value.__code__.co_filename if type(value) is FunctionType else ""
    inside = name.removeprefix("<cell ").removesuffix(">")
    return int(inside) if name == f"<cell {inside}>" and inside.isdecimal() and len(inside) < 10 else 0

"""Uses of forbidden modules and functions by live code: what it refers to, and what it imports and calls while it runs.

Modules are known by the files of their code and functions by identity, so that no other name hides them: a second name
for a module, `getattr`, `importlib`, `sys.modules`, or a module that another module has imported. What the kit does on
its own account does not count.
"""

from __future__ import annotations

import builtins
import dis
import functools
import importlib
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from cnnkit.probe.forbidden_names import forbidden_by

MOST_USES = 20
"""Uses that are listed."""

_KIT = Path(__file__).parents[1]
_ALLOWED_OF_KIT = tuple(
    str(_KIT / part)
    for part in (
        *("__init__.py", "lazy_names.py", "spec.py", "weights.py", "session.py", "submission_file.py", "pretrained.py"),
        *("data/", "plots/", "checks/", "recording/", "networks/describe/"),
        # they put functions in the place of Keras's, and a notebook that calls `fit` calls those
        *("probe/watching.py", "probe/weightless_watching.py", "probe/driven_callbacks.py"),
        "probe/published_weights.py",
    )
)
"""Code of the kit that notebooks are told to call, and code that answers calls of Keras while they are watched."""

# Taken before any code of a notebook can replace them.
_get_profile, _set_profile, _set_thread_profile = sys.getprofile, sys.setprofile, threading.setprofile
_get_frame, _get_instructions = sys._getframe, dis.get_instructions
_SWITCHES = (sys.setprofile, sys.settrace)
_SWITCHES_IN_PYTHON = (threading.setprofile.__code__, threading.settrace.__code__)
_IMPORTERS = (importlib.import_module.__code__, importlib.__import__.__code__)


class ForbiddenUses:
    """Uses of forbidden modules and functions by code.

    Args:
        forbid: dotted paths.
        names: the global names of the notebook, by which its code is known.

    Attributes:
        found: uses so far, in words.
    """

    def __init__(self, forbid: Sequence[str], names: Mapping[str, Any]) -> None:
        self.found: list[str] = []
        self._forbid = list(forbid)
        self._names = names
        self._thread = threading.get_ident()
        self._folders = {entry: places for entry in forbid if (places := _places(entry))}
        self._objects: dict[int, tuple[str, Any]] = {}
        self._codes: dict[CodeType, str] = {}
        self._verdicts: dict[CodeType, str] = {}
        for entry in forbid:
            for value in _members(entry, is_module=entry in self._folders):
                self._objects[id(value)] = (entry, value)
                if (code := _code(value)) is not None:
                    self._codes[code] = entry

    def note(self, use: str) -> None:
        """Add a use, once."""
        if use not in self.found and len(self.found) < MOST_USES:
            self.found.append(use)

    def entry_of(self, value: Any) -> str:
        """The entry that forbids an object: a module, or what is defined in one; "" if none does."""
        while isinstance(value, functools.partial):
            value = value.func
        if isinstance(value, MethodType):
            value = value.__func__
        if id(value) in self._objects:
            return self._objects[id(value)][0]
        if isinstance(value, ModuleType):
            return forbidden_by(str(vars(value).get("__name__", "")), self._forbid)
        if isinstance(value, type):
            module = str(vars(value).get("__module__", ""))
            return "" if module.partition(".")[0] == "cnnkit" else forbidden_by(module, self._forbid)
        code = _code(value)
        return self._entry_of_code(code) if code is not None else ""

    def note_call(self, caller: FrameType, entry: str) -> None:
        """Note a call of a forbidden function, if code of the notebook led to it, and not by way of its own package."""
        if self._is_students(caller) and not self._is_its_own(caller, entry):
            self.note(f"a call of {entry}")

    # --- what code refers to -----------------------------------------------------------------------------------------

    def look_at(self, value: Any) -> None:
        """Note what a function of the notebook refers to, and so on for the functions that it refers to."""
        seen: set[int] = set()
        waiting = [value]
        while waiting and len(seen) < 2_000:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            with suppress(Exception):  # an object of the notebook's may raise at any look at it
                waiting.extend(self._look_at_one(one))

    def _look_at_one(self, one: Any) -> list[Any]:
        """Note an object that is forbidden; otherwise return those that it refers to."""
        if entry := self.entry_of(one) or self.entry_of(type(one)):
            self.note(entry if _label(one) == entry else f"{_label(one)}, which belongs to {entry}")
            return []
        return list(self._parts(one))

    def _parts(self, value: Any) -> Iterator[Any]:
        """Objects that code of the notebook refers to: functions, methods, classes, and containers of them."""
        if isinstance(value, functools.partial):
            yield from (value.func, *value.args, *value.keywords.values())
        elif isinstance(value, MethodType):
            yield from (value.__func__, value.__self__)
        elif isinstance(value, classmethod | staticmethod):
            yield value.__func__
        elif isinstance(value, property):
            yield from (one for one in (value.fget, value.fset, value.fdel) if one is not None)
        elif isinstance(value, FunctionType):
            if value.__globals__ is self._names:
                yield from value.__defaults__ or ()
                yield from (value.__kwdefaults__ or {}).values()
                free = dict(zip(value.__code__.co_freevars, map(_content, value.__closure__ or ()), strict=False))
                yield from self._references(value.__code__, free)
                yield from (inner for name in ("__wrapped__",) if (inner := vars(value).get(name)) is not None)
        elif isinstance(value, type):
            if value.__module__ == self._names.get("__name__"):
                yield from vars(value).values()
        elif type(value) in (list, tuple, set):
            yield from list(value)[:1_000]
        elif type(value) is dict:
            yield from list(value.values())[:1_000]

    def _references(self, code: CodeType, free: Mapping[str, Any]) -> Iterator[Any]:
        """Objects that a function's code names: globals, free variables, and parts of modules behind a dot."""
        value: Any = None
        imported = ""
        for step in _get_instructions(code):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                value = self._names.get(str(step.argval))
                yield value
            elif step.opname in ("LOAD_DEREF", "LOAD_CLASSDEREF"):
                value = free.get(str(step.argval))
                yield value
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(value, ModuleType):
                value = vars(value).get(str(step.argval))
                yield value
            elif step.opname == "IMPORT_NAME":
                value = None
                self._note_import(str(step.argval))
                imported = str(step.argval)
            elif step.opname == "IMPORT_FROM":
                self._note_import(f"{imported}.{step.argval}")
            elif step.opname not in ("CACHE", "EXTENDED_ARG", "PRECALL", "PUSH_NULL"):
                value = None
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._references(constant, free)

    # --- what code does while it runs --------------------------------------------------------------------------------

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Context in which imports and calls are noted; the student's code is to run in it."""
        real_import, before = builtins.__import__, _get_profile()
        self._thread = threading.get_ident()
        replaced = list(self._replaced())
        for module, name, _, stand_in in replaced:
            setattr(module, name, stand_in)
        builtins.__import__ = self._importing(real_import)
        _set_thread_profile(self._event)
        _set_profile(self._event)
        try:
            yield
        finally:
            is_watched = _get_profile() == self._event
            _set_profile(before)
            _set_thread_profile(None)  # it is how one ends it
            if not is_watched:
                self.note("sys.setprofile, which hides calls")
            builtins.__import__ = real_import
            for module, name, real, _ in replaced:
                setattr(module, name, real)

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            if entry := self._entry_of_code(code):
                if self._is_students(frame.f_back) and not self._is_its_own(frame.f_back, entry):
                    self.note(f"a call of {code.co_qualname}, which belongs to {entry}")
            elif code in _IMPORTERS and self._is_students(frame.f_back):
                self._note_import(frame.f_locals.get("name"))
            elif code in _SWITCHES_IN_PYTHON and self._is_students(frame.f_back):
                self.note(f"threading.{code.co_name}, which hides calls")
        elif event == "c_call":
            if id(argument) in self._objects and self._is_students(frame):
                self.note(f"a call of {_label(argument)}, which belongs to {self._objects[id(argument)][0]}")
            elif argument in _SWITCHES and self._is_students(frame):
                self.note(f"{_label(argument)}, which hides calls")

    def _importing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def imported(name: str, *args: Any, **kwargs: Any) -> Any:
            if self._is_students(_get_frame(1)):
                self._note_import(name)
                fromlist = kwargs.get("fromlist", args[2] if len(args) > 2 else None) or ()
                for one in fromlist:
                    self._note_import(f"{name}.{one}")
            return real(name, *args, **kwargs)

        return imported

    def _note_import(self, name: Any) -> None:
        if isinstance(name, str) and forbidden_by(name, self._forbid):
            self.note(f"an import of {name[:100]}")

    def _is_students(self, frame: FrameType | None) -> bool:
        """True if code of the notebook, and not of the kit, led here."""
        while frame is not None:
            if frame.f_globals is self._names:
                return True
            if frame.f_code.co_filename.startswith(f"{_KIT}/"):
                return False
            frame = frame.f_back
        return threading.get_ident() != self._thread  # nobody but the notebook has started another thread

    def _is_its_own(self, caller: FrameType | None, entry: str) -> bool:
        """True if a single function is called by other code of its package."""
        if caller is None or entry in self._folders:
            return False
        return str(caller.f_globals.get("__name__", "")).partition(".")[0] == entry.partition(".")[0]

    def _entry_of_code(self, code: CodeType) -> str:
        found = self._verdicts.get(code)
        if found is None:
            found = self._verdicts[code] = self._codes.get(code) or self._entry_of_file(code.co_filename)
        return found

    def _entry_of_file(self, file: str) -> str:
        if file.startswith(_ALLOWED_OF_KIT):
            return ""
        return next((entry for entry, places in self._folders.items() if file.startswith(places)), "")

    def _replaced(self) -> Iterator[tuple[ModuleType, str, Any, Any]]:
        """Single functions of which Python reports no calls, with stand-ins that do: where, under which name."""
        for entry, value in list(self._objects.values()):
            if entry in self._folders or _code(value) is not None or isinstance(value, BuiltinFunctionType):
                continue
            if not callable(value) or isinstance(value, type):
                continue
            package = entry.partition(".")[0]
            for name, module in list(sys.modules.items()):
                if name.partition(".")[0] == package and isinstance(module, ModuleType):
                    for own, held in list(vars(module).items()):
                        if held is value:
                            yield module, own, value, _StandIn(value, entry, self)


class _StandIn:
    """A function of a forbidden name, which notes that it is called."""

    def __init__(self, real: Any, entry: str, uses: ForbiddenUses) -> None:
        self._real, self._entry, self._uses = real, entry, uses

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._uses.note_call(_get_frame(1), self._entry)
        return self._real(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _places(entry: str) -> tuple[str, ...]:
    """Beginnings of the file names of a module's code; none if there is no module of that name."""
    found, path = None, None
    for number in range(1, entry.count(".") + 2):
        name = ".".join(entry.split(".")[:number])
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found is None:
            return ()
        path = found.submodule_search_locations
    assert found is not None
    if path is not None:
        return tuple(f"{Path(folder)}/" for folder in path)
    return (found.origin,) if found.origin else ()


def _members(entry: str, *, is_module: bool) -> Iterator[Any]:
    """The object of an entry, and the functions and classes that a module offers under its name.

    A module that is not imported has none yet: its code is known by its files.
    """
    module, _, name = (entry, "", "") if is_module else entry.rpartition(".")
    if is_module and entry not in sys.modules:
        return
    if entry == "cnnkit":
        return  # what it offers is what notebooks use
    try:
        found = importlib.import_module(module)
    except (ImportError, ValueError):
        return  # it is not installed, so nobody can use it
    if name:
        value = vars(found).get(name)
        yield from () if value is None else (value,)
        return
    yield found
    for value in list(vars(found).values()):
        if (
            callable(value)
            and str(getattr(value, "__module__", "") or entry).partition(".")[0] == entry.partition(".")[0]
        ):
            yield value


def _code(value: Any) -> CodeType | None:
    """The code of a function in Python, also of one that NumPy or `functools.wraps` has wrapped."""
    for _ in range(10):
        if isinstance(value, FunctionType) and not hasattr(value, "__wrapped__"):
            return value.__code__
        inner = getattr(value, "__wrapped__", None) if not isinstance(value, type | ModuleType) else None
        if inner is None:
            return None
        value = inner
    return None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _label(value: Any) -> str:
    name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or type(value).__name__)
    return name[:100]

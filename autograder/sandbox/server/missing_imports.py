"""Imports that fail while grading: a stand-in takes the name, and raises when it is used.

An import is often written for nothing (`import cv2` on top of a cell), and at home the package may be there. So a
failing import must not take the rest of its cell along. An import in a `try` with handlers, or in a `with` block, is
left alone: the student's code deals with its failure.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType, SimpleNamespace
from typing import Any, NoReturn

from cnnkit.grading_packages import packages_text
from cnnkit.text import encodable

_HANDLER = "__import_failed__"
"""Name under which rewritten code finds the handler, among the built-in ones."""


_COLAB = "google.colab."
"""What connects a notebook with Colab: mounting a drive, uploading files."""


class StandIn:
    """Object that takes the name of something that could not be imported; using it raises.

    As a decorator it is used once the decorated function is called.

    Args:
        error: type of the exception that a use raises.
        message: its message.
    """

    def __init__(self, error: type[ImportError], message: str) -> None:
        self.__dict__.update(_error=error, _message=message)

    def _fail(self, *_: Any, **__: Any) -> NoReturn:
        raise self._error(self._message)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what displays and copiers look for
            raise AttributeError(name)
        self._fail()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function that it decorates, which raises when it is called; any other call raises at once."""
        if kwargs or len(args) != 1 or not isinstance(args[0], FunctionType):
            self._fail()
        return functools.wraps(args[0])(lambda *_, **__: self._fail())

    def __repr__(self) -> str:
        return f"<{self._message}>"

    __getitem__ = __setitem__ = __setattr__ = __iter__ = __len__ = __contains__ = __bool__ = _fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _fail
    __enter__ = __exit__ = __instancecheck__ = __subclasscheck__ = __mro_entries__ = __index__ = __float__ = _fail


class IdleStandIn:
    """Object that takes the place of what exists on Colab only: every part of it can be called, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> dict[str, Any]:
        """No file was uploaded."""
        return {}


class FailedImports(ast.NodeTransformer):
    """Imports of a notebook that failed, and the stand-ins for them.

    Args:
        note: called with a plain sentence about each.

    Attributes:
        missing: packages that do not exist, as keys.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self.missing: dict[str, None] = {}
        setattr(builtins, _HANDLER, self.failed)

    def visit(self, node: ast.AST) -> ast.AST:
        """The tree of a cell with its imports guarded, as IPython calls its transformers."""
        if not isinstance(node, ast.Module):
            return node
        return guarded(node, self._notice)

    def failed(self, module: str, name: str, bound: str) -> Any:
        """Handle an exception of an import statement.

        Args:
            module: the module that was to be imported.
            name: what was to be imported from it; "" for the module itself, "*" for all.
            bound: the name that the statement binds.

        Returns:
            What that name gets: a stand-in, or, of `import a.b`, the package `a` if that can be imported.
        """
        if f"{module}.{name}.".startswith(_COLAB):
            self._note("`google.colab` exists on Colab only; during grading it does nothing.")
            return IdleStandIn() if bound != "google" else SimpleNamespace(colab=IdleStandIn())
        error = sys.exc_info()[1]
        lacking = _lacking_package(error, module)
        what = f"{module}.{name}" if name not in ("", "*") else module
        if lacking:
            message = f"{lacking} is not among the packages that are installed where work is graded: {packages_text()}"
            kind: type[ImportError] = ModuleNotFoundError
            self._miss(lacking, "; the rest of the cell was run")
        else:
            said = f"{type(error).__name__}: {error}"[:150]
            message, kind = f"{what} could not be imported ({said})", ImportError
            self._note(f"`{what}` could not be imported ({said}); the rest of the cell was run.")
        package = module.partition(".")[0]
        if not name and bound == package and bound != module:
            try:
                return import_module(package)
            except Exception:
                return StandIn(kind, encodable(message, 300))
        return StandIn(kind, encodable(message, 300))

    def _notice(self, module: str) -> None:
        """Note a package that a function imports, which will be called after the notebook has run."""
        package = module.partition(".")[0]
        if not _exists(package):
            self._miss(package, "")

    def _miss(self, package: str, more: str) -> None:
        if package not in self.missing:
            self.missing[package] = None
            self._note(f"`{package[:80]}` is not installed where work is graded (these are: {packages_text()}){more}.")


def guarded(tree: ast.Module, notice: Callable[[str], None] | None = None) -> ast.Module:
    """A syntax tree whose import statements call the handler of `FailedImports` where they fail.

    Args:
        tree: of a cell or a module; changed in place.
        notice: called with the modules that are imported within functions.
    """
    tree.body = list(_guarded_statements(tree.body, False, notice))
    return tree


def _guarded_statements(
    body: list[ast.stmt], in_function: bool, notice: Callable[[str], None] | None
) -> Iterator[ast.stmt]:
    for statement in body:
        imports = list(_imports(statement))
        if imports:
            for one, module, name, bound in imports:
                if in_function and notice:
                    notice(module)
                yield _tried(statement, one, module, name, bound)
            continue
        within = in_function or isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        for holder, part in _blocks(statement):
            setattr(holder, part, list(_guarded_statements(getattr(holder, part), within, notice)))
        yield statement


def _blocks(statement: ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    """Statement lists inside a statement, but for those where a failing import is dealt with."""
    if isinstance(statement, ast.With):
        return
    is_try = isinstance(statement, ast.Try | ast.TryStar)
    for holder in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for part in ("body", "orelse", "finalbody"):
            caught = is_try and part == "body" and holder is statement and bool(getattr(statement, "handlers", ()))
            if getattr(holder, part, None) and not caught:
                yield holder, part


def _imports(statement: ast.stmt) -> Iterator[tuple[ast.stmt, str, str, str]]:
    """An import statement one name at a time: statement, module, name in it ("" for itself), name that it binds."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield ast.Import([alias]), alias.name, "", bound
    elif isinstance(statement, ast.ImportFrom) and statement.module not in (None, "__future__") and not statement.level:
        for alias in statement.names:
            bound = "" if alias.name == "*" else alias.asname or alias.name
            yield ast.ImportFrom(statement.module, [alias], 0), str(statement.module), alias.name, bound


def _tried(node: ast.stmt, statement: ast.stmt, module: str, name: str, bound: str) -> ast.stmt:
    call = ast.Call(ast.Name(_HANDLER, ast.Load()), [ast.Constant(one) for one in (module, name, bound)], [])
    handled: ast.stmt = ast.Assign([ast.Name(bound, ast.Store())], call) if bound else ast.Expr(call)
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [handled])
    whole = ast.Try([statement], [handler], [], [])
    for part in ast.walk(whole):
        ast.copy_location(part, node)
    return whole


def _lacking_package(error: BaseException | None, module: str) -> str:
    """The package whose absence is the reason why an import failed; "" if that is not the reason."""
    if not isinstance(error, ModuleNotFoundError):
        return ""
    package = str(error.name or module).partition(".")[0]
    return "" if _exists(package) else package


def _exists(package: str) -> bool:
    if package in sys.modules:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError, AttributeError):
        return False

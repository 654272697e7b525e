"""Uses of the interpreter's innards, and of parts of the kit that no notebook and no page tells of.

Nothing of it is forbidden, unless an exercise says so: who finds `construct` in the package and calls it may have
learnt something. But a teaching assistant should know, so it becomes a note.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from autograder.intake.syntax import parse_code
from cnnkit.probe.forbidden_names import is_documented

_MODULES = frozenset(("ctypes", "gc", "inspect", "importlib", "autograder", "dis", "builtins", "_thread"))
_OF_SYS = frozenset(("modules", "_getframe", "_current_frames", "settrace", "setprofile", "meta_path", "path_hooks"))
_ATTRIBUTES = frozenset(
    (
        *("f_back", "f_locals", "f_globals", "f_builtins", "tb_frame", "gi_frame", "cr_frame", "ag_frame"),
        *("__globals__", "__code__", "__closure__", "__subclasses__", "__builtins__", "__loader__", "__spec__"),
    )
)
_NAMES = frozenset(("__import__", "__builtins__", "__loader__", "__spec__"))

Use = tuple[int, str]
"""Number of a cell and what it uses, as one would write it."""


def innards(cells: Iterable[tuple[int, str]], given: Sequence[str] = ()) -> list[Use]:
    """Find uses of innards.

    Args:
        cells: number and source of each cell of the student's own.
        given: sources of the other cells; only what they import is read.

    Returns:
        Each use once for each cell, in order.

    Example:
        >>> innards([(3, "from cnnkit.spec import construct"), (4, "import numpy")])
        [(3, 'cnnkit.spec.construct')]
    """
    trees = [(number, parse_code(source)) for number, source in cells]
    names: dict[str, str] = {}
    for tree in (*map(parse_code, given), *(tree for _, tree in trees)):
        if tree is not None:
            names.update(imported_names(tree))
    found = [(number, use) for number, tree in trees if tree is not None for use in _uses(tree, names)]
    return list(dict.fromkeys(found))


def note(uses: Sequence[Use]) -> str:
    """The uses in a sentence for the TA; "" for none."""
    if not uses:
        return ""
    shown = "; ".join(f"cell {number}: {use}" for number, use in uses[:5])
    more = f"; and {len(uses) - 5} more" if len(uses) > 5 else ""
    return f"For the teaching assistant: it uses parts of cnnkit or of Python that no page tells of ({shown}{more})."


def imported_names(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that stand for modules and their parts, with what they stand for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _uses(tree: ast.AST, names: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        for path in paths(node, names):
            if _is_innards(path):
                yield ".".join(path.split(".")[:6])[:100]
        if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            yield node.attr
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            yield node.id


def paths(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    """Dotted paths that a node names, from the module on."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Attribute):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute) and len(parts) < 20:
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names:
            yield ".".join([names[inner.id], *reversed(parts)])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "vars"):
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Name) and names.get(first.id, "").partition(".")[0] in ("cnnkit", "sys"):
            yield f"{names[first.id]}.__dict__"


def _is_innards(path: str) -> bool:
    first, *parts = path.split(".")
    if first == "cnnkit":
        return not is_documented(path)
    if first == "sys":
        return bool(parts) and (parts[0] in _OF_SYS or parts[0] == "__dict__")
    return first in _MODULES

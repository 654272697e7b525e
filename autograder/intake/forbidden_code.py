"""Forbidden modules and functions in the code of an exercise, by its syntax tree; nothing is run.

Only what the exercise's functions lead to is looked at: their definitions, and the student's own statements that define
the names in them, and so on. What another exercise uses does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType

from autograder.intake.innards import imported_names, paths
from autograder.intake.syntax import parse_code
from cnnkit.probe.forbidden_names import forbidden_by

_BY_TEXT = frozenset(("import_module", "__import__", "find_spec", "find_loader", "run_module", "load_module"))
"""Functions that take a module's name as a text."""

_TABLES = frozenset(("modules", "__dict__", "vars", "globals"))


def forbidden_in_code(
    function: str,
    forbid: Sequence[str],
    own: Iterable[tuple[int, str]],
    given: Iterable[str] = (),
    *,
    later: Iterable[tuple[int, str]] = (),
    modules: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Find what a function uses of the forbidden modules and functions.

    Args:
        function: its name.
        forbid: dotted paths; see `cnnkit.probe.forbidden_names`.
        own: number and source of each of the student's cells up to the last check of the exercise.
        given: sources of the other cells; only what they import is read.
        later: likewise the student's cells below that check. They count for names that those above do not define.
        modules: sources of the modules beside the notebook, by path.

    Returns:
        Each use once, as in "keras.ops.conv in cell 3".

    Example:
        >>> forbidden_in_code("f", ["keras"], [(2, "def f(x): return keras.ops.relu(x)")], ["import keras"])
        ['keras.ops.relu in cell 2']
    """
    names: dict[str, str] = {}
    for tree in map(parse_code, given):
        if tree is not None:
            names.update(imported_names(tree))
    above, below = _statements(own), _statements(later)
    above = [one for place, one in enumerate(above) if not _is_replaced(above, place)]
    defined = {name for _, statement in above for name in _bound(statement)}
    statements = above + [one for one in below if not defined.intersection(_bound(one[1]))]
    for _, statement in statements:
        names.update(imported_names(statement))
        names.update(_renamed(statement, names))
    chosen = _led_to(function, statements)
    found: list[str] = []
    for place, statement in chosen:
        found += _uses_in(f"cell {place}", statement, names, forbid)
    for path, module in _modules_of([statement for _, statement in chosen], modules):
        found += _uses_in(path[:80], module, dict(imported_names(module)), forbid)
    return list(dict.fromkeys(found))


def _statements(cells: Iterable[tuple[int, str]]) -> list[tuple[int, ast.stmt]]:
    trees = ((number, parse_code(source)) for number, source in cells)
    return [(number, statement) for number, tree in trees if tree is not None for statement in tree.body]


def _uses_in(place: str, tree: ast.AST, names: dict[str, str], forbid: Sequence[str]) -> list[str]:
    uses = list(dict.fromkeys(_uses(tree, names, forbid)))
    parts = {one for one in uses for other in uses if other.startswith(f"{one}.")}  # keras, of keras.ops.relu
    return [f"{use} in {place}" for use in uses if use not in parts]


def _is_replaced(statements: Sequence[tuple[int, ast.stmt]], place: int) -> bool:
    """True for a function that is written once more, and is only called in between: the later one counts."""
    first = statements[place][1]
    if not isinstance(first, ast.FunctionDef) or first.decorator_list:
        return False
    for _, statement in statements[place + 1 :]:
        nodes = list(ast.walk(statement))
        called = {node.func for node in nodes if isinstance(node, ast.Call)}
        if any(
            (isinstance(node, ast.Name) and node.id == first.name and node not in called)
            or (isinstance(node, ast.Constant) and node.value == first.name)
            for node in nodes
        ):
            return False
        if isinstance(statement, ast.FunctionDef) and statement.name == first.name:
            return True
    return False


def _modules_of(trees: Sequence[ast.AST], modules: Mapping[str, str]) -> Iterator[tuple[str, ast.AST]]:
    """Modules beside the notebook that code imports, directly or through each other, with their paths."""
    left, waiting = dict(modules), [*trees]
    while waiting:
        imported = {part for _, path in imported_names(waiting.pop()) for part in path.split(".")}
        for path in [path for path in left if imported & {PurePosixPath(part).stem for part in path.split("/")}]:
            tree = parse_code(left.pop(path))
            if tree is not None:
                yield path, tree
                waiting.append(tree)


def _renamed(statement: ast.stmt, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names that an assignment gives to modules or their parts: `k = keras`, `conv = keras.ops.conv`."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for path in [*_named(node.value, names)]:
                yield from ((target.id, path) for target in targets if isinstance(target, ast.Name))


def _led_to(function: str, statements: Sequence[tuple[int, ast.stmt]]) -> list[tuple[int, ast.stmt]]:
    """The statements that a function depends on: those that define it, and those that define what they name."""
    defining: dict[str, list[int]] = {}
    for place, (_, statement) in enumerate(statements):
        for name in set(_bound(statement)):
            defining.setdefault(name, []).append(place)
    wanted, waiting, chosen = {function}, [function], set[int]()
    while waiting:
        for place in defining.get(waiting.pop(), ()):
            if place not in chosen:
                chosen.add(place)
                named = {node.id for node in ast.walk(statements[place][1]) if isinstance(node, ast.Name)} - wanted
                wanted |= named
                waiting += named
    return [statements[place] for place in sorted(chosen)]


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement defines or changes."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            inner: ast.AST = node
            while isinstance(inner, ast.Attribute | ast.Subscript):
                inner = inner.value
            if isinstance(inner, ast.Name):
                yield inner.id


def _uses(statement: ast.AST, names: dict[str, str], forbid: Sequence[str]) -> Iterator[str]:
    """Forbidden paths in a statement.

    An import outside functions serves all exercises: what counts is the use of a name that it gives.
    """
    outside = set(_imports_outside_functions(statement))
    for node in ast.walk(statement):
        if node in outside:
            continue
        for path in (*paths(node, names), *_named(node, names), *_by_text(node, names)):
            if forbidden_by(path, forbid):
                yield path[:100]


def _imports_outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for inner in ast.iter_child_nodes(node):
            yield from _imports_outside_functions(inner)


def _named(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
        yield names[node.id]
    elif isinstance(node, ast.Attribute):
        yield from paths(node, names)
    elif isinstance(node, ast.Call | ast.Subscript):
        yield from _by_text(node, names)


def _by_text(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    """Paths that are given by a text: `getattr(keras, "ops")`, `import_module("keras")`, `sys.modules["keras"]`."""
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if called in _BY_TEXT:
            yield from texts[:1]
        elif called == "getattr" and texts:
            yield from (f"{owner}.{texts[0]}" for owner in _named(node.args[0], names))
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        table = node.value.func if isinstance(node.value, ast.Call) else node.value
        if isinstance(table, ast.Attribute) and table.attr in _TABLES:
            if table.attr == "modules":
                yield node.slice.value
            else:
                yield from (f"{owner}.{node.slice.value}" for owner in _named(table.value, names))
        elif isinstance(table, ast.Name) and table.id in _TABLES:
            arguments = node.value.args if isinstance(node.value, ast.Call) else []
            owners = [owner for one in arguments for owner in _named(one, names)]
            yield from (f"{owner}.{node.slice.value}" for owner in owners)
            if not owners and node.slice.value in names:
                yield names[node.slice.value]

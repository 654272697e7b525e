"""Functions of a notebook that a change of some cells can reach: an audit need not call the others again."""

from __future__ import annotations

import ast
import itertools
import symtable
from collections.abc import Iterator, Sequence

from autograder.intake.syntax import parse_code

_FAR = frozenset(
    {
        "__builtins__",
        "__dict__",
        "__import__",
        "__main__",
        "backend",
        "clear_session",
        "config",
        "delattr",
        "eval",
        "exec",
        "gc",
        "get_ipython",
        "globals",
        "importlib",
        "locals",
        "mixed_precision",
        "modules",
        "monkeypatch",
        "random",
        "register_keras_serializable",
        "seed",
        "set_random_seed",
        "setattr",
        "sys",
        "vars",
    }
)
"""Names with which code can change what other code does without naming it."""


def reached(reference: Sequence[str], changed: Sequence[str]) -> frozenset[str] | None:
    """Names that may mean something else in the changed notebook than in the reference.

    A name is reached if a changed cell binds it, before or after the change, or if the code that binds it uses a name
    that is reached. A method that changes an object of a different cell in place is not recognised.

    Args:
        reference: source of the code cells.
        changed: source of the same cells in the changed notebook.

    Returns:
        The names; None if the change can reach everything: a changed cell does more than define functions, classes
        and constants, changes an object of another cell, or cannot be read.

    Example:
        >>> cells = ["import keras", "def one(): return keras", "def two(): return one()", "def three(): return 3"]
        >>> sorted(reached(cells, [cells[0], "def one(): return 1", *cells[2:]]))
        ['one', 'two']
    """
    if len(reference) != len(changed):
        return None
    pairs = [pair for pair in zip(reference, changed, strict=True) if pair[0] != pair[1]]
    names: set[str] = set()
    for source in itertools.chain(*pairs):
        tree = parse_code(source)
        if tree is None or not all(_only_defines(node) for node in tree.body):
            return None
        names.update(*map(_bound, tree.body))
    users: list[tuple[set[str], set[str]]] = []
    for source in changed:
        if (tree := parse_code(source)) is None:
            return None
        users += [(_bound(node), _used(node)) for node in tree.body]
    before = -1
    while before != len(names):
        before = len(names)
        for bound, used in users:
            if used & names:
                names |= bound
    return frozenset(names)


def _only_defines(node: ast.stmt) -> bool:
    """True for a statement that binds names of its own and does nothing else, now or when it is called."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value
        plain = value is None or not any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(value))
        return plain and not _reaches_far(node)
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and _runs_code(node):
        return False
    definition = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
    return definition and not _reaches_far(node)


def _runs_code(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """True if a definition calls something by itself: in a decorator, a default, a base class or a class body."""
    if node.decorator_list:
        return True
    if isinstance(node, ast.ClassDef):
        outside: list[ast.expr] = [*node.bases, *(keyword.value for keyword in node.keywords)]
        if not all(_only_defines(inner) or isinstance(inner, ast.Pass) for inner in node.body):
            return True
    else:
        outside = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    return any(isinstance(part, ast.Call) for one in outside for part in ast.walk(one))


def _reaches_far(node: ast.stmt) -> bool:
    """True if code may change an object that it did not make: another cell could use the same."""
    own = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    own |= {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
    for part in ast.walk(node):
        if isinstance(part, ast.Global | ast.Nonlocal):
            return True
        if isinstance(part, ast.Attribute | ast.Subscript):
            changed = not isinstance(part.ctx, ast.Load)
            if changed and _root(part) not in own:
                return True
        if not _FAR.isdisjoint(_words(part)):
            return True
    return False


def _root(node: ast.expr) -> str:
    """Name at which a chain of attributes and items begins; "" if it begins with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from (node.module or "").split(".")
    elif isinstance(node, ast.alias):
        yield from node.name.split(".")


def _bound(node: ast.stmt) -> set[str]:
    """Names of the notebook that a statement binds; those inside of a function are not among them."""
    top = _scopes(node)[0]
    return {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def _used(node: ast.stmt) -> set[str]:
    """Names of the notebook that a statement reads; a text that is a name counts, as in `getattr(module, "name")`."""
    top, *inner = _scopes(node)
    names = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    names |= {symbol.get_name() for scope in inner for symbol in scope.get_symbols() if symbol.is_global()}
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return names | {text for text in texts if isinstance(text, str) and text.isidentifier()}


def _scopes(node: ast.stmt) -> list[symtable.SymbolTable]:
    """The scope of a statement and all scopes inside."""
    scopes = [symtable.symtable(ast.unparse(node), "cell", "exec")]
    for scope in scopes:
        scopes += scope.get_children()
    return scopes

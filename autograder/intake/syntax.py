"""What a cell's code defines and uses, read from its syntax tree and never run."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterable

MAX_PARSED = 200_000
"""Characters; a longer cell is looked at with a regular expression only."""

_REMEMBERED = 10_000
"""Characters; what a cell of at most so many defines is remembered: most cells of a class are the release's own."""

_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
_SHELL_ASSIGNMENT = re.compile(r"^(\s*[\w, ]+=\s*)[!%].*$", re.MULTILINE)
_PYTHON_CELL_MAGICS = {"time", "capture", "prun"}
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def parse_code(source: str) -> ast.Module | None:
    """The syntax tree, `%` magics and `!` lines tolerated; None where the code is not Python.

    A cell magic of another language (`%%bash`, `%%html`, `%%writefile`) gives None.
    """
    if len(source) > MAX_PARSED:
        return None
    head = source.lstrip()
    if head.startswith("%%") and head[2:].split(None, 1)[:1] not in [[name] for name in _PYTHON_CELL_MAGICS]:
        return None
    return _parse(source) or _parse(_SHELL_ASSIGNMENT.sub(r"\1None", _MAGIC.sub(r"\1pass", source)))


def defined_names(source: str) -> frozenset[str]:
    """Names that running the cell binds: functions, classes, imports, assignments.

    Where the code does not parse (a syntax error, a huge cell), the names after `def` and `class`: the cell is still
    recognised by what it tries to define.
    """
    return _known(source) if len(source) <= _REMEMBERED else _defines(source)


def _defines(source: str) -> frozenset[str]:
    tree = parse_code(source)
    if tree is None:
        return frozenset() if source.lstrip().startswith("%%") else frozenset(_DEFINITION.findall(source))
    return _bound(tree.body)


_known = functools.lru_cache(maxsize=1024)(_defines)


def defined_functions(source: str) -> frozenset[str]:
    """Names of the functions that the cell defines with `def`, at top level."""
    tree = parse_code(source)
    if tree is None:
        return frozenset()
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def used_names(source: str) -> frozenset[str]:
    """Names that the cell reads, inside functions too."""
    tree = parse_code(source)
    if tree is None:
        return frozenset()
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def additions(edited: str, original: str, definitions_only: bool = False) -> str:
    """What an edit of a given cell adds: its top-level statements that bind names the original does not bind.

    Args:
        edited: the student's version.
        original: the release's version.
        definitions_only: only imports, functions, classes and constants; for cells that must not run (long training).

    Returns:
        The statements' own text, in order; "" where nothing is added or the edit does not parse.
    """
    tree = parse_code(edited)
    if tree is None:
        return ""
    known, lines, kept = defined_names(original), re.split(r"\r\n|\r|\n", edited), []
    done = 0  # statements that share a line are taken once, with the line
    for node in tree.body:
        # `import tensorflow as tf` where the release says the same is no addition; `import os.path` binds `os`.
        if not _bound([node]) - known or not isinstance(node, (*_DEFINITIONS, ast.Assign, ast.AnnAssign)):
            continue
        if definitions_only and not isinstance(node, _DEFINITIONS) and not _constant(node):
            continue
        decorators = getattr(node, "decorator_list", [])
        first, last = min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno
        if last > done:
            kept.append("\n".join(lines[max(first - 1, done) : last]))
            done = last
    return "\n".join(kept)


def same_but_for_values(one: str, other: str) -> bool:
    """Whether two cells differ in nothing but literal values: a student's id filled in, a switch turned."""
    trees = parse_code(one), parse_code(other)
    if trees[0] is None or trees[1] is None:
        return False
    skeletons = _skeleton(trees[0]), _skeleton(trees[1])
    return skeletons[0] is not None and skeletons[0] == skeletons[1]


def _skeleton(tree: ast.AST) -> str | None:
    """The tree without its literal values; None where it is nested too deeply to be written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value, node.kind = 0, None
    try:
        return ast.dump(tree)
    except RecursionError:
        return None


def _constant(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    if value is None:
        return False
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in a student's string are not the grader's concern
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(statements: Iterable[ast.AST]) -> frozenset[str]:
    names: set[str] = set()
    waiting = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, _SCOPES + _COMPREHENSIONS):
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(names - {"*"})

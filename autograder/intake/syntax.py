"""Names that a cell's code defines and uses, read from its syntax tree; nothing is run."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterable

from cnnkit.linear_pattern import compile_linear
from cnnkit.notebook_imports import modules_of

MAX_PARSED = 200_000
"""Characters up to which a cell is parsed; the names in a longer one are found with a regular expression."""

_MAX_CACHED = 10_000
"""Characters up to which the names in a cell are cached: most cells of a class are the release's own."""

# Not IPython's TransformerManager, though it knows every form: it splits the whole cell into tokens again for each
# magic, so that 400 of them (1,200 characters) take 6 seconds of CPU time; an ordinary cell takes it 7 to 19 times as
# long; and it moves lines and hides the body of a `%%time` cell, while `additions` needs the lines as they were.
_MAGIC = compile_linear(r"^([ \t]*+)(?:%(?=[A-Za-z_%])|!(?!=)|\?)[^\n]*+(?:(?<=\\)\n[^\n]*+)*+", re.MULTILINE)
_HELP = compile_linear(r"^([ \t]*+)[^\n?'\"#]++\?{1,2}+[ \t]*+$", re.MULTILINE)
_ASSIGNED = compile_linear(
    r"^([^\n=#'\"]*+=)[ \t]*+(?:%(?=[A-Za-z_%])|!(?!=))[^\n]*+(?:(?<=\\)\n[^\n]*+)*+", re.MULTILINE
)
"""Lines that IPython adds to Python: `%magic`, `!command`, `name?`, `files = !ls`; a backslash continues a line."""

_PROMPT = compile_linear(r"^(?:In \[[ \d]{0,6}\]:|>>>|\.\.\.(?=[ \t]|$)|[ \t]{0,12}\.\.\.:)[ \t]?")
"""Prompt of a shell in front of a copied line: `In [5]: `, `   ...: `, `>>> `, `... `."""

_PYTHON_FENCES = {"", "python", "py", "python3", "ipython", "ipython3", "code-cell", "code"}
_PYTHON_CELL_MAGICS = {"time", "capture", "prun"}
_DEFINITION = compile_linear(r"^[ \t]*+(?:async[ \t]++)?+(?:def|class)[ \t]++([A-Za-z_]\w*+)", re.MULTILINE)
_LINE_BREAK = compile_linear(r"\r\n|\r|\n")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def parse_code(source: str) -> ast.Module | None:
    """Parse a cell's code, with `pass` for `%` magics, `!` lines and `name?` on lines of their own.

    Line numbers of the tree are those of `source`.

    Returns:
        The syntax tree; None if the code is not Python, is longer than `MAX_PARSED`, or belongs to a cell magic that
        runs something else (`%%bash`, `%%html`, `%%writefile`).
    """
    if len(source) > MAX_PARSED:
        return None
    head = source.lstrip()
    if head.startswith("%%") and head[2:].split(None, 1)[:1] not in [[name] for name in _PYTHON_CELL_MAGICS]:
        return None
    return parsed(source) or parsed(_as_python(source))


def _as_python(source: str) -> str:
    """Replace IPython's own lines by Python, line for line."""
    for pattern, text in ((_MAGIC, "pass"), (_HELP, "pass"), (_ASSIGNED, " None")):

        def replaced(found: re.Match[str], text: str = text) -> str:
            return f"{found[1]}{text}" + "\n" * found[0].count("\n")

        source = pattern.sub(replaced, source)
    return source


def defined_names(source: str) -> frozenset[str]:
    """Names that running the cell binds: functions, classes, imports, assignments.

    If the code does not parse (a syntax error, a huge cell), these are the names after `def` and `class`, so that the
    cell is still recognised.
    """
    return _cached_names(source) if len(source) <= _MAX_CACHED else _names(source)


def _names(source: str) -> frozenset[str]:
    tree = parse_code(source)
    if tree is None:
        return frozenset() if source.lstrip().startswith("%%") else frozenset(_DEFINITION.findall(source))
    return _bound(tree.body)


_cached_names = functools.lru_cache(maxsize=1024)(_names)


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


def binds_unnamed(source: str) -> bool:
    """True if the cell may bind names that its text does not show: `from helper import *`, `%run`, `exec`."""
    return any(words in source for words in ("import *", "%run", "%load", "exec("))


def fenced_code(source: str) -> str:
    '''The Python code that a Markdown text quotes between lines of three backticks or tildes, joined, without prompts.

    Example:
        >>> print(fenced_code("""Like this:
        ... ```python
        ... In [5]: def f():
        ...    ...:     return 1
        ... ```"""))
        def f():
            return 1
    '''
    quoted: list[str] = []
    fence = ""
    taking = False
    for line in source.splitlines():
        mark = line.strip()
        if fence:
            if mark.startswith(fence) and not mark.strip(fence[0]):
                fence = ""
            elif taking:
                quoted.append(line)
        elif mark.startswith(("```", "~~~")):
            words = mark.lstrip(mark[0])
            fence = mark[: len(mark) - len(words)]
            taking = words.strip(" {}").lower() in _PYTHON_FENCES
    if any(line.startswith(("In [", ">>>")) for line in quoted):
        quoted = [_PROMPT.sub("", line) for line in quoted]
    return "\n".join(quoted)


def imported_modules(source: str) -> frozenset[str]:
    """Names of the top-level modules that the cell imports, inside functions too.

    Example:
        >>> sorted(imported_modules("import os.path, helper; from mynet import build"))
        ['helper', 'mynet', 'os']
    """
    if "import" not in source or (tree := parse_code(source)) is None:
        return frozenset()
    return frozenset(modules_of(tree))


def called_checks(source: str) -> tuple[str, ...]:
    """Exercises whose check the cell calls by its own name, outside functions; in order, each once.

    Example:
        >>> called_checks("for _ in range(2): cnnkit.check.architecture(build_convnet)")
        ('architecture',)
    """
    if "check." not in source or (tree := parse_code(source)) is None:
        return ()
    found: dict[str, None] = {}
    waiting: list[ast.AST] = list(reversed(tree.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_check(node.func.value):
            found.setdefault(node.func.attr)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))
    return tuple(found)


def _is_check(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "check") or (
        isinstance(node, ast.Name) and node.id == "check"
    )


def additions(edited: str, original: str, definitions_only: bool = False) -> str:
    """Text that an edit of a release cell adds: its top-level statements that bind names which the original does not.

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
    known, lines, kept = defined_names(original), _LINE_BREAK.split(edited), []
    done = 0  # statements that share a line are taken once, with the line
    for node in tree.body:
        # `import tensorflow as tf` where the release says the same is no addition; `import os.path` binds `os`.
        if not _bound([node]) - known or not isinstance(node, (*_DEFINITIONS, ast.Assign, ast.AnnAssign)):
            continue
        if definitions_only and not isinstance(node, _DEFINITIONS) and not _constant(node):
            continue
        decorators = getattr(node, "decorator_list", [])
        first, last = min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno
        while last < len(lines) and lines[last - 1].endswith("\\"):
            last += 1  # a shell command that goes on in the next line
        if last > done:
            kept.append("\n".join(lines[max(first - 1, done) : last]))
            done = last
    return "\n".join(kept)


def same_but_for_values(one: str, other: str) -> bool:
    """True if two cells differ in literal values only, such as a student id that was filled in."""
    trees = parse_code(one), parse_code(other)
    if trees[0] is None or trees[1] is None:
        return False
    skeletons = _skeleton(trees[0]), _skeleton(trees[1])
    return skeletons[0] is not None and skeletons[0] == skeletons[1]


def _skeleton(tree: ast.AST) -> str | None:
    """The tree as text without literal values; None if it is nested too deeply. The tree is changed."""
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


def parsed(source: str) -> ast.Module | None:
    """Syntax tree of code that is Python as it stands; None if it is not, or is nested too deeply."""
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

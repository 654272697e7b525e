"""Secrets of an assignment: the text of solutions, written reference answers and hidden tests."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard

from autograder.course.config import Course
from autograder.course.layout import RUBRICS
from autograder.release.build import build_source

SecretKind = Literal["marker", "solution", "written answer", "hidden test"]

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS", "BEGIN MARK SCHEME")

LINE_CHARACTERS = 22
"""A line of code with fewer characters, white space not counted, is too common to be a secret: `return model`."""

DISTINCTIVE_CHARACTERS = 13
"""A shorter line is a secret if it computes: an operator between two names or numbers, as in `size // stride`."""

TEXT_CHARACTERS = 25
"""A sentence or string with fewer characters is too common."""

VALUES_CHARACTERS = 10
"""A row of test values with fewer characters is too common; `(31, 4, 3, "valid", 10)` is not. It has at least three
values."""

_LITERAL = re.compile(r"""\s*[rfb]?("[^"]*"|'[^']*'),?\s*""")
_COMPUTES = re.compile(r"\w\)?(//|\*\*|[-+*/%@])\(?\w")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")


@dataclass(frozen=True)
class Secret:
    """Text that must not be found in a release.

    Attributes:
        kind: its origin.
        text: as its author wrote it, in one line.
        key: the text without white space, so that it is found however it is laid out.
    """

    kind: SecretKind
    text: str
    key: str


def squeeze(text: str) -> str:
    """Remove all white space, and make all quotes single ones."""
    return "".join(text.split()).replace('"', "'")


def secrets(course: Course, name: str) -> list[Secret]:
    """Collect what students must not see of one assignment, beyond the markers themselves.

    Text that is also in the part of the source that students get is not secret.

    Raises:
        CourseError, ReleaseError: the source cannot be built.
    """
    answers, given = _split(json.loads(build_source(course, name)))
    known = squeeze("\n".join(given))
    found: dict[str, Secret] = {}

    def add(kind: SecretKind, text: str, excused: bool = True) -> None:
        key = squeeze(text)
        if key and key not in found and not (excused and key in known):
            found[key] = Secret(kind, " ".join(text.split()), key)

    for code in answers["code"]:
        for line in code:
            if _is_distinctive(line):
                add("solution", line)
    for sentence in _sentences(answers["markdown"]):
        add("written answer", sentence)
    for path in sorted((RUBRICS / name).glob("*")):
        if path.suffix == ".py":
            for text, excused in _of_rubric(path):
                add("hidden test", text, excused)
        elif path.suffix in (".md", ".txt"):
            for sentence in _sentences([path.read_text(encoding="utf-8").splitlines()]):
                add("written answer", sentence)
    return list(found.values())


def _split(notebook: dict[str, Any]) -> tuple[dict[str, list[list[str]]], list[str]]:
    """Separate the lines inside solution regions, by cell type, from all text outside of them."""
    answers: dict[str, list[list[str]]] = {"code": [], "markdown": []}
    given: list[str] = []
    for cell in notebook["cells"]:
        lines = "".join(cell["source"]).split("\n")
        meta = cell["metadata"].get("nbgrader", {})
        inside = False
        region: list[str] = []
        outside: list[str] = []
        for line in lines:
            if "BEGIN SOLUTION" in line or "END SOLUTION" in line:
                inside = "BEGIN SOLUTION" in line
            else:
                (region if inside else outside).append(line)
        if meta.get("solution") and not region and not any("BEGIN SOLUTION" in line for line in lines):
            region, outside = outside, []
        answers.setdefault(cell["cell_type"], []).append(region)
        given.append("\n".join(outside))
    return answers, given


def _is_distinctive(line: str) -> bool:
    """True if a line of code is distinctive enough to be recognised."""
    key = squeeze(line)
    if re.match(r"\s*(import|from)\s", line):
        return False
    return len(key) >= LINE_CHARACTERS or (len(key) >= DISTINCTIVE_CHARACTERS and bool(_COMPUTES.search(key)))


def _sentences(blocks: Iterable[list[str]]) -> Iterator[str]:
    for block in blocks:
        for sentence in _SENTENCE.split("\n".join(block)):
            if len(squeeze(sentence)) >= TEXT_CHARACTERS:
                yield sentence


def _of_rubric(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what gives a hidden test away, each with True if it is excused where the student's notebook has it too.

    Lines of hidden tests are never excused: a test pasted into a given cell is a leak. Values and strings are, since
    the specification states some of them. In mutants.py and equivalents.py all is excused: they repeat the skeleton.
    """
    text = path.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        tree = ast.parse(text, filename=str(path))
    public = {inner for node in ast.walk(tree) if _is_public(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in public:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # In mutants.py a string is a piece of code, line by line; elsewhere it is a message.
            for line in node.value.splitlines():
                name = line.strip("\"' ").isidentifier()  # "categorical_crossentropy" is Keras's, whoever writes it
                if len(squeeze(line)) >= TEXT_CHARACTERS and not name:
                    yield line, True
        elif isinstance(node, ast.Tuple | ast.List) and _is_row(node):
            yield ast.unparse(node).strip("()[]"), True
    if path.name.startswith("test_"):
        common = _common_lines(tree)
        for number, line in enumerate(text.splitlines(), start=1):
            if number not in common and len(squeeze(line)) >= LINE_CHARACTERS and not _LITERAL.fullmatch(line):
                yield line, False


def _common_lines(tree: ast.AST) -> set[int]:
    """Numbers of a test file's lines that hold no secret or are judged as strings: imports, docstrings, headers of
    functions, of `with` and of loops over a name.
    """
    common: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node) or _is_public(node):
            first, last = node.lineno, node.end_lineno or node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.With) or _goes_through(node):
            first, last = node.lineno, node.body[0].lineno - 1
        else:
            continue
        first = min([first, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        common |= set(range(first, last + 1))
    return common


def _goes_through(node: ast.AST) -> TypeGuard[ast.For]:
    """True for `for each in all_of_them:`, which any code may have."""
    return isinstance(node, ast.For) and isinstance(node.target, ast.Name) and isinstance(node.iter, ast.Name)


def _is_public(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and any("mark.public" in ast.unparse(mark) for mark in node.decorator_list)


def _is_text(node: ast.AST) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_row(node: ast.Tuple | ast.List) -> bool:
    """True for a row of plain values, numbers among them, that can be recognised; (None, 28, 28, 1) is a shape."""
    try:
        values = ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not values or values[0] is None:
        return False
    return len(values) >= 3 and len(numbers) >= 2 and len(squeeze(ast.unparse(node))) >= VALUES_CHARACTERS + 2

"""What must not reach students: the text of solutions, written reference answers and hidden tests."""

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
"""A line of code with fewer characters, blanks not counted, is too common to tell: `return model`."""

DISTINCTIVE_CHARACTERS = 13
"""A shorter line still tells when it computes: an operator between two names or numbers, as `size // stride`."""

TEXT_CHARACTERS = 25
"""The same for a sentence or a string."""

VALUES_CHARACTERS = 10
"""The same for a row of test values, such as `(31, 4, 3, "valid", 10)`; it must have at least three values."""

_LITERAL = re.compile(r"""\s*[rfb]?("[^"]*"|'[^']*'),?\s*""")
_COMPUTES = re.compile(r"\w\)?(//|\*\*|[-+*/%@])\(?\w")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")


@dataclass(frozen=True)
class Secret:
    """One piece of text that must not be found in a release.

    Attributes:
        kind: where it comes from.
        text: as its author wrote it, in one line.
        key: the text without white space, by which it is found again however it is laid out.
    """

    kind: SecretKind
    text: str
    key: str


def squeeze(text: str) -> str:
    """The text without any white space, and with one kind of quotes."""
    return "".join(text.split()).replace('"', "'")


def secrets(course: Course, name: str) -> list[Secret]:
    """Everything about one assignment that students must not see, beyond the markers themselves.

    Text that also stands in the part of the source that students do get is not secret.

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
            if _tells(line):
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
    """The lines inside solution regions by cell type, and all text outside of them."""
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


def _tells(line: str) -> bool:
    """Whether a line of code is distinctive enough to be recognised."""
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
    """What gives a hidden test away, and whether it is excused when the student's notebook says it too.

    Lines of hidden tests are never excused: a test pasted into a given cell is a leak. Values and words are, since the
    brief states some of them. In mutants.py and equivalents.py all is excused: they repeat the given skeleton.
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
    """Numbers of the lines of a test file that say nothing secret, or are judged as words: imports, headers, texts."""
    common: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node) or _is_public(node):
            first, last = node.lineno, node.end_lineno or node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first, last = node.lineno, node.body[0].lineno - 1
        else:
            continue
        first = min([first, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        common |= set(range(first, last + 1))
    return common


def _is_public(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and any("mark.public" in ast.unparse(mark) for mark in node.decorator_list)


def _is_text(node: ast.AST) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_row(node: ast.Tuple | ast.List) -> bool:
    """A row of plain values, numbers among them, long enough to be recognised; (None, 28, 28, 1) is a mere shape."""
    try:
        values = ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not values or values[0] is None:
        return False
    return len(values) >= 3 and len(numbers) >= 2 and len(squeeze(ast.unparse(node))) >= VALUES_CHARACTERS + 2

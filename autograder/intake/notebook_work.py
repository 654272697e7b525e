"""Work in a notebook: which assignment it is of, which exercises are done in it, and how it differs from another."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from autograder.intake import syntax
from autograder.intake.match import SIMILAR
from autograder.intake.notebook_file import SubmittedCell, SubmittedNotebook
from autograder.intake.release_notebook import Release
from cnnkit.linear_pattern import compile_linear

_COMPARED = 2_000
"""Characters of a text that are compared."""

_STARTED = compile_linear(r"cnnkit\.start\([ \t]{0,4}[\"']([\w-]++)")
_STARTED_COUNTS = 3
"""Weight of `cnnkit.start("<name>")` among the cells and functions that speak for an assignment."""


@dataclass(frozen=True)
class Work:
    """A student's work in one notebook.

    Attributes:
        answers: text of what was written by exercise: functions by their names, written answers by their grade_id.
        own: texts of other cells that are not the release's.
    """

    answers: Mapping[str, str]
    own: frozenset[str]

    @cached_property
    def done(self) -> frozenset[str]:
        """Names of the functions and written answers that there are."""
        return frozenset(self.answers)

    @property
    def untouched(self) -> bool:
        """True if nothing was added to the assignment as it was given out."""
        return not self.answers and not self.own

    def adds_to(self, other: Work) -> list[str]:
        """Names of the answers that are not in `other`, or are different there."""
        return sorted(name for name, text in self.answers.items() if other.answers.get(name) != text)


def find_work(notebook: SubmittedNotebook, release: Release) -> Work:
    """Find what a student has written.

    A function is done if it says something else than the release, and more than `raise NotImplementedError()`.
    Of two definitions the last one counts.

    Args:
        notebook: the notebook.
        release: the release notebook of the assignment.
    """
    given = {_normalized(cell.source) for cell in release.cells}
    stubs: dict[str, str] = {}
    for slot in release.cells:
        if slot.role == "solution":
            stubs |= _functions(slot.source, slot.functions)
    answers: dict[str, str] = {}
    own = set()
    for cell in notebook.cells:
        text = _normalized(cell.source)
        if not text or text in given:
            continue
        slot_of_id = release.by_id.get(cell.grade_id)
        if slot_of_id is not None and slot_of_id.role == "written":
            answers[cell.grade_id] = text
        elif functions := _functions(cell.source, release.functions):
            answers |= {name: said for name, said in functions.items() if said and said != stubs.get(name)}
        elif slot_of_id is None and not _is_edited(cell, release):
            own.add(text)
    return Work(answers, frozenset(own))


def lacks_exercises(notebook: SubmittedNotebook, release: Release) -> bool:
    """True if an exercise's function or a written answer's cell is nowhere in a notebook."""
    functions = frozenset().union(*(cell.defines for cell in notebook.cells))
    written = {cell.grade_id for cell in release.cells if cell.role == "written"}
    return bool(release.functions - functions or written - {cell.grade_id for cell in notebook.cells})


def belongs(notebook: SubmittedNotebook, assignment: str, releases: Mapping[str, Release]) -> tuple[bool, str]:
    """Tell whether a notebook is one of an assignment.

    Functions that no other assignment has decide. Without any, the assignment counts that most of its cells, of its
    functions and its call of `cnnkit.start` speak for.

    Args:
        notebook: the notebook.
        assignment: the assignment.
        releases: the release notebooks of all assignments.

    Returns:
        True if it is of the assignment; and otherwise the name of the one that it is of, "" if it is of none.
    """
    functions = frozenset().union(*(cell.defines for cell in notebook.cells))
    found = functions & releases[assignment].functions
    others = {name: release for name, release in releases.items() if name != assignment}
    if found - frozenset().union(*(release.functions for release in others.values())):
        return True, ""
    started = _started(notebook.cells)
    ids = {cell.grade_id for cell in notebook.cells if cell.grade_id}
    votes = {
        name: len(functions & one.functions) + len(ids & set(one.by_id)) + _STARTED_COUNTS * (name in started)
        for name, one in releases.items()
    }
    best, most = max(votes.items(), key=lambda vote: (vote[1], vote[0] == assignment))
    return (True, "") if best == assignment and most else (False, best if most else "")


def _started(cells: Iterable[SubmittedCell]) -> set[str]:
    return {name for cell in cells if "cnnkit.start" in cell.source for name in _STARTED.findall(cell.source)}


def _functions(source: str, names: frozenset[str]) -> dict[str, str]:
    """Text of each of the functions that a cell defines, without comments; "" for one that does nothing."""
    tree = syntax.parse_code(source)
    if tree is None:  # a cell that breaks off holds work as well
        return {name: _normalized(source) for name in syntax.defined_names(source) & names}
    found = {name: _normalized(source) for name in syntax.defined_names(source) & names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in found:
            found[node.name] = _written(node)
    return found


def _written(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    if all(isinstance(node, ast.Pass) or _is_not_implemented(node) or _is_ellipsis(node) for node in body):
        return ""
    try:
        return ast.dump(ast.Module([*body], [])) + ast.dump(function.args)
    except RecursionError:
        return "nested too deeply to be compared"


def _is_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _is_edited(cell: SubmittedCell, release: Release) -> bool:
    """True for a cell of the release in which a student id, a prediction or a number was filled in."""
    text = cell.source[:_COMPARED]
    return any(
        slot.kind == cell.kind and fuzz.ratio(text, slot.source[:_COMPARED], score_cutoff=SIMILAR)
        for slot in release.cells
    )


def _normalized(text: str) -> str:
    return " ".join(text.split())

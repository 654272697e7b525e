"""Comparison of a source notebook with course.toml: exercises, points, checks."""

from __future__ import annotations

import ast

from nbformat import NotebookNode

from autograder.course.config import Assignment
from autograder.release.placeholders import CellLocation
from autograder.release.release_error import ReleaseError
from cnnkit.probe.forbidden_names import rule_in_words


def validate(notebook: NotebookNode, assignment: Assignment, file: str) -> None:
    """Compare the notebook's nbgrader cells with course.toml.

    Args:
        notebook: the built source notebook.
        assignment: its section of course.toml.
        file: the source's path, for messages.

    Raises:
        ReleaseError: they differ; every difference in a line of its own that names the cell.
    """
    problems: list[str] = []
    seen: dict[str, int] = {}
    graded: dict[str, float] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            continue
        grade_id = meta.get("grade_id", "")
        location = CellLocation(file, number, grade_id)
        if not grade_id:
            problems.append(f"{location}: has nbgrader metadata but no grade_id.")
            continue
        if grade_id in seen:
            problems.append(f"{location}: its grade_id is also that of cell {seen[grade_id]}; each must be unique.")
            continue
        seen[grade_id] = number
        if meta.get("grade") or meta.get("task"):
            problems += _points(cell, assignment, location)
            graded[grade_id] = float(meta.get("points", 0))
        if cell.cell_type == "code":
            problems += _code(cell, location)
    problems += _rules(notebook, assignment, file)
    missing = [exercise for exercise in [*assignment.points, *assignment.written] if exercise not in graded]
    problems += [
        f"{file}: course.toml has the exercise {exercise!r}, but no graded cell has that grade_id."
        for exercise in missing
    ]
    if problems:
        raise ReleaseError("\n".join(problems))


def _rules(notebook: NotebookNode, assignment: Assignment, file: str) -> list[str]:
    """Check that the text tells of everything that an exercise forbids."""
    text = " ".join(" ".join(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    return [
        f"{file}: assignment.toml forbids something in the exercise {exercise!r}, and no text says so. "
        f"Write: {rule_in_words(names)}"
        for exercise, names in assignment.forbid.items()
        if rule_in_words(names) not in text
    ]


def _points(cell: NotebookNode, assignment: Assignment, location: CellLocation) -> list[str]:
    """Check a graded cell's points and kind, and that it calls its check."""
    meta = cell.metadata.nbgrader
    by_hand = bool(meta.get("solution") or meta.get("task"))
    table, other = ("written", "points") if by_hand else ("points", "written")
    expected = (assignment.written if by_hand else assignment.points).get(location.grade_id)
    if expected is None:
        hint = ""
        if location.grade_id in getattr(assignment, other):
            hint = f" (it stands under {other}: is the cell's `solution` flag right?)"
        return [f"{location}: course.toml has no {location.grade_id!r} under {table}{hint}."]
    if "points" not in meta:
        return [f"{location}: has no points, course.toml says {expected:g}."]
    problems = []
    if float(meta["points"]) != float(expected):
        problems.append(f"{location}: is worth {meta['points']:g} points, course.toml says {expected:g}.")
    if not by_hand:
        if cell.cell_type != "code":
            problems.append(f"{location}: a cell graded automatically is a code cell, this one is {cell.cell_type}.")
        elif not _calls_check(cell.source, location.grade_id):
            problems.append(f"{location}: expected a call of cnnkit.check.{location.grade_id}(...), found none.")
    return problems


def _code(cell: NotebookNode, location: CellLocation) -> list[str]:
    """Check the solution markers of a code cell."""
    meta, problems = cell.metadata.nbgrader, []
    if "BEGIN HIDDEN TESTS" in cell.source:
        problems.append(f"{location}: holds hidden tests; they belong in autograder/rubrics/.")
    if meta.get("solution") and "BEGIN SOLUTION" not in cell.source:
        problems.append(
            f"{location}: a solution cell without BEGIN SOLUTION and END SOLUTION; "
            "the student would lose the function's name and description."
        )
    return problems


def _calls_check(source: str, exercise: str) -> bool:
    """True if the code calls `check.<exercise>` or `<anything>.check.<exercise>`."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == exercise:
            owner = node.func.value
            if getattr(owner, "attr", getattr(owner, "id", "")) == "check":
                return True
    return False

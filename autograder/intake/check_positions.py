"""Positions of the checks in the repaired notebook: they say in which state of the notebook an exercise is judged.

A check itself is not run. Where the student's notebook has its cell, moved or copied as may be, the last copy counts;
where it has none, the position in the release does. What cells of the student's own call is recorded when they run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograder.intake import syntax
from autograder.intake.arrange import PlacedCell
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release
from autograder.intake.submission import Cell


def checked_functions(release: Release) -> dict[str, tuple[str, ...]]:
    """For each exercise the functions that its check in the release is called with, by grade_id of the check."""
    return {
        slot.grade_id: tuple(sorted(slot.uses & release.functions)) for slot in release.cells if slot.role == "check"
    }


def with_checks(
    running: Sequence[tuple[int, Cell]],
    placed: Sequence[PlacedCell],
    cells: Sequence[SubmittedCell],
    release: Release,
) -> tuple[Cell, ...]:
    """The cells to run, with a cell for each check in its position.

    Args:
        running: the cells to run, each with its index in `placed`.
        placed: the repaired notebook.
        cells: the cells as they were submitted.
        release: the release notebook.
    """
    # The student's own cells, edited checks included, are recorded as they run: where the latter end, that is.
    own = {cell.number for _, cell in running if cell.role == "student" and syntax.called_checks(cell.source)}
    calls = {cell.number: _checks_of(cell, release) for cell in cells if cell.kind == "code" and cell.number not in own}
    marks: dict[int, list[Cell]] = defaultdict(list)
    for index, item in enumerate(placed):
        if item.slot is None or item.slot.role != "check":
            continue
        exercise = item.slot.grade_id
        number = max((number for number, exercises in calls.items() if exercise in exercises), default=0)
        above = [at for at, cell in running if cell.role == "student" and cell.number <= number]
        marks[max([index, *above])].append(Cell(number, exercise, "", "check", (exercise,)))
    found = dict(running)
    return tuple(
        cell
        for index in sorted({*found, *marks})
        for cell in [*([found[index]] if index in found else []), *marks.get(index, [])]
    )


def _checks_of(cell: SubmittedCell, release: Release) -> tuple[str, ...]:
    slot = release.by_id.get(cell.grade_id)
    is_check = slot is not None and slot.role == "check"
    return (cell.grade_id, *syntax.called_checks(cell.source)) if is_check else syntax.called_checks(cell.source)

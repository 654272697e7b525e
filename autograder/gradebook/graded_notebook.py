"""One submission as the gradebook takes it: the graded notebook, and what nbgrader would read from its cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4.rwbase import split_lines, strip_transient
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from autograder.course.config import Course
from autograder.gradebook.preprocessors import UseScorecard, repaired_notebook
from autograder.gradebook.timestamps import submission_time
from autograder.intake.repair import notebook_json
from autograder.results.scorecard import Scorecard
from cnnkit.errors import KitError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


class NotForBatch(KitError):
    """nbgrader's own conversion would change this submission in a way that the batch does not."""


@dataclass(frozen=True)
class GradedNotebook:
    """A submission with its marks, ready to be stored.

    Attributes:
        student: whose it is.
        folder: what was handed in.
        timestamp: time of the submission in UTC; None if it has none.
        content: the notebook for autograded/, as JSON.
        scores: automatic points by grade_id; None for a cell that a person grades.
        comments: automatic comments by grade_id; None for a cell that has been worked on.
    """

    student: str
    folder: Path
    timestamp: datetime | None
    content: bytes
    scores: dict[str, float | None]
    comments: dict[str, str | None]


def graded_notebook(card: Scorecard, course: Course, directory: CourseDirectory, config: Any) -> GradedNotebook:
    """Read a submission and write the scorecard's result into it, without the database.

    Args:
        card: the student's scorecard, with a score.
        course: the course.
        directory: names the folder of the submissions.
        config: from `nbgrader_settings`.

    Raises:
        Ungradable: the submission cannot be read, or has changed since it was graded.
        NotForBatch: see there.
        Exception: whatever nbgrader raises about a cell, or a notebook that is not valid.
    """
    folder = Path(directory.format_path(directory.submitted_directory, card.student, card.assignment))
    notebook = repaired_notebook(course, card.assignment, card.student, folder)
    about = {"nbgrader": {"assignment": card.assignment, "student": card.student}}
    notebook, about = UseScorecard(find_card=lambda assignment, student: card)(notebook, about)
    notebook, _ = LimitOutput(config=config)(notebook, about)
    _check_ids(notebook)
    nbformat.validate(notebook, relax_add_props=True)
    return GradedNotebook(
        student=card.student,
        folder=folder,
        timestamp=submission_time(folder).time,
        scores={_name(cell): determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)},
        comments={_name(cell): _comment(cell) for cell in notebook.cells if is_solution(cell) or is_task(cell)},
        content=_content(notebook),
    )


def _name(cell: Any) -> str:
    name: str = cell.metadata.nbgrader["grade_id"]
    return name


def _content(notebook: Any) -> bytes:
    """The notebook as nbformat writes it, without the copy that it makes first: its texts become lists of lines."""
    split_lines(notebook)  # type: ignore[no-untyped-call]
    strip_transient(notebook)  # type: ignore[no-untyped-call]
    return notebook_json(notebook, sort_keys=True)


def _comment(cell: Any) -> str | None:
    """The automatic comment by the rule of nbgrader's SaveAutoGrades."""
    unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return "No response." if unchanged and not is_task(cell) else None


def _check_ids(notebook: Any) -> None:
    """Refuse a notebook whose cell ids nbformat would complete, which it does at random.

    Raises:
        NotForBatch: an id is missing or there twice, or the format has none.
    """
    ids = [cell.get("id") for cell in notebook.cells]
    expected = len(ids) if (notebook.nbformat, notebook.nbformat_minor) >= (4, 5) else 0
    if len({one for one in ids if one is not None}) != expected or (expected == 0 and any(ids)):
        raise NotForBatch(f"{len(ids)} cells have {len(set(ids))} ids in format {notebook.nbformat_minor}")

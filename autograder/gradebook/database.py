"""nbgrader's database: what the release is worth, what the automatic marks are, and taking marks back.

Everything goes through nbgrader's own classes; the tables are its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course.config import Course
from cnnkit.errors import KitError

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory


class GradebookError(KitError):
    """The gradebook cannot take the marks. The text says what was found and what to do."""


@contextmanager
def open_gradebook(directory: CourseDirectory) -> Iterator[Gradebook]:
    """The course's gradebook, made if there is none.

    Args:
        directory: from `course_directory`; says which database.

    Raises:
        GradebookError: the database does not answer, refuses, or has no room.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _alembic_on_path(), Gradebook(directory.db_url, directory.course_id) as book:
            yield book
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise GradebookError(f"{cause}. Mend that and give the same command again.") from error


def record_release(course: Course, name: str, directory: CourseDirectory) -> bool:
    """Tell the gradebook what the released notebook holds, as `nbgrader generate_assignment` would.

    The release itself is only read. Nothing is written when the gradebook knows it already.

    Args:
        course: the course.
        name: the assignment.
        directory: says which database.

    Returns:
        Whether the gradebook was changed.

    Raises:
        GradebookError: there is no release, or its cells differ from those that already have submissions.
    """
    import nbformat
    from nbgrader.preprocessors import SaveCells

    path = course.root / course.layout.release_notebook(name)
    if not path.is_file():
        raise GradebookError(
            f"{course.layout.release_notebook(name)} is missing; run `autograder release {name}` first."
        )
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with open_gradebook(directory) as book:
        book.update_or_create_assignment(name)
        if _recorded(book, name) == _released(notebook):
            return False
    resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": directory.db_url}}
    try:
        SaveCells().preprocess(notebook, resources)
    except RuntimeError as error:
        raise GradebookError(
            f"the release of {name!r} has other graded cells than the gradebook, which already has submissions "
            f"({error}). Take back the change of the release, or keep a copy of the gradebook and start a new one."
        ) from error
    return True


def automatic_scores(course: Course, name: str, directory: CourseDirectory) -> dict[str, float | None]:
    """Each student's automatic points as the gradebook has them.

    Returns:
        Student → sum over the exercises of course.toml's `points`; None where one of them has no mark.
    """
    from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook

    exercises = course.assignment(name).points
    marks: dict[str, dict[str, float | None]] = {}
    with open_gradebook(directory) as book:
        rows = (
            book.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .filter(Assignment.name == name)
        )
        for student, exercise, mark in rows:
            if exercise in exercises:
                marks.setdefault(student, {})[exercise] = mark
    sums: dict[str, float | None] = {}
    for student, found in marks.items():
        values = [found.get(exercise) for exercise in exercises]
        sums[student] = None if None in values else float(sum(value for value in values if value is not None))
    return sums


def withdraw(name: str, student: str, directory: CourseDirectory) -> None:
    """Take the automatic marks of a submission that cannot be graded out of the gradebook.

    nbgrader creates a submission before it reads it; left alone it would stand there with 0 points. The submission is
    removed, unless a TA has marked or commented it by hand: then those stay, the automatic marks become empty, and the
    submission is flagged for manual grading.
    """
    from nbgrader.api import MissingEntry

    with open_gradebook(directory) as book:
        try:
            submission = book.find_submission(name, student)
        except MissingEntry:
            return
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        comments = [comment for notebook in submission.notebooks for comment in notebook.comments]
        by_hand = any(grade.manual_score is not None or grade.extra_credit is not None for grade in grades)
        if not by_hand and not any(comment.manual_comment for comment in comments):
            book.remove_submission(name, student)
            return
        for grade in grades:
            grade.auto_score = None
            grade.needs_manual_grade = True
        book.db.commit()


def _released(notebook: Any) -> dict[str, tuple[str, float | None]]:
    """grade_id → (checksum, points) of the released notebook's nbgrader cells."""
    found: dict[str, tuple[str, float | None]] = {}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta and (meta.get("grade") or meta.get("solution") or meta.get("locked") or meta.get("task")):
            worth = float(meta["points"]) if meta.get("grade") or meta.get("task") else None
            found[meta["grade_id"]] = (meta.get("checksum"), worth)
    return found


def _recorded(book: Gradebook, name: str) -> dict[str, tuple[str, float | None]]:
    """The same as the gradebook has it; empty when it does not know the notebook."""
    from nbgrader.api import MissingEntry

    try:
        notebook = book.find_notebook(name, name)
    except MissingEntry:
        return {}
    worth = {cell.name: float(cell.max_score) for cell in [*notebook.grade_cells, *notebook.task_cells]}
    return {cell.name: (cell.checksum, worth.get(cell.name)) for cell in notebook.source_cells}


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """A new database makes nbgrader call `alembic`, which lies beside this Python, on the PATH or not."""
    before = os.environ.get("PATH", os.defpath)
    if shutil.which("alembic") is None:
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before

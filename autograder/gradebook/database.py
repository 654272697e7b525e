"""nbgrader's database: recording the release, reading automatic marks, and withdrawing them.

Everything goes through nbgrader's own classes; the tables are its own.
"""

from __future__ import annotations

import os
import shutil
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
    """Open the course's gradebook; it is created if there is none.

    Args:
        directory: from `course_directory`; it names the database.

    Raises:
        GradebookError: the database does not answer, refuses, or has no room.
    """
    from nbgrader.api import Gradebook

    _require_address(directory.db_url)
    with _database_errors(), _alembic_on_path(), Gradebook(directory.db_url, directory.course_id) as book:
        yield book


SERVER_LOCK = zlib.crc32(b"autograder gradebook")
"""Number of the lock that fillers of one database take on a PostgreSQL server."""


@contextmanager
def server_lock(directory: CourseDirectory) -> Iterator[None]:
    """Lock the gradebook of a PostgreSQL server for processes on all machines; any other database is not locked.

    The server releases it when this process ends, however it ends. nbgrader's own commands do not know of it.

    Args:
        directory: names the database.

    Raises:
        GradebookError: the server does not answer.
    """
    import sqlalchemy

    _require_address(directory.db_url)
    if sqlalchemy.make_url(directory.db_url).get_backend_name() != "postgresql":
        yield
        return
    # no transaction, which would stay open as long as the lock
    engine = sqlalchemy.create_engine(directory.db_url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with ExitStack() as stack:
        with _database_errors():
            connection = stack.enter_context(engine.connect())
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_lock(SERVER_LOCK)))
        yield
        with _database_errors():
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_unlock(SERVER_LOCK)))


@contextmanager
def _database_errors() -> Iterator[None]:
    """Turn an error of the database into a `GradebookError`."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
        raise GradebookError(f"{cause}. Correct that and give the same command again.") from error


def _require_address(address: str) -> None:
    """Check that a database's address can be read, and its driver imported.

    Raises:
        GradebookError: it cannot. The address is not quoted: a password may stand in it.
    """
    import sqlalchemy

    expected = "expected postgresql+psycopg://USER@HOST/NAME or sqlite:////FOLDER/gradebook.db in NBGRADER_DB_URL"
    try:
        sqlalchemy.make_url(address).get_dialect().import_dbapi()
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise GradebookError(f"the database's address cannot be read; {expected}.") from None
    except ModuleNotFoundError as error:
        said = f"the driver in the database's address, {error.name}, is not installed"
        raise GradebookError(f"{said}; {expected}.") from None


def record_release(course: Course, name: str, directory: CourseDirectory) -> bool:
    """Record the cells and points of the released notebook, as `nbgrader generate_assignment` does.

    The release itself is only read. Nothing is written if the gradebook is up to date.

    Args:
        course: the course.
        name: the assignment.
        directory: names the database.

    Returns:
        True if the gradebook was changed.

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
    """Read each student's automatic points.

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
    """Remove the automatic marks of a submission that cannot be graded.

    nbgrader creates a submission in its database before it reads it, and would leave it there with 0 points. The
    submission is deleted, unless a TA has marked or commented it by hand: then what the TA gave stays, the automatic
    marks become empty, and the submission is flagged for manual grading.
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
    """grade_id → (checksum, points) as the gradebook has them; empty if it does not have the notebook."""
    from nbgrader.api import MissingEntry

    try:
        notebook = book.find_notebook(name, name)
    except MissingEntry:
        return {}
    worth = {cell.name: float(cell.max_score) for cell in [*notebook.grade_cells, *notebook.task_cells]}
    return {cell.name: (cell.checksum, worth.get(cell.name)) for cell in notebook.source_cells}


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """Put this Python's folder on the PATH: for a new database nbgrader calls `alembic` by its bare name."""
    before = os.environ.get("PATH", os.defpath)
    if shutil.which("alembic") is None:
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before

"""The marks of many submissions in one transaction, with the rows that nbgrader's own conversion leaves.

nbgrader converts one notebook after the other and commits twenty times for each. Here the rules of its
`Autograde.init_assignment`, `SaveAutoGrades` and `AssignLatePenalties` are applied to a whole batch: only what those
set is set, so that marks, extra credit and comments given by hand stay, and rows keep their ids.

`tests/autograder/gradebook/test_batch.py` compares all tables with those that nbgrader's own classes write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Boolean, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from autograder.gradebook.database import GradebookError
from autograder.gradebook.graded_notebook import GradedNotebook

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

LOCK_SECONDS = 60
"""Time that SQLite waits for another program that is writing."""

_ATTEMPTS = 5
"""Transactions that are tried on a server where another program adds the same rows at the same moment."""

_SET_SCORE = (
    update(Grade.__table__)
    .where(Grade.__table__.c.id == bindparam("row"))
    # Computed by the database: formgrader may have set the manual score a moment ago.
    .values(
        auto_score=bindparam("score"),
        needs_manual_grade=or_(Grade.__table__.c.manual_score.is_not(None), bindparam("by_hand", type_=Boolean)),
    )
)
_SET_MISSING = (
    update(Grade.__table__)
    .where(Grade.__table__.c.id == bindparam("row"))
    .values(auto_score=0.0, needs_manual_grade=False)
)
_SET_COMMENT = (
    update(Comment.__table__)
    .where(Comment.__table__.c.id == bindparam("row"))
    .values(auto_comment=bindparam("comment"))
)
_SET_TIMESTAMP = (
    update(SubmittedAssignment.__table__)
    .where(SubmittedAssignment.__table__.c.id == bindparam("row"))
    .values(timestamp=bindparam("time"))
)
_SET_PENALTY = (
    update(SubmittedNotebook.__table__)
    .where(SubmittedNotebook.__table__.c.id == bindparam("row"))
    .values(late_submission_penalty=bindparam("penalty"))
)


def store_marks(
    book: Gradebook, assignment: str, notebooks: Sequence[GradedNotebook], late: AssignLatePenalties
) -> set[str]:
    """Store the marks of several students in one transaction.

    Args:
        book: the open gradebook; it has the assignment's cells.
        assignment: the assignment.
        notebooks: the submissions, each student once.
        late: nbgrader's preprocessor for late penalties, with the course's settings.

    Returns:
        The students whose marks are stored. For the others nothing is stored, since nbgrader's own conversion has more
        to do: rows are missing in an existing submission, or it is late and the course has a plugin of its own.

    Raises:
        GradebookError: another program has been writing to the database all the time.
        OperationalError: the database does not answer, or has no room.
    """
    in_order = sorted(notebooks, key=lambda notebook: notebook.student)  # two programs wait, never for each other
    server = book.engine.dialect.name != "sqlite"
    for attempt in range(_ATTEMPTS):
        try:
            with _transaction(book):
                return _Batch(book, assignment, in_order, late).store()
        except OperationalError as error:
            if "database is locked" in str(error):
                raise GradebookError(
                    f"another program has been writing to the database for {LOCK_SECONDS} seconds. End it (nbgrader, "
                    "formgrader, or whatever has the file open) and give the same command again."
                ) from error
            if not server or attempt == _ATTEMPTS - 1:
                raise
        except SQLAlchemyError:
            if not server or attempt == _ATTEMPTS - 1:
                return set()  # something that one of them has: one by one, that one is named
    raise AssertionError("unreachable")


@contextmanager
def _transaction(book: Gradebook) -> Iterator[None]:
    """Transaction that nobody else's writing divides: on SQLite it is locked before anything is read."""
    book.db.rollback()  # what was read before may have changed
    connection = book.db.connection()
    try:
        if book.engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * LOCK_SECONDS)}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        book.db.commit()
    except BaseException:
        book.db.rollback()
        raise


@dataclass(frozen=True)
class _Part:
    """Notebook of the assignment, with its cells: name → id."""

    id: str
    name: str
    graded: Mapping[str, str]
    commented: Mapping[str, str]


class _Batch:
    """One transaction: what the database has of some students, and what is to be changed."""

    def __init__(
        self, book: Gradebook, assignment: str, notebooks: Sequence[GradedNotebook], late: AssignLatePenalties
    ) -> None:
        self._connection = book.db.connection()
        self._assignment: Assignment = book.find_assignment(assignment)
        self._notebooks = notebooks
        self._late = late
        self._parts = [
            _Part(
                part.id,
                part.name,
                {cell.name: cell.id for cell in (*part.grade_cells, *part.task_cells)},
                {cell.name: cell.id for cell in (*part.solution_cells, *part.task_cells)},
            )
            for part in self._assignment.notebooks
        ]
        students = [notebook.student for notebook in notebooks]
        self._students = set(book.db.scalars(select(Student.id).where(Student.id.in_(students))))
        self._submissions = {
            row.student_id: row
            for row in self._connection.execute(
                select(SubmittedAssignment.__table__).where(
                    SubmittedAssignment.assignment_id == self._assignment.id,
                    SubmittedAssignment.student_id.in_(students),
                )
            )
        }
        self._submitted = self._ids(
            SubmittedNotebook,
            SubmittedNotebook.assignment_id,
            [row.id for row in self._submissions.values()],
            SubmittedNotebook.notebook_id,
            [part.id for part in self._parts],
        )
        ids = list(self._submitted.values())
        graded = [cell for part in self._parts for cell in part.graded.values()]
        commented = [cell for part in self._parts for cell in part.commented.values()]
        self._grades = self._ids(Grade, Grade.notebook_id, ids, Grade.cell_id, graded)
        self._comments = self._ids(Comment, Comment.notebook_id, ids, Comment.cell_id, commented)
        self._inserts: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
        }
        self._updates: dict[Any, list[dict[str, Any]]] = {
            statement: [] for statement in (_SET_TIMESTAMP, _SET_SCORE, _SET_MISSING, _SET_COMMENT)
        }
        self._on_time: list[str] = []
        self._too_late: dict[str, tuple[str, float]] = {}

    def store(self) -> set[str]:
        """Write everything.

        Returns:
            The students whose marks are stored.
        """
        stored = set()
        for notebook in self._notebooks:
            if self._fits(notebook):
                self._collect(notebook)
                stored.add(notebook.student)
        for table, rows in self._inserts.items():
            if rows:
                self._connection.execute(insert(table.__table__), rows)
        for statement, rows in self._updates.items():
            if rows:
                self._connection.execute(statement, rows)
        self._set_penalties()
        return stored

    def _ids(
        self, table: Any, owner: Any, owners: Collection[str], source: Any, sources: Collection[str]
    ) -> dict[tuple[str, str], str]:
        """Ids of a table's rows by the ids of their owner and their source.

        Both are given, since nbgrader's indexes begin with the source: by the owner alone, every row would be read.
        """
        found = self._connection.execute(select(owner, source, table.id).where(source.in_(sources), owner.in_(owners)))
        return {(row[0], row[1]): row[2] for row in found}

    def _fits(self, notebook: GradedNotebook) -> bool:
        """True if nbgrader would do no more, and raise nothing."""
        main = next((part for part in self._parts if part.name == self._assignment.name), None)
        if main is None or set(notebook.scores) - set(main.graded) or set(notebook.comments) - set(main.commented):
            return False
        submission = self._submissions.get(notebook.student)
        if submission is not None and not self._has_all_rows(submission.id):
            return False
        if submission is not None and submission.extension is not None and self._assignment.duedate is None:
            return False
        return self._late.plugin_class is LateSubmissionPlugin or self._seconds_late(notebook) == 0

    def _has_all_rows(self, submission: str) -> bool:
        """True if a submission has a row for each notebook and cell of the assignment."""
        for part in self._parts:
            submitted = self._submitted.get((submission, part.id), "")
            if not submitted:
                return False
            if any((submitted, cell) not in self._grades for cell in part.graded.values()):
                return False
            if any((submitted, cell) not in self._comments for cell in part.commented.values()):
                return False
        return True

    def _seconds_late(self, notebook: GradedNotebook) -> float:
        before = self._submissions.get(notebook.student)
        timestamp = notebook.timestamp or (before.timestamp if before is not None else None)
        if timestamp is None or self._assignment.duedate is None:
            return 0.0
        extension = before.extension if before is not None else None
        due: datetime = self._assignment.duedate + (extension or timedelta())
        return max(0.0, (timestamp - due).total_seconds())

    def _collect(self, notebook: GradedNotebook) -> None:
        """Add a student's rows to what is inserted and updated."""
        if notebook.student not in self._students:
            self._inserts[Student].append({"id": notebook.student})
        before = self._submissions.get(notebook.student)
        if before is None:
            submission = new_uuid()
            self._inserts[SubmittedAssignment].append(
                {
                    "id": submission,
                    "assignment_id": self._assignment.id,
                    "student_id": notebook.student,
                    "timestamp": notebook.timestamp,
                }
            )
        else:
            submission = before.id
            if notebook.timestamp:
                self._updates[_SET_TIMESTAMP].append({"row": submission, "time": notebook.timestamp})
        for part in self._parts:
            submitted = self._submitted.get((submission, part.id))
            if submitted is None:
                submitted = new_uuid()
                self._inserts[SubmittedNotebook].append(
                    {"id": submitted, "assignment_id": submission, "notebook_id": part.id}
                )
            if part.name == self._assignment.name:
                self._collect_part(part, submitted, notebook, notebook.scores, notebook.comments)
                if seconds := self._seconds_late(notebook):
                    self._too_late[submitted] = (notebook.student, seconds)
                elif before is not None:
                    self._on_time.append(submitted)
            else:
                self._collect_part(part, submitted, notebook, {}, {})

    def _collect_part(
        self,
        part: _Part,
        submitted: str,
        notebook: GradedNotebook,
        scores: Mapping[str, float | None],
        comments: Mapping[str, str | None],
    ) -> None:
        """Add the rows of one of the assignment's notebooks; what is not in it has no points, as in nbgrader."""
        missing = not (notebook.folder / f"{part.name}.ipynb").exists()
        for name, cell in part.graded.items():
            row = self._grades.get((submitted, cell))
            if row is None:
                score = scores.get(name, 0.0 if missing else None)
                fresh = {"cell_id": cell, "notebook_id": submitted, "auto_score": score}
                self._inserts[Grade].append({**fresh, "needs_manual_grade": score is None})
            elif name in scores:
                self._updates[_SET_SCORE].append({"row": row, "score": scores[name], "by_hand": scores[name] is None})
            elif missing:
                self._updates[_SET_MISSING].append({"row": row})
        for name, cell in part.commented.items():
            row = self._comments.get((submitted, cell))
            if row is None:
                fresh = {"cell_id": cell, "notebook_id": submitted, "auto_comment": comments.get(name)}
                self._inserts[Comment].append(fresh)
            elif name in comments:
                self._updates[_SET_COMMENT].append({"row": row, "comment": comments[name]})

    def _set_penalties(self) -> None:
        """Set the penalty of everybody who is late, from the score that is stored by now, and reset the others'."""
        penalties: dict[str, float | None] = dict.fromkeys(self._on_time)
        if self._too_late:
            cells = [cell for part in self._parts for cell in part.graded.values()]
            scores: dict[str, float] = dict(
                self._connection.execute(
                    select(Grade.notebook_id, func.sum(Grade.score))
                    .where(Grade.cell_id.in_(cells), Grade.notebook_id.in_(self._too_late))
                    .group_by(Grade.notebook_id)
                ).all()
            )
            for submitted, (student, seconds) in self._too_late.items():
                score = scores.get(submitted, 0.0)
                penalty = self._late.plugin_inst.late_submission_penalty(student, score, seconds)
                if penalty is not None:
                    penalty = self._late._check_late_penalty(SimpleNamespace(score=score), penalty)
                penalties[submitted] = penalty
        if penalties:
            rows = [{"row": submitted, "penalty": penalty} for submitted, penalty in penalties.items()]
            self._connection.execute(_SET_PENALTY, rows)

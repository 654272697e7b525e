"""Filling nbgrader's gradebook from scorecards: the last step of `autograder grade`."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograder.course.config import Course
from autograder.course.layout import submission_folder
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.batch_conversion import BatchConversion
from autograder.gradebook.batch_settings import unsupported_settings
from autograder.gradebook.conversion import convert_submission
from autograder.gradebook.database import (
    GradebookError,
    automatic_scores,
    open_gradebook,
    record_release,
    server_lock,
    withdraw,
)
from autograder.gradebook.submitted_copy import make_private
from autograder.gradebook.timestamps import submission_time
from autograder.results.scorecard import Scorecard

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

__all__ = [
    "GradebookEntry",
    "GradebookError",
    "GradebookReport",
    "fill_gradebook",
    "gradebook_lock",
    "gradebook_scores",
]


@dataclass(frozen=True)
class GradebookEntry:
    """Result of storing one student's marks.

    Attributes:
        status: "stored": the gradebook has the scorecard's points; "left out": the submission is ungradable and has no
            mark; "failed": nbgrader could not take it, `reason` says why, and it has no mark either.
        reason: why there is no mark; "" if stored.
    """

    status: Literal["stored", "left out", "failed"]
    reason: str = ""


@dataclass(frozen=True)
class GradebookReport:
    """Result of storing the marks of a class, by student.

    Attributes:
        assignment: the assignment.
        entries: one for each student.
        unsupported: settings of nbgrader_config.py for which every submission was converted by nbgrader itself.
        doubts: by student, why the time of a submission is not believed; it then has none.
    """

    assignment: str
    entries: dict[str, GradebookEntry] = field(default_factory=dict)
    unsupported: list[str] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> dict[str, str]:
        """Students whose marks could not be stored though they were graded, with the reason."""
        return {student: entry.reason for student, entry in self.entries.items() if entry.status == "failed"}

    @property
    def stored(self) -> list[str]:
        """Students whose marks are in the gradebook."""
        return [student for student, entry in self.entries.items() if entry.status == "stored"]


@contextmanager
def gradebook_lock(course: Course) -> Iterator[None]:
    """Lock the course's gradebook; another process that wants to fill it waits.

    nbgrader reads, computes and writes in several steps, and SQLite takes one writer. On PostgreSQL processes on all
    machines wait for each other.

    Raises:
        GradebookError: the course's folder cannot be written, or the database does not answer.
    """
    try:
        file = open(course.layout.gradebook_lock, "w", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise GradebookError(f"{course.layout.gradebook_lock} cannot be written ({error.strerror}).") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released by the kernel when this process ends, however it ends
        with server_lock(course_directory(course, nbgrader_settings(course))):
            yield


def fill_gradebook(
    course: Course,
    assignment: str,
    cards: Mapping[str, Scorecard],
    submitted: Path,
    stored: Callable[[Scorecard], None] = lambda _: None,
) -> GradebookReport:
    """Write the scorecards' points to nbgrader's gradebook and the graded notebooks to autograded/.

    Rows and files are those of nbgrader's own conversion with the course's nbgrader_config.py, so that manual grading,
    late penalties, `nbgrader generate_feedback` and `nbgrader export` work as usual. Marks and comments given by hand
    stay. The marks are stored in batches; nbgrader itself converts what is unusual, and everything if the course has
    settings that the batches do not support. Before that a changed release is recorded.

    Args:
        course: the course.
        assignment: its name.
        cards: student → scorecard.
        submitted: the folder with <student>/<assignment>/, relative to the working directory or absolute.
        stored: called with each card as soon as the gradebook has its points and autograded/ its notebook.

    Returns:
        One entry for each card. One student's failure never stops the others.

    Raises:
        CourseError: no nbgrader_config.py.
        GradebookError: the gradebook cannot take this assignment at all.
    """
    config = nbgrader_settings(course)
    directory = course_directory(course, config, submitted_directory=str(submitted.resolve()))
    make_private(directory)
    record_release(course, assignment, directory)
    unsupported = unsupported_settings(config)
    entries: dict[str, GradebookEntry] = dict.fromkeys(cards, GradebookEntry("stored"))
    for student, card in cards.items():
        if card.status != "graded":
            _leave_out(assignment, student, directory)
            stored(card)
            entries[student] = GradebookEntry("left out", " ".join(card.notes))
    graded = [card for card in cards.values() if card.status == "graded"]
    for card, done in _converted(course, assignment, directory, config, graded, batch=not unsupported):
        reason = "" if done else convert_submission(card, directory, config)
        if reason:
            entries[card.student] = GradebookEntry("failed", reason)
        else:
            stored(card)
    found = automatic_scores(course, assignment, directory)
    times = {student: submission_time(submission_folder(submitted, student, assignment)) for student in cards}
    doubts = {student: found.doubt for student, found in times.items() if found.doubt}
    return GradebookReport(assignment, _compared(entries, cards, found), unsupported, doubts)


def gradebook_scores(course: Course, assignment: str) -> dict[str, float | None]:
    """Automatic points by student, as the gradebook has them; None if an exercise has no mark yet."""
    return automatic_scores(course, assignment, course_directory(course, nbgrader_settings(course)))


def _converted(
    course: Course, assignment: str, directory: CourseDirectory, config: Any, cards: list[Scorecard], *, batch: bool
) -> Iterator[tuple[Scorecard, bool]]:
    """Convert submissions in batches; each card comes with False if nbgrader itself has to convert it."""
    if not batch:
        yield from ((card, False) for card in cards)
        return
    with open_gradebook(directory) as book:
        yield from BatchConversion(course, assignment, directory, config).convert(book, cards)


def _leave_out(assignment: str, student: str, directory: CourseDirectory) -> None:
    """Remove the mark and the graded notebook of an earlier submission."""
    withdraw(assignment, student, directory)
    folder = Path(directory.format_path(directory.autograded_directory, student, assignment))
    shutil.rmtree(folder, ignore_errors=True)


def _compared(
    entries: Mapping[str, GradebookEntry], cards: Mapping[str, Scorecard], found: Mapping[str, float | None]
) -> dict[str, GradebookEntry]:
    """The entries; one whose mark in the gradebook differs from the scorecard's is a failure."""
    compared = dict(entries)
    for student, entry in entries.items():
        expected, mark = cards[student].score, found.get(student)
        if entry.status == "stored" and (mark is None or expected is None or abs(mark - expected) > 1e-9):
            reason = f"the gradebook has {mark} points, the scorecard {expected}"
            compared[student] = GradebookEntry("failed", reason)
    return compared

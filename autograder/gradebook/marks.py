"""nbgrader's gradebook, filled from scorecards: the last step of `autograder grade`."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings, quiet_log
from autograder.gradebook.database import GradebookError, automatic_scores, record_release, withdraw
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
    """What became of one student's marks.

    Attributes:
        status: "stored": the gradebook has the scorecard's points; "left out": the submission is ungradable and has no
            mark; "failed": nbgrader could not take it, `reason` says why, and it has no mark either.
        reason: why there is no mark; "" when stored.
        seconds: wall time.
    """

    status: Literal["stored", "left out", "failed"]
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class GradebookReport:
    """What became of a class, by student."""

    assignment: str
    entries: dict[str, GradebookEntry] = field(default_factory=dict)

    @property
    def failed(self) -> dict[str, str]:
        """Students whose marks could not be stored though they were graded, with the reason."""
        return {student: entry.reason for student, entry in self.entries.items() if entry.status == "failed"}

    @property
    def stored(self) -> list[str]:
        """Students whose marks stand in the gradebook."""
        return [student for student, entry in self.entries.items() if entry.status == "stored"]


@contextmanager
def gradebook_lock(course: Course) -> Iterator[None]:
    """Hold the course's gradebook; whoever else wants to fill it waits.

    nbgrader reads, computes and writes in several steps, and SQLite takes one writer.
    """
    with open(course.layout.gradebook_lock, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go of it when this process ends, however it ends
        yield


def fill_gradebook(
    course: Course,
    assignment: str,
    cards: Mapping[str, Scorecard],
    submitted: Path,
    stored: Callable[[Scorecard], None] = lambda _: None,
) -> GradebookReport:
    """Put the scorecards' points into nbgrader's gradebook and the graded notebooks into autograded/.

    nbgrader's own converter does it, with the course's nbgrader_config.py, so that manual grading, late penalties,
    `nbgrader generate_feedback` and `nbgrader export` go on from here. Marks and comments given by hand stay. What the
    release is worth is told to the gradebook first, where it does not know yet.

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
    record_release(course, assignment, directory)
    entries: dict[str, GradebookEntry] = {}
    for student, card in cards.items():
        started = time.perf_counter()
        if card.status == "graded":
            reason = _store(card, directory, config)
            status: Literal["stored", "left out", "failed"] = "failed" if reason else "stored"
        else:
            _leave_out(assignment, student, directory)
            status, reason = "left out", " ".join(card.notes)
        if status != "failed":
            stored(card)
        entries[student] = GradebookEntry(status, reason, time.perf_counter() - started)
    return GradebookReport(assignment, _compared(entries, cards, automatic_scores(course, assignment, directory)))


def gradebook_scores(course: Course, assignment: str) -> dict[str, float | None]:
    """Each student's automatic points as the gradebook has them; None where an exercise has no mark yet."""
    return automatic_scores(course, assignment, course_directory(course, nbgrader_settings(course)))


def _store(card: Scorecard, directory: CourseDirectory, config: Any) -> str:
    """Run nbgrader's autograde for one student; why it failed, or ""."""
    with quiet_log() as (log, lines), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's own code
        converter = _converter(card, directory, config, log)
        try:
            converter.start()
        except Exception as error:  # nbgrader's converters raise anything; the next student's turn comes all the same
            tracebacks = [line for line in lines if line.startswith("Traceback")]
            return tracebacks[-1].strip().splitlines()[-1] if tracebacks else f"{type(error).__name__}: {error}"
    return ""


def _converter(card: Scorecard, directory: CourseDirectory, config: Any, log: Any) -> Any:
    from nbgrader.converters import Autograde

    from autograder.gradebook.preprocessors import UseScorecard

    class FromScorecard(Autograde):
        """nbgrader's autograde for one student whose scorecard is at hand."""

        def init_notebooks(self) -> None:
            """One submission, by its folder instead of by pattern, whatever the notebook in it is called."""
            folder = self._format_source(card.assignment, card.student)
            self.assignments = {folder: [os.path.join(folder, f"{card.assignment}.ipynb")]}
            self.notebooks: list[str] = []

        def _format_source(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
            """The submission's folder, or a pattern for it, which nbgrader forgets to escape itself."""
            step = re.escape(self._input_directory) if escape else self._input_directory
            return str(self.coursedir.format_path(step, student_id, assignment_id, escape=escape))

    use_scorecard = UseScorecard(find_card=lambda assignment, student: card)
    own = f"{UseScorecard.__module__}.{UseScorecard.__name__}"
    converter = FromScorecard(coursedir=directory, config=config, log=log)
    converter.force = True
    converter.autograde_preprocessors = [use_scorecard if p == own else p for p in converter.autograde_preprocessors]
    directory.assignment_id, directory.student_id = card.assignment, card.student
    return converter


def _leave_out(assignment: str, student: str, directory: CourseDirectory) -> None:
    """No mark, and no graded notebook of an earlier submission either."""
    withdraw(assignment, student, directory)
    folder = Path(directory.format_path(directory.autograded_directory, student, assignment))
    shutil.rmtree(folder, ignore_errors=True)


def _compared(
    entries: Mapping[str, GradebookEntry], cards: Mapping[str, Scorecard], found: Mapping[str, float | None]
) -> dict[str, GradebookEntry]:
    """The entries, with those turned into failures whose mark in the gradebook is not the scorecard's."""
    compared = dict(entries)
    for student, entry in entries.items():
        expected, mark = cards[student].score, found.get(student)
        if entry.status == "stored" and (mark is None or expected is None or abs(mark - expected) > 1e-9):
            reason = f"the gradebook has {mark} points, the scorecard {expected}"
            compared[student] = GradebookEntry("failed", reason, entry.seconds)
    return compared

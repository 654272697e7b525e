"""nbgrader's conversion of a class: marks in few transactions, and the folders in autograded/ beside them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files

from autograder.course.config import Course
from autograder.course.nbgrader_settings import quiet_log
from autograder.gradebook.batch import store_marks
from autograder.gradebook.conversion import AutogradeFolder
from autograder.gradebook.graded_notebook import GradedNotebook, graded_notebook
from autograder.gradebook.submitted_copy import copy_submission
from autograder.intake.files import Unreadable
from autograder.results.scorecard import Scorecard

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

STUDENTS = 100
"""Students of a transaction: it holds the database for less than a second."""

BYTES = 50_000_000
"""Notebooks of a transaction, which wait in memory to be written: it ends earlier where they are large."""


class BatchConversion:
    """Conversion of many submissions to one assignment, for a course with supported settings only.

    Args:
        course: the course; `unsupported_settings` finds none in its settings.
        assignment: the assignment; the gradebook has its cells.
        directory: names the database and the folders.
        config: from `nbgrader_settings`.
    """

    def __init__(self, course: Course, assignment: str, directory: CourseDirectory, config: Any) -> None:
        self._course, self._assignment, self._directory, self._config = course, assignment, directory, config
        with quiet_log() as (log, _):
            self._converter = AutogradeFolder(coursedir=directory, config=config, log=log)
            self._late = AssignLatePenalties(config=config, log=log)
        self._converter.force = True
        self._late.init_plugin()
        self._source = directory.format_path(directory.source_directory, ".", assignment)
        kept = {os.path.join(self._source, file) for file in self._converter.exclude_overwriting.get(assignment, [])}
        self._given_files = sorted(set(find_all_files(self._source, [*directory.ignore, "*.ipynb"])) - kept)

    def convert(self, book: Gradebook, cards: Iterable[Scorecard]) -> Iterator[tuple[Scorecard, bool]]:
        """Store the marks of graded submissions, and write their notebooks.

        Args:
            book: the open gradebook.
            cards: scorecards with a score, each student once.

        Yields:
            Each card with True as soon as everything of it is stored. With False if something about the submission
            is unusual or wrong: nbgrader's own conversion then does it or says why not.

        Raises:
            GradebookError: another program has been writing to the database all the time.
            OperationalError: the database does not answer, or has no room.
        """
        batch: list[tuple[Scorecard, GradedNotebook]] = []
        for card in cards:
            try:
                batch.append((card, graded_notebook(card, self._course, self._directory, self._config)))
            except Exception:  # nbgrader's own conversion raises it too, and names it
                yield card, False
            if len(batch) >= STUDENTS or sum(len(notebook.content) for _, notebook in batch) >= BYTES:
                yield from self._store(book, batch)
                batch = []
        yield from self._store(book, batch)

    def _store(
        self, book: Gradebook, batch: list[tuple[Scorecard, GradedNotebook]]
    ) -> Iterator[tuple[Scorecard, bool]]:
        if not batch:
            return
        stored = store_marks(book, self._assignment, [notebook for _, notebook in batch], self._late)
        for card, notebook in batch:
            done = notebook.student in stored
            if done:
                try:
                    self._write(notebook)
                except (OSError, Unreadable):
                    done = False
            yield card, done

    def _write(self, notebook: GradedNotebook) -> None:
        """Write autograded/<student>/<assignment>/: files of the submission, of the course, and the notebook."""
        converter, student = self._converter, notebook.student
        converter.init_destination(self._assignment, student)
        target = Path(converter._format_dest(self._assignment, student))
        copy_submission(notebook.folder, target, self._directory.ignore)
        for file in self._given_files:
            place = target / os.path.relpath(file, self._source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            shutil.copy(file, place)
        (target / f"{self._assignment}.ipynb").write_bytes(notebook.content)
        converter.set_permissions(self._assignment, student)

"""nbgrader's own conversion of one submission: its `autograde` with the points of a scorecard."""

from __future__ import annotations

import os
import re
import warnings
from typing import TYPE_CHECKING, Any

from nbgrader.converters import Autograde

from autograder.course.nbgrader_settings import quiet_log
from autograder.gradebook.preprocessors import UseScorecard
from autograder.results.scorecard import Scorecard

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


class AutogradeFolder(Autograde):
    """nbgrader's autograde for one student's folder, whatever the notebook in it is called."""

    def init_notebooks(self) -> None:
        """Find the submission by its folder."""
        assignment, student = self.coursedir.assignment_id, self.coursedir.student_id
        folder = self._format_source(assignment, student)
        self.assignments = {folder: [os.path.join(folder, f"{assignment}.ipynb")]}
        self.notebooks: list[str] = []

    def _format_source(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        """The submission's folder, or a pattern for it; nbgrader itself does not escape the pattern."""
        step = re.escape(self._input_directory) if escape else self._input_directory
        return str(self.coursedir.format_path(step, student_id, assignment_id, escape=escape))


def convert_submission(card: Scorecard, directory: CourseDirectory, config: Any) -> str:
    """Run nbgrader's autograde for one student, with everything that the course configures.

    Args:
        card: the student's scorecard.
        directory: names the database and the folders.
        config: from `nbgrader_settings`.

    Returns:
        Why it failed, or "".
    """
    with quiet_log() as (log, lines), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's own code
        use_scorecard = UseScorecard(find_card=lambda assignment, student: card)
        own = f"{UseScorecard.__module__}.{UseScorecard.__name__}"
        converter = AutogradeFolder(coursedir=directory, config=config, log=log)
        converter.force = True
        converter.autograde_preprocessors = [
            use_scorecard if p in (own, UseScorecard) else p for p in converter.autograde_preprocessors
        ]
        directory.assignment_id, directory.student_id = card.assignment, card.student
        try:
            converter.start()
        except Exception as error:  # nbgrader's converters raise anything; the next student's turn comes all the same
            tracebacks = [line for line in lines if line.startswith("Traceback")]
            return tracebacks[-1].strip().splitlines()[-1] if tracebacks else f"{type(error).__name__}: {error}"
    return ""

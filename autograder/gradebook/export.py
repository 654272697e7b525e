"""`nbgrader export`: nbgrader's own table, in which a submission without a mark has no score instead of 0."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from autograder.results.store import ResultStore

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""Those of nbgrader's CsvExportPlugin, in its order."""


class GradesExport(ExportPlugin):
    """Writes a CSV file like nbgrader's own exporter, with commas in names quoted and no zeros that nobody gave.

    A student who handed in nothing has 0 points, as nbgrader does it. Scores are empty where something was handed in
    but could not be graded, or where grading broke off half way.
    """

    graded = Unicode("graded", help="Folder of the scorecards, relative to the course").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to `--to` (default grades.csv).

        Args:
            gradebook: nbgrader's, open.
        """
        target = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", target)
        wanted, students = {str(name) for name in self.assignment}, {str(student) for student in self.student}
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for assignment in gradebook.assignments:
                if wanted and assignment.name not in wanted:
                    continue
                for student in gradebook.students:
                    if not students or student.id in students:
                        writer.writerow(self._row(gradebook, assignment, student))

    def _row(self, gradebook: Gradebook, assignment: Any, student: Any) -> dict[str, Any]:
        row = {
            "assignment": assignment.name,
            "duedate": assignment.duedate,
            "student_id": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "max_score": assignment.max_score,
        }
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            if self._handed_in(assignment.name, student.id):
                return row
            return row | {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
        row["timestamp"] = submission.timestamp
        if _unfinished(submission):
            return row
        penalty = submission.late_submission_penalty
        return row | {
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
        }

    def _handed_in(self, assignment: str, student: str) -> bool:
        directory = self.parent.coursedir
        folder = Path(directory.format_path(directory.submitted_directory, student, assignment))
        return folder.exists() or ResultStore(Path(directory.root) / self.graded, assignment).card(student) is not None


def _unfinished(submission: Any) -> bool:
    """Whether a cell that is graded automatically has neither an automatic mark nor one by hand."""
    return any(
        grade.cell_type == "code" and grade.auto_score is None and grade.manual_score is None
        for notebook in submission.notebooks
        for grade in notebook.grades
    )

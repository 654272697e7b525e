"""Plugins of `nbgrader autograde`: they repair a submission and write the scorecard's points, and run no code of it.

nbgrader_config.py names these by their dotted names; nbgrader itself is unmodified. For each submission it

1. calls `expect_notebook`, which points it to <assignment>.ipynb whatever the student called the file,
2. lets `SubmissionExporter` read the submission: the repaired notebook takes the place of what came in,
3. lets `UseScorecard` write each exercise's result into its cell, from which nbgrader's SaveAutoGrades reads the marks.
"""

from __future__ import annotations

import html
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines, strip_transient
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution
from traitlets import Any as AnyTrait
from traitlets import Unicode

from autograder.course import config as courses
from autograder.gradebook.database import withdraw
from autograder.gradebook.inert_text import inert_markdown, shown_as_typed
from autograder.gradebook.submitted_copy import make_private, use_submitted_copies
from autograder.intake.bounded import read_bounded
from autograder.intake.submission import Ungradable
from autograder.results.scorecard import CheckResult, Scorecard
from cnnkit.checks.outcomes import OUTCOMES

if TYPE_CHECKING:
    from autograder.course.config import Course

LONGEST_TEXT = 50_000
"""Characters of a written answer that nbgrader's pages show. To render Markdown takes quadratic time at worst: 2 s."""

MESSAGE_CHARACTERS = 2_000
"""A longer message is cut in the notebook; the scorecard has it whole."""


def expect_notebook(*, assignment: str, student: str, notebooks: list[str]) -> None:
    """Let nbgrader look for <assignment>.ipynb alone; `SubmissionExporter` finds what was handed in under another name.

    nbgrader calls this before it looks at a submission. Without it, a wrong file name stops that submission half way
    and leaves it in the gradebook with 0 points.

    Args:
        assignment: the assignment.
        student: the pattern of students that nbgrader was asked for.
        notebooks: paths of one submission's notebooks; changed in place, as nbgrader goes on with this very list.
    """
    folders = {os.path.dirname(path) for path in notebooks}
    notebooks[:] = [os.path.join(folder, f"{assignment}.ipynb") for folder in sorted(folders)]


class SubmissionExporter(NotebookExporter):
    """Exporter that reads a submission through intake, so that no damaged notebook stops the others.

    If a submission cannot be graded, for whatever reason, its marks are removed from the gradebook, where nbgrader
    would have left it with 0 points. The error goes on to nbgrader, which names the student and continues.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)  # type: ignore[no-untyped-call]
        converter: Any = self.parent
        # nbgrader makes its exporter before it looks at the first submission, and has no other hook for its copying
        if isinstance(converter, Autograde):
            make_private(converter.coursedir)
            use_submitted_copies(converter)

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Read and convert the submission, or, from autograded/, the notebook made from it.

        Args:
            filename: path at which nbgrader expects the notebook.
            resources: nbgrader's resources, with student and assignment.
            **kw: passed on.

        Raises:
            Ungradable: the submission cannot be read, or its scorecard says so.
        """
        converter: Any = self.parent
        directory = converter.coursedir
        about = resources["nbgrader"]
        root = Path(directory.root)
        about["course"] = str(root)
        about["submitted"] = str(root / directory.submitted_directory)
        try:
            if Path(filename).is_relative_to(root / directory.autograded_directory):
                return super().from_filename(filename, resources=resources, **kw)
            folder = Path(about["submitted"], about["student"], about["assignment"])
            notebook = repaired_notebook(courses.load_course(root), about["assignment"], about["student"], folder)
            resources["metadata"] = {"name": about["notebook"], "path": str(folder)}
            return self.from_notebook_node(notebook, resources=resources, **kw)  # type: ignore[no-untyped-call]
        except Exception:
            withdraw(about["assignment"], about["student"], directory)
            raise


def repaired_notebook(course: Course, assignment: str, student: str, folder: Path) -> Any:
    """Read a submission as a notebook that nbgrader accepts and shows safely; its metadata has the submission's digest.

    Raises:
        Ungradable: the submission cannot be read, or nbgrader's pages would take the student's name for HTML.
    """
    submission = read_bounded(folder, assignment, student, course, with_notebook=True)
    if not shown_as_typed(student):
        said = "has < > \" \\ or an entity in it, which nbgrader's pages show as HTML. Rename the folder in submitted/."
        raise Ungradable(f"The student's name, {student!r}, {said}", submission.digest)
    # as nbformat.reads, which also goes through every number of a training record, and validates; nbconvert does that
    notebook: Any = json.loads(submission.notebook, object_hook=NotebookNode)
    notebook = strip_transient(rejoin_lines(notebook))  # type: ignore[no-untyped-call]
    notebook.metadata["autograder"] = {"submission": submission.digest}
    for cell in notebook.cells:
        if cell.cell_type != "code" and not is_locked(cell):
            _make_inert(cell)
    return notebook


def _make_inert(cell: Any) -> None:
    """Let no page make more than text of a student's text; an untouched placeholder keeps its checksum."""
    if not is_solution(cell) or compute_checksum(cell) != cell.metadata.nbgrader.get("checksum"):
        more = len(cell.source) - LONGEST_TEXT
        cell.source = inert_markdown(cell.source[:LONGEST_TEXT])
        if more > 0:
            cell.source += f"\n\n… {more:,} more characters are in the notebook that was handed in."


class UseScorecard(NbGraderPreprocessor):
    """Preprocessor that writes the scorecard's result into each automatically graded cell.

    The scorecard of `autograder grade` is used if it is up to date. Otherwise the submission is graded now.
    """

    graded = Unicode("graded", help="Folder of the scorecards, relative to the course").tag(config=True)
    find_card = AnyTrait(None, allow_none=True, help="From assignment and student to the scorecard; None: look it up")

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write checks and points into the cells.

        Raises:
            Ungradable: the scorecard has no score, or the submission has changed since it was made.
        """
        about = resources["nbgrader"]
        find: Callable[[str, str], Scorecard] | None = self.find_card
        card = find(about["assignment"], about["student"]) if find else self._card(about)
        if card.status != "graded":
            raise Ungradable(" ".join(card.notes), card.submission)
        digest = nb.metadata.get("autograder", {}).get("submission")
        if digest != card.submission:
            raise Ungradable("The submission changed while it was being graded; grade it again.", card.submission)
        exercises = card.exercises()
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell):
                name, points = cell.metadata.nbgrader["grade_id"], float(cell.metadata.nbgrader["points"])
                if name not in exercises:
                    raise ValueError(f"the scorecard of {card.student} has no checks for the graded cell {name!r}")
                cell.outputs = grade_outputs(exercises[name], points)
                cell.execution_count = None
        return nb, resources

    def _card(self, about: Mapping[str, str]) -> Scorecard:
        from autograder.grading import on_demand
        from autograder.grading.tasks import GradingTask

        course = courses.load_course(Path(about["course"]))
        submitted, graded = Path(about["submitted"]), course.root / self.graded
        task = GradingTask(about["assignment"], about["student"], submitted, graded)
        return on_demand.grade_on_demand(task, course)


def grade_outputs(checks: list[CheckResult], points: float) -> list[Any]:
    """Outputs of a graded cell: the checks for people, then the points as the one number that nbgrader reads.

    Args:
        checks: the checks of the cell's exercise.
        points: points that the cell is worth.

    Raises:
        ValueError: the checks add up to more than the cell is worth.
    """
    earned = math.fsum(check.points for check in checks)
    if not 0 <= earned <= points + 1e-9:
        raise ValueError(f"the checks of {checks[0].exercise!r} give {earned} points, their cell is worth {points}")
    data = {"text/plain": _as_text(checks), "text/html": _as_html(checks)}
    outputs = [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(float(min(earned, points)))},
            "metadata": {},
            "execution_count": None,
        },
    ]
    return [nbformat.from_dict(output) for output in outputs]  # type: ignore[no-untyped-call]


def _name(check: CheckResult) -> str:
    return check.id.removeprefix(f"{check.exercise}.").replace("_", " ")


def _cut(text: str) -> str:
    return text if len(text) <= MESSAGE_CHARACTERS else text[:MESSAGE_CHARACTERS] + " …"


def _as_text(checks: list[CheckResult]) -> str:
    lines = []
    for check in checks:
        sign, word = OUTCOMES[check.outcome]
        lines.append(f"{sign} {_name(check)}: {word}, {check.points:g} of {check.max_points:g}")
        lines += [f"    {_cut(text)}" for text in (check.message, check.hint) if text]
    return "\n".join(lines)


def _as_html(checks: list[CheckResult]) -> str:
    rows = []
    for check in checks:
        texts = "".join(f"<br>{html.escape(_cut(text))}" for text in (check.message, check.hint) if text)
        sign, word = OUTCOMES[check.outcome]
        rows.append(
            f'<li><span aria-hidden="true">{sign}</span> <b>{html.escape(_name(check))}</b>: {word}, '
            f"{check.points:g} of {check.max_points:g}{texts}</li>"
        )
    # messages quote the student, in whose words MathJax would look for formulas; both names, of its versions 2 and 3
    return '<ul class="tex2jax_ignore mathjax_ignore">' + "".join(rows) + "</ul>"

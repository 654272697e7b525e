"""The rubric's checks as other graders run them: in the student's own process, after the student's own code."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from autograder.audit.submissions import notebook_with
from autograder.course.config import Course

NAME = "mnist_convnet"

CHECK = """
from autograder.course.layout import RUBRICS
from autograder.rubric.fixtures import RubricInput
from autograder.rubric.pytest_session import RubricSuite
from cnnkit.checks.live_evidence import LiveEvidence
_suite = RubricSuite([RUBRICS / NAME / f"test_{EXERCISE}.py"], RUBRICS)
_wrong = [check for check in _suite.run(RubricInput(LiveEvidence(globals()), {}, {})) if check.outcome != "passed"]
WITHOUT_RECORDS = ("training", "repair")
assert EXERCISE in WITHOUT_RECORDS or not _wrong, "; ".join(f"{check.id}: {check.message}" for check in _wrong)
"""

_CAPPED = """
# training is capped as in our grader
from autograder.sandbox.server.training_cap import cap_training
cap_training({}, print)
"""


def check_source(exercise: str) -> str:
    """Code for the notebook's process: it raises AssertionError unless all checks of an exercise pass.

    Each exercise is checked in its place: what the notebook defines further down is not there yet.
    """
    known = {"NAME": NAME, "EXERCISE": exercise}
    return "".join(f"{name} = {value!r}\n" for name, value in known.items()) + CHECK


def capped_notebook(course: Course, cells: Mapping[str, str], student: str) -> dict[str, object]:
    """A submission as JSON data, whose training is cut as in our grader.

    Args:
        course: the course, with its release.
        cells: source of the solution cells, by grade id.
        student: whose it is.
    """
    notebook = json.loads(notebook_with(course, NAME, cells, student=student, records={}, quick=True))
    for cell in notebook["cells"]:
        if "cnnkit.start(" in "".join(cell["source"]):
            cell["source"] = "".join(cell["source"]) + _CAPPED
    return dict(notebook)


def expect_checked(grader: str, exercises: Collection[str], judged: Collection[str], passed: Collection[str]) -> None:
    """Stop unless a grader has judged all exercises of a notebook, and at least half of them as right.

    Every submission of the class is right but for one mistake. A grader that finds more has not run the checks.

    Raises:
        SystemExit: it has not.
    """
    missing = [one for one in exercises if one not in judged]
    if missing or 2 * len(passed) < len(exercises):
        found = f"judged: {', '.join(judged) or 'none'}; right: {', '.join(passed) or 'none'}"
        raise SystemExit(f"{grader}: expected all of {', '.join(exercises)} judged and most of them right; {found}")

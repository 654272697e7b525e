"""Rubrics: an ordinary pytest suite for each assignment, run on evidence in a process that never runs student code.

A test is a check. It carries `@pytest.mark.points(n)`, takes fixtures that give evidence (see
`autograder.rubric.fixtures`), and fails by raising Mismatch. `@pytest.mark.depends("other")` skips it where another
check of the exercise did not pass.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.config import Assignment
from autograder.course.layout import RUBRICS
from autograder.results.scorecard import CheckResult, RecordVerdict
from autograder.rubric.rubric_error import RubricError

if TYPE_CHECKING:  # pytest is imported with the first rubric that runs
    from autograder.rubric.check_results import Check
    from autograder.rubric.pytest_session import RubricSuite
    from cnnkit.checks.evidence import Evidence
    from cnnkit.recording.schema import TrainingRecord


def rubric_folder(assignment: str) -> Path:
    """The folder of an assignment's rubric.

    Raises:
        RubricError: there is none.
    """
    found = RUBRICS / assignment
    if not sorted(found.glob("test_*.py")):
        raise RubricError(f"{found} has no test_<exercise>.py")
    return found


def run_rubric(
    name: str,
    assignment: Assignment,
    evidence: Evidence,
    records: Mapping[str, TrainingRecord],
    verdicts: Mapping[str, RecordVerdict] | None = None,
    *,
    digest: str = "",
    exercises: Sequence[str] | None = None,
) -> list[CheckResult]:
    """Run the rubric of assignment `name` on one submission's evidence.

    Args:
        name: of the assignment.
        assignment: what it is worth.
        evidence: of the submission.
        records: its training records, by run.
        verdicts: what verification says of each run.
        digest: of what was handed in; hidden inputs are drawn from it.
        exercises: whose checks are run; all by default.

    Returns:
        One CheckResult a test, in the order of course.toml's exercises and of the tests in their files.

    Raises:
        RubricError: the rubric is wrong; it says where. A submission is never blamed for it.
    """
    from autograder.rubric.fixtures import RubricInput

    rubric_input = RubricInput(evidence, records, verdicts or {}, digest)
    results = _suite(rubric_folder(name), tuple(assignment.points), exercises and tuple(exercises)).run(rubric_input)
    for exercise in assignment.points if exercises is None else exercises:
        points = assignment.points[exercise]
        total = sum(result.max_points for result in results if result.exercise == exercise)
        if abs(total - points) > 1e-9:
            raise RubricError(f"the checks of {exercise} are worth {total:g} points, course.toml says {points:g}")
    return results


def check_ids(name: str, assignment: Assignment) -> list[str]:
    """The ids of a rubric's checks, in their order; none of them is run.

    Raises:
        RubricError: the rubric is wrong; it says where.
    """
    return list(_suite(rubric_folder(name), tuple(assignment.points)).ids)


def checks_of(name: str, assignment: Assignment, exercise: str) -> list[Check]:
    """The checks of one exercise with their marks, in their order; none for an exercise without any.

    Raises:
        RubricError: the rubric is wrong; it says where.
    """
    return [
        check for check in _suite(rubric_folder(name), tuple(assignment.points)).checks if check.exercise == exercise
    ]


def exercises_with_draws(name: str, assignment: Assignment) -> list[str]:
    """The exercises with a check whose inputs are drawn from the submission's digest.

    Raises:
        RubricError: the rubric is wrong; it says where.
    """
    drawn = {check.partition(".")[0] for check in _suite(rubric_folder(name), tuple(assignment.points)).drawn}
    return [exercise for exercise in assignment.points if exercise in drawn]


@functools.cache
def _suite(rubric: Path, exercises: tuple[str, ...], chosen: tuple[str, ...] | None = None) -> RubricSuite:
    """The tests of a rubric, or of its chosen exercises, collected when they are first needed."""
    files = {path.stem.removeprefix("test_"): path for path in rubric.glob("test_*.py")}
    unknown = set(files) ^ set(exercises)
    if unknown:
        raise RubricError(f"rubric files and the exercises of course.toml differ in: {', '.join(sorted(unknown))}")
    from autograder.rubric.pytest_session import RubricSuite

    return RubricSuite([files[exercise] for exercise in (chosen or exercises)], RUBRICS)


os.register_at_fork(after_in_child=_suite.cache_clear)  # their threads stay behind


__all__ = ["RubricError", "check_ids", "checks_of", "exercises_with_draws", "rubric_folder", "run_rubric"]

"""Rubrics: an ordinary pytest suite for each assignment, run on evidence in a process that never runs student code.

A test is a check. It carries `@pytest.mark.points(n)`, takes fixtures that give evidence (see
`autograder.rubric.fixtures`), and fails by raising Mismatch. `@pytest.mark.depends("other")` skips it where another
check of the exercise did not pass.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from autograder.course.config import Assignment
from autograder.results.scorecard import CheckResult, RecordVerdict
from autograder.rubric.fixtures import RubricInput
from autograder.rubric.pytest_session import RubricError, RubricSuite
from cnnkit.checks.evidence import Evidence
from cnnkit.recording.schema import TrainingRecord

RUBRICS = Path(__file__).parents[1] / "rubrics"
"""Where the hidden tests are."""

_KIT = Path(__file__).parents[2] / "cnnkit"
_OWN = [Path(__file__).with_name(name) for name in ("run.py", "pytest_session.py", "fixtures.py", "training_checks.py")]


def rubric_folder(assignment: str) -> Path:
    """The folder of an assignment's rubric.

    Raises:
        RubricError: there is none.
    """
    found = RUBRICS / assignment
    if not sorted(found.glob("test_*.py")):
        raise RubricError(f"{found} has no test_<exercise>.py")
    return found


def rubric_digest(assignment: str) -> str:
    """Hash ("sha256:...") of what decides over points: the rubric's tests and what they rely on in `cnnkit`."""
    suite = [path for path in rubric_folder(assignment).glob("*.py") if path.stem not in ("mutants", "equivalents")]
    shared = [path for package in ("checks", "expect", "networks", "probe") for path in (_KIT / package).rglob("*.py")]
    own = (_KIT / "assignments" / assignment).glob("*.py")
    judged = [*(RUBRICS.parent / "records").glob("*.py"), *rubric_folder(assignment).glob("reference_runs.json")]
    paths = [*sorted(suite), *sorted(own), *sorted(shared), *sorted(judged), _KIT / "mismatch.py", *_OWN]
    return _hashed(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@functools.lru_cache(maxsize=16)
def _hashed(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Hash of names and contents; asked for with every submission, read once while nothing changes."""
    total = hashlib.sha256()
    for path, _, _ in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return "sha256:" + total.hexdigest()


def run_rubric(
    name: str,
    assignment: Assignment,
    evidence: Evidence,
    records: Mapping[str, TrainingRecord],
    verdicts: Mapping[str, RecordVerdict] | None = None,
) -> list[CheckResult]:
    """Run the rubric of assignment `name` on one submission's evidence.

    Args:
        name: of the assignment.
        assignment: what it is worth.
        evidence: of the submission.
        records: its training records, by run.
        verdicts: what verification says of each run.

    Returns:
        One CheckResult a test, in the order of course.toml's exercises and of the tests in their files.

    Raises:
        RubricError: the rubric is wrong; it says where. A submission is never blamed for it.
    """
    results = _suite(rubric_folder(name), tuple(assignment.points)).run(RubricInput(evidence, records, verdicts or {}))
    for exercise, points in assignment.points.items():
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


@functools.cache
def _suite(rubric: Path, exercises: tuple[str, ...]) -> RubricSuite:
    """The tests of a rubric, collected when they are first needed."""
    files = {path.stem.removeprefix("test_"): path for path in rubric.glob("test_*.py")}
    unknown = set(files) ^ set(exercises)
    if unknown:
        raise RubricError(f"rubric files and the exercises of course.toml differ in: {', '.join(sorted(unknown))}")
    return RubricSuite([files[exercise] for exercise in exercises], RUBRICS)


os.register_at_fork(after_in_child=_suite.cache_clear)  # their threads stay behind


__all__ = ["RUBRICS", "RubricError", "check_ids", "rubric_digest", "rubric_folder", "run_rubric"]

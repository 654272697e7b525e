"""Scorecards to report on."""

import pytest

from autograder.results.scorecard import CheckResult, Scorecard


def check(name="first", outcome="passed", exercise="data", message="", hint="", points=None, maximum=1.0):
    if points is None:
        points = maximum if outcome == "passed" else 0.0
    return CheckResult(
        id=f"{exercise}.{name}",
        exercise=exercise,
        points=points,
        max_points=maximum,
        outcome=outcome,
        message=message,
        hint=hint,
    )


@pytest.fixture
def make_check():
    """Make a check; full points if passed."""
    return check


@pytest.fixture
def make_card():
    """Make a scorecard out of checks; ungradable without any."""

    def make(*checks, student="s01", **fields):
        graded = bool(checks)
        fields.setdefault("notes", [] if graded else ["toy.ipynb is empty. Save it and hand it in again."])
        return Scorecard(
            assignment="toy",
            student=student,
            status="graded" if graded else "ungradable",
            score=sum(found.points for found in checks) if graded else None,
            max_score=fields.pop("max_score", sum(found.max_points for found in checks) or 20.0),
            checks=list(checks),
            submission="sha256:" + "0" * 64,
            rubric="sha256:" + "1" * 64,
            kit="1.0.0",
            **fields,
        )

    return make

"""Checks of a rubric, and their results on one submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from autograder.results.scorecard import CheckResult, Outcome
from autograder.rubric.fixtures import RubricInput
from cnnkit.checks.evidence import FunctionMissing, StudentError
from cnnkit.checks.remarks import collecting
from cnnkit.mismatch import Mismatch


@dataclass(frozen=True)
class Check:
    """One check: a collected test with its marks.

    Attributes:
        id: "<exercise>.<name>".
        exercise: of the file's name, test_<exercise>.py.
        name: of the test, without "test_".
        points: its worth; None if the mark is missing.
        dependencies: names of the checks of the exercise that have to pass first.
        node: pytest's id of the test, for messages.
        public: True for one that the notebook's checks contain.
    """

    id: str
    exercise: str
    name: str
    points: float | None
    dependencies: tuple[str, ...]
    node: str
    public: bool = False

    @classmethod
    def of(cls, item: pytest.Item) -> Check:
        """The check of a collected test."""
        exercise, name = item.path.stem.removeprefix("test_"), item.name.removeprefix("test_")
        mark = item.get_closest_marker("points")
        return cls(
            id=f"{exercise}.{name}",
            exercise=exercise,
            name=name,
            points=float(mark.args[0]) if mark is not None and len(mark.args) == 1 else None,
            dependencies=tuple(one for depends in item.iter_markers("depends") for one in depends.args),
            node=item.nodeid,
            public=item.get_closest_marker("public") is not None,
        )


class ResultCollector:
    """Collects the outcomes of the tests on one submission as CheckResults.

    Attributes:
        input: the submission.
        results: of the tests so far.
        broken: faults of the rubric itself.
        skipped: why the current test is not run; "" if it is.
    """

    def __init__(self, rubric_input: RubricInput) -> None:
        self.input = rubric_input
        self.results: list[CheckResult] = []
        self.broken: list[str] = []
        self.skipped = ""
        self._error: BaseException | None = None
        self._reported: dict[str, str] = {}
        self._differences: dict[tuple[str, str], str] = {}
        self._remarked: set[tuple[str, str]] = set()

    @contextmanager
    def running(self, check: Check) -> Iterator[None]:
        """Context in which one test runs; its result is stored at the end."""
        self._error = None
        self.skipped = self._missing_dependency(check)
        with collecting() as remarks:
            yield
        self._store(check, remarks)

    def record_exception(self, error: BaseException) -> None:
        """Record the exception of the current test; the first one counts."""
        if self._error is None:
            self._error = error

    def _store(self, check: Check, remarks: Sequence[str]) -> None:
        if check.points is None:
            self.broken.append(f"{check.node} has no @pytest.mark.points(n)")
            return
        outcome, message, hint = self._words(check, remarks)
        self.results.append(
            CheckResult(
                id=check.id,
                exercise=check.exercise,
                points=check.points if outcome == "passed" else 0.0,
                max_points=check.points,
                outcome=outcome,
                message=message,
                hint=hint,
            )
        )

    def _missing_dependency(self, check: Check) -> str:
        for name in check.dependencies:
            wanted = f"{check.exercise}.{name}"
            found = next((result for result in self.results if result.id == wanted), None)
            if found is None:
                self.broken.append(f"{check.node} depends on {wanted}, which is not among the checks before it")
                return "broken"
            if found.outcome != "passed":
                return f"Not looked at, because “{_words(name)}” has to pass first."
        return ""

    def _new(self, check: Check, remarks: Sequence[str]) -> list[str]:
        """The remarks that no earlier check of the exercise has made."""
        new = [said for said in remarks if (check.exercise, said) not in self._remarked]
        self._remarked.update((check.exercise, said) for said in new)
        return new

    def _words(self, check: Check, remarks: Sequence[str]) -> tuple[Outcome, str, str]:
        error = self._error
        if self.skipped:
            return "skipped", self.skipped, ""
        if error is None:
            return "passed", " ".join(self._new(check, remarks)), ""
        if isinstance(error, (FunctionMissing, StudentError)):
            # one missing function, one error: said once, not again for every check that needs it
            said = str(error)
            origin = error.origin if isinstance(error, StudentError) else said
            earlier = self._reported.setdefault(origin, check.name)
            if earlier != check.name:
                return "skipped", f"Not looked at, for the same reason as “{_words(earlier)}”.", ""
            return ("failed" if isinstance(error, FunctionMissing) else "error"), said, error.hint
        if isinstance(error, Mismatch):
            # nor is one and the same difference told for each check that meets it
            earlier = self._differences.setdefault((check.exercise, error.message), check.name)
            if earlier != check.name:
                return "skipped", f"Not looked at, for the same reason as “{_words(earlier)}”.", ""
            return "failed", error.message, error.hint
        if isinstance(error, AssertionError):
            return "failed", str(error), ""
        self.broken.append(f"{check.node} broke: {type(error).__name__}: {error}")
        return "error", "", ""


def _words(name: str) -> str:
    return name.replace("_", " ")

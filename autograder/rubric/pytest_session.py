"""A rubric's tests, collected by pytest once and run again for every submission.

Starting pytest and collecting takes longer than running the tests. So pytest's own loop over the tests is replaced by
one that waits for a submission, runs all tests on it, returns the results, and waits for the next submission. It runs
in a thread of its own, because `pytest.main` returns only when a session is over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from autograder.results.scorecard import CheckResult, Outcome
from autograder.rubric import fixtures
from autograder.rubric.fixtures import EVIDENCE, RubricInput
from cnnkit.checks.evidence import FunctionMissing, StudentError
from cnnkit.checks.remarks import collecting
from cnnkit.errors import KitError
from cnnkit.mismatch import Mismatch

# A rubric needs none of these, and unraisableexception alone collects garbage twice for every submission.
_LEFT_OUT = (
    *("cacheprovider", "terminal", "doctest", "junitxml", "logging", "faulthandler", "unraisableexception"),
    *("threadexception", "warnings", "stepwise", "pastebin", "recwarn", "setuponly", "setupplan", "subtests"),
    *("legacypath", "unittest", "tmpdir", "reports"),
)

_OPTIONS = [
    "-c",
    os.devnull,
    *(option for name in _LEFT_OUT for option in ("-p", f"no:{name}")),
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
]


class RubricError(KitError):
    """The rubric itself is wrong: a check without points, points that do not add up, a test that breaks."""

    exit_status = 2


class RubricSuite:
    """The tests of one rubric.

    Args:
        files: the test files, in the order in which they run.
        root: the folder that conftest.py files are looked for in.

    Attributes:
        ids: ids of the checks, in their order.

    Raises:
        RubricError: the tests cannot be read, or there are none; it says where.
    """

    def __init__(self, files: Sequence[Path], root: Path) -> None:
        self._lock = threading.Lock()
        self._inputs: SimpleQueue[RubricInput] = SimpleQueue()
        self._outputs: SimpleQueue[list[str] | _ResultCollector | RubricError] = SimpleQueue()
        self._ended: RubricError | None = None
        options = [*_OPTIONS, f"--rootdir={root}", *map(str, files)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the environment has a dozen, none of them wanted here
            threading.Thread(target=self._serve, args=(options,), daemon=True).start()
            collected = self._outputs.get()
        if isinstance(collected, RubricError):
            raise collected
        assert isinstance(collected, list)
        self.ids = collected

    def run(self, rubric_input: RubricInput) -> list[CheckResult]:
        """Run all tests on one submission.

        Returns:
            One result a test.

        Raises:
            RubricError: the rubric is wrong; it says where. A submission is never blamed for it.
        """
        with self._lock:
            if self._ended is not None:
                raise self._ended
            self._inputs.put(rubric_input)
            collector = self._outputs.get()
            while (
                isinstance(collector, _ResultCollector) and collector.input is not rubric_input
            ):  # of an earlier run whose caller gave up
                collector = self._outputs.get()
        if isinstance(collector, RubricError):
            raise collector
        assert isinstance(collector, _ResultCollector)
        if collector.broken:
            raise RubricError(collector.broken[0])
        return collector.results

    def _serve(self, options: list[str]) -> None:
        loop = _Loop(self._inputs, self._outputs)
        try:
            reason = f"pytest ended with status {int(pytest.main(options, plugins=[loop, fixtures]))}"
        except BaseException as error:  # a caller that waits for the queue must learn of it
            reason = f"pytest broke: {type(error).__name__}: {error}"
        self._ended = RubricError(loop.unreadable[0] if loop.unreadable else reason)
        self._outputs.put(self._ended)


class _Loop:
    """The plugin that takes the place of pytest's loop over the tests."""

    def __init__(self, inputs: SimpleQueue[RubricInput], outputs: SimpleQueue[Any]) -> None:
        self._inputs, self._outputs = inputs, outputs
        self._collector: _ResultCollector
        self.unreadable: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # pytest's own report of a failure is not used
        for line in (
            "points(n): what the check is worth",
            "public: the student can run this check in the notebook",
            "depends(name): skipped where that check of the same exercise did not pass",
        ):
            config.addinivalue_line("markers", line)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.unreadable.append(f"{report.nodeid} could not be read: {report.longreprtext[-1500:]}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.unreadable or not session.items:
            return True
        self._outputs.put([_check_id(item) for item in session.items])
        while True:
            session.config.stash[EVIDENCE] = rubric_input = self._inputs.get()
            self._collector = _ResultCollector(rubric_input)
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._outputs.put(self._collector)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._collector.begin(item)
        with collecting() as remarks:
            result = yield
        self._collector.end(item, remarks)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self._collector.skipped:
            pytest.skip(self._collector.skipped)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            self._collector.record_exception(call.excinfo.value)


class _ResultCollector:
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
        self._remarked: set[tuple[str, str]] = set()

    def begin(self, item: pytest.Item) -> None:
        """Start a test."""
        self._error = None
        self.skipped = self._missing_dependency(item)

    def record_exception(self, error: BaseException) -> None:
        """Record the exception of the current test; the first one counts."""
        if self._error is None:
            self._error = error

    def end(self, item: pytest.Item, remarks: Sequence[str]) -> None:
        """End the current test and store its result; `remarks` were made while it ran."""
        mark = item.get_closest_marker("points")
        if mark is None or len(mark.args) != 1:
            self.broken.append(f"{item.nodeid} has no @pytest.mark.points(n)")
            return
        outcome, message, hint = self._words(item, remarks)
        self.results.append(
            CheckResult(
                id=_check_id(item),
                exercise=_exercise(item),
                points=float(mark.args[0]) if outcome == "passed" else 0.0,
                max_points=float(mark.args[0]),
                outcome=outcome,
                message=message,
                hint=hint,
            )
        )

    def _missing_dependency(self, item: pytest.Item) -> str:
        for mark in item.iter_markers("depends"):
            for name in mark.args:
                wanted = f"{_exercise(item)}.{name}"
                found = next((result for result in self.results if result.id == wanted), None)
                if found is None:
                    self.broken.append(f"{item.nodeid} depends on {wanted}, which is not among the checks before it")
                    return "broken"
                if found.outcome != "passed":
                    return f"Not looked at, because “{name.replace('_', ' ')}” has to pass first."
        return ""

    def _new(self, item: pytest.Item, remarks: Sequence[str]) -> list[str]:
        """The remarks that no earlier check of the exercise has made."""
        new = [said for said in remarks if (_exercise(item), said) not in self._remarked]
        self._remarked.update((_exercise(item), said) for said in new)
        return new

    def _words(self, item: pytest.Item, remarks: Sequence[str]) -> tuple[Outcome, str, str]:
        error = self._error
        if self.skipped:
            return "skipped", self.skipped, ""
        if error is None:
            return "passed", " ".join(self._new(item, remarks)), ""
        if isinstance(error, (FunctionMissing, StudentError)):
            # one missing function, one error: said once, not again for every check that needs it
            said = str(error)
            earlier = self._reported.setdefault(said, item.name)
            if earlier != item.name:
                return "skipped", f"Not looked at, for the same reason as “{_words(earlier)}”.", ""
            return ("failed" if isinstance(error, FunctionMissing) else "error"), said, error.hint
        if isinstance(error, Mismatch):
            return "failed", error.message, error.hint
        if isinstance(error, AssertionError):
            return "failed", str(error), ""
        self.broken.append(f"{item.nodeid} broke: {type(error).__name__}: {error}")
        return "error", "", ""


def _check_id(item: pytest.Item) -> str:
    return f"{_exercise(item)}.{item.name.removeprefix('test_')}"


def _exercise(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")

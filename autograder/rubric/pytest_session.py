"""A rubric's tests, collected by pytest once and run again for every submission.

Starting pytest and collecting takes longer than running the tests. So pytest's own loop over the tests is replaced by
one that waits for a submission, runs all tests on it, hands over what came of it, and waits for the next. It runs in a
thread of its own, because `pytest.main` returns only when a session is over.
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
        files: where they are, in the order in which they run.
        root: the folder that conftest.py files are looked for in.

    Attributes:
        ids: of the checks, in their order.

    Raises:
        RubricError: they cannot be read, or there are none; it says where.
    """

    def __init__(self, files: Sequence[Path], root: Path) -> None:
        self._one_at_a_time = threading.Lock()
        self._asked: SimpleQueue[RubricInput] = SimpleQueue()
        self._told: SimpleQueue[list[str] | _ResultCollector | RubricError] = SimpleQueue()
        self._over: RubricError | None = None
        options = [*_OPTIONS, f"--rootdir={root}", *map(str, files)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the environment has a dozen, none of them wanted here
            threading.Thread(target=self._serve, args=(options,), daemon=True).start()
            collected = self._told.get()
        if isinstance(collected, RubricError):
            raise collected
        assert isinstance(collected, list)
        self.ids = collected

    def run(self, given: RubricInput) -> list[CheckResult]:
        """Run all tests on one submission; one result a test.

        Raises:
            RubricError: the rubric is wrong; it says where. A submission is never blamed for it.
        """
        with self._one_at_a_time:
            if self._over is not None:
                raise self._over
            self._asked.put(given)
            judge = self._told.get()
            while isinstance(judge, _ResultCollector) and judge.given is not given:  # of a run that nobody waited for
                judge = self._told.get()
        if isinstance(judge, RubricError):
            raise judge
        assert isinstance(judge, _ResultCollector)
        if judge.broken:
            raise RubricError(judge.broken[0])
        return judge.results

    def _serve(self, options: list[str]) -> None:
        loop = _Loop(self._asked, self._told)
        try:
            reason = f"pytest ended with status {int(pytest.main(options, plugins=[loop, fixtures]))}"
        except BaseException as error:  # whoever waits has to hear of it
            reason = f"pytest broke: {type(error).__name__}: {error}"
        self._over = RubricError(loop.unreadable[0] if loop.unreadable else reason)
        self._told.put(self._over)


class _Loop:
    """The plugin that takes the place of pytest's loop over the tests."""

    def __init__(self, asked: SimpleQueue[RubricInput], told: SimpleQueue[Any]) -> None:
        self._asked, self._told = asked, told
        self._judge: _ResultCollector
        self.unreadable: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # nobody reads pytest's own account of a failure
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
        self._told.put([_check_id(item) for item in session.items])
        while True:
            session.config.stash[EVIDENCE] = given = self._asked.get()
            self._judge = _ResultCollector(given)
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._told.put(self._judge)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._judge.begin(item)
        with collecting() as remarks:
            result = yield
        self._judge.end(item, remarks)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self._judge.skipped:
            pytest.skip(self._judge.skipped)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            self._judge.hear(call.excinfo.value)


class _ResultCollector:
    """Turns what becomes of the tests, run on one submission, into CheckResults.

    Attributes:
        given: the submission.
        results: of the tests so far.
        broken: what is wrong with the rubric.
        skipped: why the test that has begun is not to be run; empty where it is.
    """

    def __init__(self, given: RubricInput) -> None:
        self.given = given
        self.results: list[CheckResult] = []
        self.broken: list[str] = []
        self.skipped = ""
        self._error: BaseException | None = None
        self._blamed: dict[str, str] = {}
        self._remarked: set[tuple[str, str]] = set()

    def begin(self, item: pytest.Item) -> None:
        """A test begins."""
        self._error = None
        self.skipped = self._missing_dependency(item)

    def hear(self, error: BaseException) -> None:
        """It raised this."""
        if self._error is None:
            self._error = error

    def end(self, item: pytest.Item, remarks: Sequence[str]) -> None:
        """It has ended, and these remarks were made."""
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
        """What was remarked, less what an earlier check of the exercise has said."""
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
            earlier = self._blamed.setdefault(said, item.name)
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

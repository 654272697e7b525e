"""A rubric's tests, collected by pytest once and run again for every submission.

Starting pytest and collecting takes longer than running the tests. Tests that can be called directly
(`autograder.rubric.direct_tests`) are called by whoever has a submission, and pytest's session is over once it has
collected them. For the others pytest's own loop over the tests is replaced by one that waits for a submission, runs all
tests on it, returns the results, and waits for the next submission. It runs in a thread of its own, because
`pytest.main` returns only when a session is over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import pytest

from autograder.results.scorecard import CheckResult
from autograder.rubric import fixtures
from autograder.rubric.check_results import Check, ResultCollector
from autograder.rubric.direct_tests import DirectTest, direct_tests, run_direct
from autograder.rubric.fixtures import RUBRIC_INPUT, RubricInput
from autograder.rubric.rubric_error import RubricError

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


class _Collected(NamedTuple):
    """The collected tests.

    Attributes:
        checks: their marks.
        drawn: of those, the checks that draw their inputs.
        direct: the tests themselves, if they can be called directly.
    """

    checks: list[Check]
    drawn: list[str]
    direct: list[DirectTest]


class RubricSuite:
    """The tests of one rubric.

    Args:
        files: the test files, in the order in which they run.
        root: the folder that conftest.py files are looked for in.
        protocol: True to run all tests under pytest's protocol, also those that can be called directly.

    Attributes:
        checks: the checks, in their order.
        ids: their ids.
        drawn: ids of the checks that draw their inputs from the submission's digest.
        direct: True if the tests are called directly.

    Raises:
        RubricError: the tests cannot be read, or there are none; it says where.
    """

    def __init__(self, files: Sequence[Path], root: Path, *, protocol: bool = False) -> None:
        self._lock = threading.Lock()
        self._inputs: SimpleQueue[RubricInput] = SimpleQueue()
        self._outputs: SimpleQueue[_Collected | ResultCollector | RubricError] = SimpleQueue()
        self._ended: RubricError | None = None
        self._protocol = protocol
        options = [*_OPTIONS, f"--rootdir={root}", *map(str, files)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the environment has a dozen, none of them wanted here
            threading.Thread(target=self._serve, args=(options,), daemon=True).start()
            collected = self._outputs.get()
        if isinstance(collected, RubricError):
            raise collected
        assert isinstance(collected, _Collected)
        self.checks, self.drawn, self._tests = collected
        self.ids = [check.id for check in self.checks]
        self.direct = bool(self._tests)

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
            collector = self._called(rubric_input) if self.direct else self._looped(rubric_input)
        if collector.broken:
            raise RubricError(collector.broken[0])
        return collector.results

    def _called(self, rubric_input: RubricInput) -> ResultCollector:
        try:
            return run_direct(self._tests, rubric_input)
        except pytest.exit.Exception as error:
            status = pytest.ExitCode.INTERRUPTED if error.returncode is None else error.returncode
            self._ended = _ended_with(status)
            raise self._ended from error

    def _looped(self, rubric_input: RubricInput) -> ResultCollector:
        self._inputs.put(rubric_input)
        collector = self._outputs.get()
        while (
            isinstance(collector, ResultCollector) and collector.input is not rubric_input
        ):  # of an earlier run whose caller gave up
            collector = self._outputs.get()
        if isinstance(collector, RubricError):
            raise collector
        assert isinstance(collector, ResultCollector)
        return collector

    def _serve(self, options: list[str]) -> None:
        loop = _Loop(self._inputs, self._outputs, self._protocol)
        try:
            ended = _ended_with(pytest.main(options, plugins=[loop, fixtures]))
        except BaseException as error:  # a caller that waits for the queue must learn of it
            ended = RubricError(f"pytest broke: {type(error).__name__}: {error}")
        if loop.direct:
            return
        self._ended = RubricError(loop.unreadable[0]) if loop.unreadable else ended
        self._outputs.put(self._ended)


def _ended_with(status: int | pytest.ExitCode) -> RubricError:
    return RubricError(f"pytest ended with status {int(status)}")


class _Loop:
    """The plugin that takes the place of pytest's loop over the tests.

    Attributes:
        unreadable: why tests could not be collected.
        direct: True once the tests have been collected and can be called directly.
    """

    def __init__(self, inputs: SimpleQueue[RubricInput], outputs: SimpleQueue[Any], protocol: bool) -> None:
        self._inputs, self._outputs, self._protocol = inputs, outputs, protocol
        self._collector: ResultCollector
        self._checks: dict[pytest.Item, Check] = {}
        self.unreadable: list[str] = []
        self.direct = False

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
        self._checks = {item: Check.of(item) for item in session.items}
        direct = [] if self._protocol else direct_tests(session.items, session.config, [self, fixtures])
        self.direct = bool(direct)
        drawn = [
            check.id
            for item, check in self._checks.items()
            if isinstance(item, pytest.Function) and fixtures.draw.__name__ in item.fixturenames
        ]
        self._outputs.put(_Collected(list(self._checks.values()), drawn, direct))
        while not self.direct:
            session.config.stash[RUBRIC_INPUT] = rubric_input = self._inputs.get()
            self._collector = ResultCollector(rubric_input)
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._outputs.put(self._collector)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        with self._collector.running(self._checks[item]):
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self._collector.skipped:
            pytest.skip(self._collector.skipped)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            self._collector.record_exception(call.excinfo.value)

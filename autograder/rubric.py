"""Running a rubric: an ordinary pytest suite, on evidence, in a process that never runs student code.

A test is a check. It carries `@pytest.mark.points(n)`, takes fixtures that give evidence (`evidence`, `call`,
`records`), and fails by raising Mismatch. `@pytest.mark.depends("other")` skips it where another check of the exercise
did not pass.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.scorecard import CheckResult, Outcome, Verdict
from cnnkit.checks.evidence import Evidence, FunctionMissing, StudentError
from cnnkit.checks.remarks import collecting
from cnnkit.mismatch import Mismatch
from cnnkit.training import TrainingRecord

RUBRICS = Path(__file__).parent / "rubrics"
"""Where the hidden tests are."""

_KIT = Path(__file__).parents[1] / "cnnkit"

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


class RubricError(Exception):
    """The rubric itself is wrong: a check without points, points that do not add up, a test that breaks."""


def folder(assignment: str) -> Path:
    """The folder of an assignment's rubric.

    Raises:
        RubricError: there is none.
    """
    found = RUBRICS / assignment
    if not sorted(found.glob("test_*.py")):
        raise RubricError(f"{found} has no test_<exercise>.py")
    return found


def digest(assignment: str) -> str:
    """Hash ("sha256:...") of what decides over points: the rubric's tests and what they rely on in `cnnkit`."""
    suite = [path for path in folder(assignment).glob("*.py") if path.stem not in ("mutants", "equivalents")]
    shared = [path for room in ("checks", "spec", "probe") for path in (_KIT / room).glob("*.py")]
    own = (_KIT / "assignments" / assignment).glob("*.py")
    judged = [*(RUBRICS.parent / "verify").glob("*.py"), *folder(assignment).glob("reference_runs.json")]
    paths = [*sorted(suite), *sorted(own), *sorted(shared), *sorted(judged), _KIT / "mismatch.py", Path(__file__)]
    return _hashed(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@functools.lru_cache(maxsize=16)
def _hashed(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Hash of names and contents; asked for with every submission, read once while nothing changes."""
    total = hashlib.sha256()
    for path, _, _ in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return "sha256:" + total.hexdigest()


def run(
    name: str,
    assignment: Assignment,
    evidence: Evidence,
    records: Mapping[str, TrainingRecord],
    verdicts: Mapping[str, Verdict] | None = None,
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
    plugin = _Plugin(evidence, records, verdicts or {})
    status = _pytest(name, assignment, plugin)
    if plugin.broken:
        raise RubricError(plugin.broken[0])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RubricError(f"pytest ended with status {int(status)}")
    _compare_points(plugin.results, assignment)
    return plugin.results


def check_ids(name: str, assignment: Assignment) -> list[str]:
    """The ids of a rubric's checks, in their order; none of them is run.

    Raises:
        RubricError: the rubric is wrong; it says where.
    """
    collector = _Collector()
    status = _pytest(name, assignment, collector, "--collect-only")
    if collector.broken or status != pytest.ExitCode.OK:
        raise RubricError(collector.broken[0] if collector.broken else f"pytest ended with status {int(status)}")
    return collector.ids


def _pytest(name: str, assignment: Assignment, plugin: object, *options: str) -> int:
    """Run pytest on a rubric's files, in the order of course.toml's exercises; its exit status."""
    files = {path.stem.removeprefix("test_"): path for path in folder(name).glob("test_*.py")}
    unknown = set(files) ^ set(assignment.points)
    if unknown:
        raise RubricError(f"rubric files and the exercises of course.toml differ in: {', '.join(sorted(unknown))}")
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a dozen plugins of the environment, none of them wanted here
    try:
        return pytest.main(
            [*_OPTIONS, *options, f"--rootdir={RUBRICS}", *(str(files[exercise]) for exercise in assignment.points)],
            plugins=[plugin],
        )
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before


def _compare_points(results: list[CheckResult], assignment: Assignment) -> None:
    for exercise, points in assignment.points.items():
        total = sum(result.max_points for result in results if result.exercise == exercise)
        if abs(total - points) > 1e-9:
            raise RubricError(f"the checks of {exercise} are worth {total:g} points, course.toml says {points:g}")


class _Markers:
    """Says which marks a rubric may use, and keeps what cannot be read."""

    def __init__(self) -> None:
        self.broken: list[str] = []

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
            self.broken.append(f"{report.nodeid} could not be read: {report.longreprtext[-1500:]}")


class _Collector(_Markers):
    """Keeps the ids of the checks."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.ids = [_check_id(item) for item in session.items]


class _Plugin(_Markers):
    """Hands evidence to the tests and turns their outcomes into CheckResults."""

    def __init__(
        self, evidence: Evidence, records: Mapping[str, TrainingRecord], verdicts: Mapping[str, Verdict]
    ) -> None:
        super().__init__()
        self._evidence = evidence
        self._records = records
        self._verdicts = verdicts
        self.results: list[CheckResult] = []
        self._blamed: dict[str, str] = {}
        self._remarked: set[tuple[str, str]] = set()

    @pytest.fixture(scope="session")
    def evidence(self) -> Evidence:
        """All that can be asked of the submission: see `cnnkit.checks.Evidence`."""
        return self._evidence

    @pytest.fixture(scope="session")
    def call(self) -> Callable[..., Any]:
        """`call("conv_output_size", 28, 3, stride=2)` gives the value that the student's function returns."""
        return self._evidence.call

    @pytest.fixture(scope="session")
    def records(self) -> Mapping[str, TrainingRecord]:
        """The training records found in the notebook, by run."""
        return self._records

    @pytest.fixture(scope="session")
    def contradicted(self) -> Mapping[str, str]:
        """Why a run is not what its record says, by run; runs that are or may be what they say are not in it."""
        return {run: said.reason for run, said in self._verdicts.items() if said.verdict == "contradicted"}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._error: BaseException | None = None
        self._skipped = self._missing_dependency(item)
        with collecting() as self._remarks:
            result = yield
        self._judge(item)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self._skipped:
            pytest.skip(self._skipped)

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value

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

    def _judge(self, item: pytest.Item) -> None:
        mark = item.get_closest_marker("points")
        if mark is None or len(mark.args) != 1:
            self.broken.append(f"{item.nodeid} has no @pytest.mark.points(n)")
            return
        outcome, message, hint = self._words(item)
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

    def _new_remarks(self, item: pytest.Item) -> list[str]:
        """What was remarked, less what an earlier check of the exercise has said."""
        new = [said for said in self._remarks if (_exercise(item), said) not in self._remarked]
        self._remarked.update((_exercise(item), said) for said in new)
        return new

    def _words(self, item: pytest.Item) -> tuple[Outcome, str, str]:
        error = self._error
        if self._skipped:
            return "skipped", self._skipped, ""
        if error is None:
            return "passed", " ".join(self._new_remarks(item)), ""
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

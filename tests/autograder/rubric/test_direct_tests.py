"""Calling a rubric's tests directly gives what pytest's protocol gives; what needs the protocol gets it."""

import hashlib
import itertools
from pathlib import Path

import numpy as np
import pytest

from autograder.course.config import load_course
from autograder.course.layout import RUBRICS
from autograder.results.scorecard import RecordVerdict
from autograder.rubric.fixtures import RubricInput
from autograder.rubric.pytest_session import RubricSuite
from autograder.rubric.rubric_error import RubricError
from cnnkit.checks.evidence import StudentError, not_defined, not_written
from cnnkit.checks.registry import public_checks
from cnnkit.mismatch import Mismatch
from cnnkit.probe.applying import UsedResult
from cnnkit.probe.figure import AxesSpec, FigureSpec, LineSpec
from cnnkit.recording.schema import TrainingRecord

pytestmark = pytest.mark.slow

COURSE = load_course(Path(__file__).parent)
NUMBERS = itertools.count()


class Drawn:
    """Evidence in which each response is drawn: values right and wrong, missing functions, exceptions."""

    def __init__(self, assignment, seed):
        self.brief = public_checks(assignment).brief
        self.seed = seed

    def __getattr__(self, method):
        def respond(function, *args, **kwargs):
            request = f"{self.seed} {method} {function} {args!r} {sorted(kwargs.items())!r}"
            dice = np.random.default_rng(int(hashlib.sha256(request.encode()).hexdigest()[:8], 16))
            missing = np.random.default_rng(int(hashlib.sha256(f"{self.seed} {function}".encode()).hexdigest()[:8], 16))
            if missing.random() < 0.1:
                raise not_written(function) if missing.random() < 0.5 else not_defined(function)
            match dice.integers(8):
                case 0:
                    raise StudentError(f"{function}() raised ValueError: no", hint="Look at line 1.")
                case 1:
                    raise StudentError("the process that ran the notebook has ended")
                case 2:
                    raise Mismatch(f"{function}()", expected=1, found=2, hint="Count again.")
            return self.drawn(method, dice, kwargs)

        return respond

    def drawn(self, method, dice, kwargs):
        if method == "call":
            values = [13, 640, None, "text", np.zeros((2, 32, 32, 1), np.float32), [1, 2, 3], float("nan")]
            return values[dice.integers(len(values))]
        if method == "mutated":
            return ["images"] if dice.random() < 0.5 else []
        if method == "model" and self.brief is not None:
            return self.brief.network
        if method == "figure":
            curve = LineSpec(label="adam", x=(1.0, 2.0), y=(0.5, 0.25))
            return FigureSpec(axes=(AxesSpec(lines=(curve,)),))
        if method == "used":
            images = kwargs.get("images")
            return UsedResult(outputs=(np.zeros((4, 28, 28, 1), np.float32) if images is None else images,))
        raise Mismatch(f"no {method} here")


@pytest.mark.parametrize("name", list(COURSE.assignments))
def test_every_rubric_is_called_directly_and_judges_as_under_the_protocol(name):
    files = [RUBRICS / name / f"test_{exercise}.py" for exercise in COURSE.assignment(name).points]
    direct, protocol = (RubricSuite(files, RUBRICS, protocol=under) for under in (False, True))
    assert direct.direct
    assert not protocol.direct
    assert direct.ids == protocol.ids
    outcomes = set()
    for seed in range(12):
        records = {"adam": TrainingRecord("adam", {"loss": [1.0 / (1 + epoch) for epoch in range(seed)]})}
        verdict = RecordVerdict(verdict="contradicted" if seed % 2 else "verified", reason="It does not fit.")
        results = [
            outcome_of(suite, RubricInput(Drawn(name, seed), records if seed % 3 else {}, {"adam": verdict}))
            for suite in (direct, protocol)
        ]
        assert results[0] == results[1]
        if not isinstance(results[0], str):
            outcomes |= {result.outcome for result in results[0]}
    assert outcomes == {"passed", "failed", "skipped", "error"}


def outcome_of(suite, rubric_input):
    """The results; the text of the error if a rubric breaks over evidence that no submission could give."""
    try:
        return suite.run(rubric_input)
    except RubricError as error:
        return str(error)


class Asked:
    """Evidence that counts how often a function is called, and gives or raises its value."""

    def __init__(self, **values):
        self.values, self.asked = values, []

    def call(self, function):
        self.asked.append(function)
        value = self.values.get(function, 0)
        if isinstance(value, Exception):
            raise value
        return value


HEAD = """
import pytest
from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch

@pytest.fixture(scope="session")
def shared(call):
    remark("made once")
    return call("shared")

@pytest.fixture
def own(shared, call):
    return call("own")
"""

TESTS = """
@pytest.mark.points(1)
def test_first(shared, own, default=3):
    assert (shared, default) == (0, 3)

@pytest.mark.points(1)
@pytest.mark.public
def test_second(own, shared):
    raise Mismatch("own", expected=1, found=own)

@pytest.mark.points(1)
@pytest.mark.depends("first", "second")
def test_third(call):
    call("never")

@pytest.mark.points(1)
@pytest.mark.depends("first")
def test_fourth(evidence, records, contradicted, own):
    assert evidence.asked.count("own") == 3, evidence.asked
"""


@pytest.fixture
def suites(tmp_path):
    """The suite of a text, called directly where that is possible and under the protocol."""

    def make(text, conftest=""):
        folder = tmp_path / f"direct{next(NUMBERS)}"  # pytest imports a module of a given name once in a process
        folder.mkdir()
        (folder / "conftest.py").write_text(conftest)
        (folder / "test_toy.py").write_text(text)
        return [RubricSuite([folder / "test_toy.py"], tmp_path, protocol=under) for under in (False, True)]

    return make


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"shared": not_written("shared")},
        {"shared": Mismatch("shared", expected=1, found=2)},
        {"own": StudentError("own() raised", "Try it.")},
        {"shared": ZeroDivisionError("of the rubric")},
        {"own": AssertionError("not so")},
    ],
)
def test_fixtures_are_made_as_often_and_fail_as_under_the_protocol(suites, values):
    direct, protocol = suites(HEAD + TESTS)
    assert direct.direct
    for _ in range(2):  # a second submission starts afresh
        evidence = [Asked(**values), Asked(**values)]
        results = [
            outcome_of(suite, RubricInput(asked, {}, {}))
            for suite, asked in zip((direct, protocol), evidence, strict=True)
        ]
        assert results[0] == results[1]
        assert evidence[0].asked == evidence[1].asked


SIMPLE = "@pytest.mark.points(1)\ndef test_it(call):\n    assert call('it') == 0\n"

NEEDS_THE_PROTOCOL = {
    "a fixture that cleans up": "@pytest.fixture\ndef room():\n    yield 1\n\n@pytest.mark.points(1)\n"
    "def test_it(room):\n    assert room == 1\n",
    "parameters": "@pytest.mark.points(1)\n@pytest.mark.parametrize('n', [1])\ndef test_it(n):\n    assert n == 1\n",
    "a fixture with parameters": "@pytest.fixture(params=[1])\ndef n(request):\n    return request.param\n\n"
    "@pytest.mark.points(1)\ndef test_it(n):\n    assert n == 1\n",
    "a class": "class TestAll:\n    @pytest.mark.points(1)\n    def test_it(self):\n        pass\n",
    "an autouse fixture": "@pytest.fixture(autouse=True)\ndef always():\n    pass\n\n" + SIMPLE,
    "a module's set-up": "READY = []\n\ndef setup_module():\n    READY.append(1)\n\n@pytest.mark.points(1)\n"
    "def test_it():\n    assert READY\n",
    "another mark": "@pytest.mark.usefixtures('tmp_path')\n" + SIMPLE,
    "a module's fixture": "@pytest.fixture(scope='module')\ndef n():\n    return 1\n\n@pytest.mark.points(1)\n"
    "def test_it(n):\n    assert n == 1\n",
    "the request": "@pytest.mark.points(1)\ndef test_it(request):\n    assert request.node.name == 'test_it'\n",
    "a fixture that takes the request": "@pytest.fixture\ndef n(request):\n    return 1\n\n@pytest.mark.points(1)\n"
    "def test_it(n):\n    assert n == 1\n",
    "a fixture of another name": "@pytest.mark.points(1)\ndef test_it(nothing):\n    pass\n",
    "a fixture that overrides the kit's": "@pytest.fixture\ndef call():\n    return lambda name: 0\n\n" + SIMPLE,
    "a wide fixture of a narrow one": "@pytest.fixture\ndef own():\n    return 1\n\n@pytest.fixture(scope='session')\n"
    "def shared(own):\n    return own\n\n@pytest.mark.points(1)\ndef test_it(shared):\n    pass\n",
}


@pytest.mark.parametrize("text", NEEDS_THE_PROTOCOL.values(), ids=NEEDS_THE_PROTOCOL)
def test_what_needs_the_protocol_gets_it(suites, text):
    suite, protocol = suites("import pytest\n\n" + text)
    assert not suite.direct
    found = [outcome_of(one, RubricInput(Asked(), {}, {})) for one in (suite, protocol)]
    assert found[0] == found[1]


def test_hooks_of_a_rubric_are_called(suites):
    hook = "def pytest_runtest_setup(item):\n    item.config.seen = item.name\n"
    text = "import pytest\n\n@pytest.mark.points(1)\ndef test_it(pytestconfig):\n    assert pytestconfig.seen\n"
    suite, _ = suites(text, conftest=hook)
    assert not suite.direct
    assert [result.outcome for result in suite.run(RubricInput(Asked(), {}, {}))] == ["passed"]
    suite, _ = suites("import pytest\n\n" + SIMPLE, conftest=hook)
    assert not suite.direct
    suite, _ = suites("import pytest\n\n" + SIMPLE)
    assert suite.direct


def test_a_test_that_ends_pytest_ends_both(suites):
    text = "import pytest\n\n@pytest.mark.points(1)\ndef test_it():\n    pytest.exit('enough', {})\n"
    for status in ("None", "7"):
        said = [
            [outcome_of(suite, RubricInput(Asked(), {}, {})) for _ in range(2)] for suite in suites(text.format(status))
        ]
        assert said[0] == said[1] == [f"pytest ended with status {2 if status == 'None' else 7}"] * 2

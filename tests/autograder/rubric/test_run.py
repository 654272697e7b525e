"""Running a rubric: points, skips and words are right, and a rubric's own mistake is never the student's."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.config import Assignment, load_course
from autograder.rubric import run as rubric
from autograder.rubric.check_results import Check, ResultCollector
from autograder.rubric.fixtures import RubricInput
from autograder.rubric.run import RubricError
from cnnkit.checks.evidence import StudentError, not_written, raised
from cnnkit.mismatch import Mismatch

SUITE = """
import pytest
from cnnkit.mismatch import Mismatch

@pytest.mark.points(1)
def test_right(call):
    assert call("two") == 2

@pytest.mark.points(2)
def test_wrong(call):
    raise Mismatch("two()", expected=2, found=call("two"), hint="Count again.")

@pytest.mark.points(0.5)
@pytest.mark.depends("wrong")
def test_after(call):
    call("never")

@pytest.mark.points(0.5)
@pytest.mark.depends("right")
def test_follows(call):
    pass
"""


NUMBERS = itertools.count()


class Fake:
    """Evidence that gives what it was told to, or raises it."""

    def __init__(self, **values):
        self.values = values

    def call(self, function, *args, **kwargs):
        value = self.values[function]
        if isinstance(value, Exception):
            raise value
        return value


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(rubric, "RUBRICS", tmp_path)

    def start(suite, points, name="numbers", **values):
        folder = tmp_path / f"toy{next(NUMBERS)}"  # pytest imports a module of a given name once in a process
        folder.mkdir()
        (folder / f"test_{name}.py").write_text(suite)
        results = rubric.run_rubric(folder.name, Assignment(title="Toy", points=points), Fake(**values), {})
        return {result.id: result for result in results}

    return start


def test_points_and_outcomes(run):
    found = run(SUITE, {"numbers": 4}, two=2)
    assert {name: (item.outcome, item.points, item.max_points) for name, item in found.items()} == {
        "numbers.right": ("passed", 1, 1),
        "numbers.wrong": ("failed", 0, 2),
        "numbers.after": ("skipped", 0, 0.5),
        "numbers.follows": ("passed", 0.5, 0.5),
    }
    assert found["numbers.wrong"].message == "two(): expected 2, found 2."
    assert found["numbers.wrong"].hint == "Count again."
    assert "wrong" in found["numbers.after"].message


def test_a_missing_function_is_said_once(run):
    found = run(SUITE, {"numbers": 4}, two=not_written("two"))
    assert found["numbers.right"].outcome == "failed"
    assert found["numbers.right"].message == "`two` is not written yet."
    assert found["numbers.wrong"].outcome == "skipped"
    assert "same reason" in found["numbers.wrong"].message


def test_code_that_raises_is_an_error(run):
    found = run(SUITE, {"numbers": 4}, two=StudentError("two() raised ValueError", "Try it."))
    assert (found["numbers.right"].outcome, found["numbers.right"].hint) == ("error", "Try it.")


def test_records_are_at_hand(run):
    suite = "import pytest\n@pytest.mark.points(1)\ndef test_none(records):\n    assert records == {}\n"
    assert run(suite, {"numbers": 1})["numbers.none"].outcome == "passed"


def test_running_again_starts_afresh(run):
    first = run(SUITE, {"numbers": 4}, two=not_written("two"))
    second = run(SUITE, {"numbers": 4}, two=2)
    assert first["numbers.right"].outcome == "failed"
    assert second["numbers.right"].outcome == "passed"


@pytest.mark.parametrize(
    ("suite", "points", "said"),
    [
        ("def test_it():\n    pass\n", 1, "no @pytest.mark.points"),
        (SUITE, 5, "worth 4 points, course.toml says 5"),
        ("import pytest\n@pytest.mark.points(1)\ndef test_it():\n    1 / 0\n", 1, "ZeroDivisionError"),
        ("import pytest\n@pytest.mark.points(1)\ndef test_it(nothing):\n    pass\n", 1, "nothing"),
        ("import no_such_module\n", 1, "no_such_module"),
        (
            "import pytest\n@pytest.mark.points(1)\n@pytest.mark.depends('x')\ndef test_it():\n    pass\n",
            1,
            "depends on numbers.x",
        ),
    ],
)
def test_a_broken_rubric_is_not_the_students_fault(run, suite, points, said):
    with pytest.raises(RubricError, match=said):
        run(suite, {"numbers": points}, two=2)


def test_files_and_course_must_agree(run):
    with pytest.raises(RubricError, match=r"differ in: .*others"):
        run(SUITE, {"numbers": 4}, name="others", two=2)


def test_an_assignment_without_rubric(tmp_path, monkeypatch):
    monkeypatch.setattr(rubric, "RUBRICS", tmp_path)
    with pytest.raises(RubricError, match="no test_<exercise>"):
        rubric.rubric_folder("toy")


def test_grading_needs_no_tensorflow():
    """Neither the rubric nor what it rests on: the process that judges starts in a moment."""
    code = (
        "import sys, autograder.grading.pipeline, autograder.rubric.run, autograder.commands.cli\n"
        "import autograder.rubrics.mnist_convnet.test_curves, cnnkit.assignments.mnist_convnet.brief\n"
        "print([name for name in ('tensorflow', 'keras', 'IPython') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


REMARKING = """
import pytest
from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch

@pytest.mark.points(1)
def test_first(call):
    remark("a tensor counts")

@pytest.mark.points(1)
def test_second(call):
    remark("a tensor counts")
    remark("and a list")

@pytest.mark.points(1)
def test_wrong(call):
    remark("of no interest here")
    raise Mismatch("no")
"""


def test_remarks_stand_with_what_passed_and_are_made_once(run):
    found = run(REMARKING, {"numbers": 3})
    assert [found[f"numbers.{name}"].message for name in ("first", "second", "wrong")] == [
        "a tensor counts",
        "and a list",
        "no.",
    ]


def test_the_ids_of_the_checks(run):
    run(SUITE, {"numbers": 4}, two=2)
    name = f"toy{next(NUMBERS) - 1}"
    ids = rubric.check_ids(name, Assignment(title="Toy", points={"numbers": 4}))
    assert ids == ["numbers.right", "numbers.wrong", "numbers.after", "numbers.follows"]
    with pytest.raises(RubricError, match="differ in: letters"):
        rubric.check_ids(name, Assignment(title="Toy", points={"numbers": 4, "letters": 1}))


def test_a_rubric_that_ends_pytest_keeps_nobody_waiting(run):
    """Neither the submission that it ends with nor the next one."""
    ending = "import pytest\n@pytest.mark.points(1)\ndef test_it():\n    pytest.exit('enough')\n"
    with pytest.raises(RubricError, match="pytest ended with status"):
        run(ending, {"numbers": 1})
    name = f"toy{next(NUMBERS) - 1}"
    with pytest.raises(RubricError, match="pytest ended with status"):
        rubric.run_rubric(name, Assignment(title="Toy", points={"numbers": 1}), Fake(), {})


def test_a_difference_that_several_checks_of_an_exercise_meet_is_told_once():
    collector = ResultCollector(RubricInput(Fake(), {}, {}))
    for name, found in (("a.one", 2), ("a.two", 2), ("a.three", 3), ("b.one", 2)):
        exercise, _, test = name.partition(".")
        with collector.running(Check(name, exercise, test, 1.0, (), name)):
            collector.record_exception(Mismatch("f()", expected=1, found=found))
    assert [result.outcome for result in collector.results] == ["failed", "skipped", "failed", "failed"]
    assert collector.results[1].message == "Not looked at, for the same reason as “one”."
    assert not any(result.points for result in collector.results)


def test_an_exception_that_several_calls_come_upon_is_told_once():
    collector = ResultCollector(RubricInput(Fake(), {}, {}))
    places = [("f(1)", 3), ("f(2)", 3), ("f(1)", 4), ("g()", 0), ("h()", 0)]
    for number, (call, line) in enumerate(places):
        with collector.running(Check(f"a.{number}", "a", str(number), 1.0, (), f"a.{number}")):
            collector.record_exception(raised(call, "ValueError", f"bad {number}", line=line, source="x[y]", cell=7))
    assert [result.outcome for result in collector.results] == ["error", "skipped", "error", "error", "error"]
    assert collector.results[1].message == "Not looked at, for the same reason as “0”."


def test_the_checks_of_an_exercise_with_their_marks():
    course = load_course(Path(__file__).parents[3])
    checks = rubric.checks_of("lenet", course.assignment("lenet"), "mend")
    assert [(check.name, check.public, check.points) for check in checks] == [
        ("lines_form", True, 0.25),
        ("mistakes_found", False, 0.5),
        ("right_lines_left_alone", False, 0.25),
    ]
    assert rubric.checks_of("lenet", course.assignment("lenet"), "no such exercise") == []

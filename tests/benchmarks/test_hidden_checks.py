"""The same checks for other graders, and the certainty that they ran."""

import ast

import pytest

from autograder.audit.submissions import reference_cells
from autograder.course.config import load_course


@pytest.fixture(scope="module")
def hidden(load_script):
    return load_script("benchmarks/hidden_checks.py")


def test_each_exercise_has_its_check(hidden, root):
    course = load_course(root)
    for exercise in course.assignment(hidden.NAME).points:
        source = hidden.check_source(exercise)
        ast.parse(source)
        assert f"EXERCISE = {exercise!r}" in source


def test_an_exercise_is_checked_where_the_others_are_not_written_yet(hidden, root):
    names = {}
    exec("import math\n" + reference_cells(load_course(root), hidden.NAME)["arithmetic_solution"], names)
    exec(hidden.check_source("arithmetic"), names)
    names["conv_parameters"] = lambda *args, **kwargs: 0
    with pytest.raises(AssertionError, match=r"arithmetic\.parameters_of_the_brief: .*expected 640"):
        exec(hidden.check_source("arithmetic"), names)


def test_training_is_capped_where_the_notebook_begins(hidden, root):
    cells = hidden.capped_notebook(load_course(root), {}, "n0")["cells"]
    capped = [cell for cell in cells if "cap_training(" in "".join(cell["source"])]
    assert len(capped) == 1
    assert "cnnkit.start(" in capped[0]["source"]


@pytest.mark.parametrize(
    ("judged", "passed"), [((), ()), (("a", "b"), ("a", "b")), (("a", "b", "c"), ("a",)), (("a", "b", "c"), ())]
)
def test_a_grader_that_has_not_run_the_checks_stops_the_measurement(hidden, judged, passed):
    with pytest.raises(SystemExit, match="stock: expected all of a, b, c judged"):
        hidden.expect_checked("stock", ("a", "b", "c"), judged, passed)


def test_a_grader_that_finds_one_mistake_is_measured(hidden):
    hidden.expect_checked("stock", ("a", "b", "c"), ("a", "b", "c"), ("a", "c"))

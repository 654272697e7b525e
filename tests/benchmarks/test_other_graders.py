"""What other graders cost, and that their results are looked at."""

import json

import pytest


@pytest.fixture(scope="module")
def stock(load_script):
    return load_script("benchmarks/stock_nbgrader.py")


@pytest.fixture(scope="module")
def otter(load_script):
    return load_script("benchmarks/otter_grader.py")


def test_a_class_costs_its_start_once(load_script):
    cost = load_script("benchmarks/other_grader.py").MeasuredCost(start=5.0, each=8.5, processor_each=None, measured=5)
    assert cost.seconds(60) == 515


def graded(tmp_path, tests):
    """A notebook as nbgrader has run it; `tests` has the outputs by exercise, None for a cell that did not run."""
    cells = [
        {
            "metadata": {"nbgrader": {"grade_id": exercise}},
            "outputs": outputs or [],
            "execution_count": None if outputs is None else 1,
        }
        for exercise, outputs in tests.items()
    ]
    path = tmp_path / "graded.ipynb"
    path.write_text(json.dumps({"cells": [{"metadata": {}, "source": "text"}, *cells]}))
    return path


FAILED = [{"output_type": "error", "ename": "AssertionError"}]


def test_hidden_tests_of_stock_nbgrader_have_run(stock, tmp_path):
    stock._expect_results(graded(tmp_path, {"a": [], "b": FAILED, "c": []}), ["a", "b", "c"])
    for tests in ({"a": [], "b": []}, {"a": FAILED, "b": FAILED, "c": []}, {"a": [], "b": [], "c": None}):
        with pytest.raises(SystemExit, match="stock nbgrader: expected all of a, b, c"):
            stock._expect_results(graded(tmp_path, tests), ["a", "b", "c"])


def test_otters_test_files_have_run(otter, tmp_path):
    path = tmp_path / "results.json"
    tests = [{"name": f"{name} - test_the_exercise", "score": score} for name, score in (("a", 2.0), ("b", 0.0))]
    path.write_text(json.dumps({"tests": tests}))
    otter._expect_results(path, ["a", "b"])
    with pytest.raises(SystemExit, match="otter-grader: expected all of a, b, c"):
        otter._expect_results(path, ["a", "b", "c"])


def test_everything_is_pinned_and_nothing_of_ours_is_installed_twice(otter, root):
    lines = [line for line in otter.REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    names = {line.partition("==")[0] for line in lines}
    assert all("==" in line for line in lines)
    locked = {line.partition("==")[0] for line in (root / "requirements.lock").read_text().splitlines() if "==" in line}
    assert names & locked == {"wrapt"}  # Otter needs an older one


def test_otters_zip_has_a_test_for_each_exercise(otter, root, tmp_path):
    import zipfile

    from autograder.course.config import load_course

    course = load_course(root)
    with zipfile.ZipFile(otter._autograder_zip(course, tmp_path)) as archive:
        assert set(archive.namelist()) == {
            "otter_config.json",
            *(f"tests/{exercise}.py" for exercise in course.assignment(otter.NAME).points),
        }
        for name in archive.namelist():
            if name.endswith(".py"):
                compile(archive.read(name), name, "exec")

"""The shared checks of a training: ids, order, points and dependencies are those that a rubric writes down."""

import itertools

import pytest

from autograder.course.config import Assignment
from autograder.rubric import run as rubric
from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from cnnkit.checks.evidence import not_written
from cnnkit.expect.training import TrainingExercise

NUMBERS = itertools.count()
SUITE = """
import pytest
from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from cnnkit.expect.training import TrainingExercise

TRAINING = TrainingExercise("train", ("one", "two"), (None, 8, 8, 1), optimizer="adam")
globals().update(compile_checks(TRAINING, points=0.5))

@pytest.mark.points(2)
def test_own(evidence):
    pass

globals().update(fit_checks(TRAINING, points=0.25, fresh="fresh_head"))
globals().update(record_checks(("one", "two"), images=100, epochs=3, hold=1, complete=2, fall=3))
"""


class Unwritten:
    """Evidence of a notebook in which the training function is missing."""

    def training(self, *args, **kwargs):
        raise not_written("train")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(rubric, "RUBRICS", tmp_path)

    def start(suite, points):
        folder = tmp_path / f"trained{next(NUMBERS)}"  # pytest imports a module of a given name once in a process
        folder.mkdir()
        (folder / "test_training.py").write_text(suite)
        return rubric.run_rubric(folder.name, Assignment(title="Toy", points={"training": points}), Unwritten(), {}, {})

    return start


def test_ids_order_and_points_are_the_rubrics(run):
    assert [(result.id, result.max_points) for result in run(SUITE, 10.25)] == [
        ("training.loss_is_crossentropy", 0.5),
        ("training.optimizer_is_adam", 0.5),
        ("training.own", 2),
        ("training.trains_for_epochs", 0.25),
        ("training.validates", 0.25),
        ("training.passes_callbacks", 0.25),
        ("training.returns_history", 0.25),
        ("training.fresh_head", 0.25),
        ("training.records_hold", 1),
        ("training.records_complete", 2),
        ("training.losses_fall", 3),
    ]


def test_each_check_looks_at_the_evidence_or_waits_for_the_one_before(run):
    found = {result.id.removeprefix("training."): result for result in run(SUITE, 10.25)}
    assert found.pop("own").outcome == "passed"
    assert found["loss_is_crossentropy"].message == "`train` is not written yet."
    assert "same reason" in found["fresh_head"].message
    assert found["records_hold"].message.startswith("the training records in your notebook: expected one, two")
    assert "records hold" in found["records_complete"].message
    assert "records complete" in found["losses_fall"].message
    assert not [name for name, result in found.items() if result.outcome == "passed"]


def test_an_exercise_that_is_given_its_optimizer_has_no_check_of_a_named_one():
    given = TrainingExercise("train", ("adam", "sgd"), (None, 8, 8, 1))
    assert list(compile_checks(given, points=1)) == ["test_loss_is_crossentropy"]


def test_the_checks_of_the_fit_are_public_and_those_of_records_are_hidden():
    exercise = TrainingExercise("train", ("adam",), (None, 8, 8, 1))
    fit = fit_checks(exercise, points=1)
    records = record_checks(("adam",), images=100, epochs=3, hold=1, complete=1, fall=1)
    assert [marks(test) - {"points", "depends"} for test in fit.values()] == [{"public"}] * 5
    assert [marks(test) - {"points", "depends"} for test in records.values()] == [set()] * 3


def marks(test):
    return {mark.name for mark in test.pytestmark}


def test_one_call_leaves_the_points_of_another_alone():
    exercise = TrainingExercise("train", ("adam",), (None, 8, 8, 1))
    first, second = fit_checks(exercise, points=1), fit_checks(exercise, points=2)
    assert [points(tests["test_validates"]) for tests in (first, second)] == [[1], [2]]


def points(test):
    return [mark.args[0] for mark in test.pytestmark if mark.name == "points"]

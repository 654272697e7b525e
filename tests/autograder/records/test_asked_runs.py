"""The runs that an assignment asks for are those whose records its rubric checks."""

from importlib import import_module

import pytest

from autograder.records.asked_runs import asked_runs


@pytest.mark.parametrize("assignment", ["mnist_convnet", "lenet", "data_augmentation", "transfer_learning"])
def test_they_are_those_of_the_rubric(assignment):
    assert set(asked_runs(assignment)) == set(import_module(f"autograder.rubrics.{assignment}.reference").RECORDS)


def test_each_has_its_optimizer():
    assert asked_runs("mnist_convnet") == {"adam": "adam", "sgd": "sgd", "adadelta": "adadelta"} | {
        "adadelta_that_learns": ""
    }
    assert set(asked_runs("lenet").values()) == {"adam"}


@pytest.mark.parametrize("name", ["unheard_of", "", "..", "a.b"])
def test_an_unknown_assignment_asks_for_none(name):
    assert asked_runs(name) == {}

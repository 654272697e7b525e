"""Public checks are kept by exercise, in order."""

from dataclasses import replace

import pytest

from cnnkit.catalog import index
from cnnkit.checks import PublicChecks
from cnnkit.checks.registry import forbidden_by_function, public_checks


def test_checks_by_exercise():
    checks = PublicChecks("toy", {"one": ("f",), "two": ("g", "h")})

    @checks.add("two", "second")
    def second(evidence):
        pass

    @checks.add("one", "first")
    def first(evidence):
        pass

    @checks.add("two", "third")
    def third(evidence):
        pass

    assert [check.title for check in checks.of("two")] == ["second", "third"]
    assert [check.run for check in checks.of("one")] == [first]


def test_an_exercise_that_is_not_there():
    with pytest.raises(ValueError, match="toy has no exercise 'three'; it has one, two"):
        PublicChecks("toy", {"one": (), "two": ()}).add("three", "title")


def test_an_assignments_checks_are_found_by_its_name():
    found = public_checks("mnist_convnet")
    assert found.assignment == "mnist_convnet"
    assert found.brief.function in found.functions["architecture"]
    assert found.brief.network.parameters == 1_191_338
    assert public_checks("no_such_assignment") is None


def test_what_an_exercise_forbids_holds_for_each_of_its_functions():
    forbid = {"data": ["keras"], "curves": ["cnnkit"]}
    found = forbidden_by_function("mnist_convnet", forbid)
    assert found == {"prepare_images": ["keras"], "one_hot": ["keras"], "plot_loss_curves": ["cnnkit"]}
    assert forbidden_by_function("mnist_convnet", {}) == {}


def test_an_assignments_rules_come_from_its_description(monkeypatch):
    known = index.find_assignment("mnist_convnet")
    monkeypatch.setattr(index, "find_assignment", lambda name: replace(known, forbid={"data": ["keras"]}))
    assert public_checks("mnist_convnet").forbid == {"data": ["keras"]}
    monkeypatch.undo()
    assert public_checks("mnist_convnet").forbid == {}

"""Public checks are kept by exercise, in order."""

import pytest

from cnnkit.checks import PublicChecks
from cnnkit.checks.registry import public_checks


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

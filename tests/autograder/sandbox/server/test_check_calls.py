"""A call of a check is recorded under whatever name it is called, and runs nothing."""

import pytest

import cnnkit
from autograder.sandbox.server.check_calls import CheckCalls
from cnnkit.checks.runner import Checker, NoSuchCheck

EXERCISES = {"data": ["prepare", "encode"], "size": ["length"]}


@pytest.fixture
def calls(monkeypatch):
    monkeypatch.setattr(Checker, "__getattr__", Checker.__getattr__)
    recorder = CheckCalls(EXERCISES)
    recorder.record()
    return recorder


def test_calls_are_recorded_once_and_forgotten_when_taken(calls):
    cnnkit.check.size(None)
    cnnkit.check.size(None)
    assert calls.take() == ["length"]
    assert calls.take() == []


def test_an_alias_and_a_wrong_number_of_functions_are_calls_too(calls):
    alias = cnnkit.check.data
    alias()
    assert calls.take() == ["prepare", "encode"]


def test_looking_at_a_check_is_no_call(calls):
    assert cnnkit.check.data.__name__ == "data"
    assert calls.take() == []


def test_what_is_mentioned_counts_beside_what_was_called(calls):
    cnnkit.check.size(None)
    assert calls.take(["data", "size", "unknown"]) == ["length", "prepare", "encode"]


def test_an_exercise_that_there_is_not_is_an_error_as_ever(calls):
    with pytest.raises(NoSuchCheck):
        cnnkit.check.nothing(None)

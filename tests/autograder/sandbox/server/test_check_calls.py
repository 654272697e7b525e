"""A call of a check is recorded under whatever name it is called, and runs nothing."""

import pytest

import cnnkit
from autograder.sandbox.server.check_calls import CheckCalls
from cnnkit.checks.runner import Checker, NoSuchCheck

EXERCISES = {"data": ["prepare", "encode"], "size": ["length"]}


@pytest.fixture
def calls():
    recorder = CheckCalls(EXERCISES)
    with recorder.recording():
        yield recorder


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


def test_the_kit_is_as_before_afterwards():
    before = Checker.__getattr__
    with CheckCalls(EXERCISES).recording():
        assert Checker.__getattr__ is not before
    assert Checker.__getattr__ is before


def test_what_a_notebook_put_there_stays(monkeypatch):
    before = Checker.__getattr__
    monkeypatch.setattr(Checker, "__getattr__", before)  # undone after the one below
    with CheckCalls(EXERCISES).recording():
        monkeypatch.setattr(Checker, "__getattr__", lambda checker, name: "the notebook's")
    assert cnnkit.check.size == "the notebook's"

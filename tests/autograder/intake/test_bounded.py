"""A submission is read in a process of its own: as in this one, and whatever it takes it costs itself alone."""

import json
import os
import resource
import signal
from dataclasses import fields

import msgspec
import pytest

from autograder.course.config import CourseError
from autograder.intake import Ungradable, bounded
from autograder.intake.bounded import IntakeError, read_bounded

pytestmark = pytest.mark.slow


def read(toy, **options):
    return read_bounded(toy.folder, "toy", "s01", toy.course, **options)


@pytest.fixture
def reading(toy, monkeypatch):
    """`reading(act)`: read a submission over which the process that reads it does `act()`."""

    def start(act):
        toy.put(toy.answered())
        monkeypatch.setattr(bounded, "read_submission", lambda *_: act())
        return read(toy)

    return start


def test_the_submission_is_the_same_as_read_here(toy):
    cells = toy.answered()
    cells[9]["outputs"] = [toy.record_output({"run": "adam", "history": {"loss": [1.0, 0.5]}})]
    here = toy.read(cells)
    there = read(toy)
    compared = [field.name for field in fields(here) if field.name != "repair"]
    assert {name: getattr(there, name) for name in compared} == {name: getattr(here, name) for name in compared}
    assert list(there.records) == ["adam"]


@pytest.mark.parametrize("with_notebook", [True, False])
def test_the_repaired_notebook_is_the_same(toy, with_notebook):
    here = toy.read(toy.answered())
    assert json.loads(read(toy, with_notebook=with_notebook).notebook) == json.loads(here.notebook)


def test_a_notebook_that_changed_meanwhile_is_not_taken_for_the_one_that_was_read(toy):
    toy.put(toy.answered())
    found = read(toy)
    toy.put(toy.release_cells())
    with pytest.raises(Ungradable, match="changed while it was read"):
        _ = found.notebook


def test_what_cannot_be_graded_says_why(toy):
    toy.put(b"no notebook")
    with pytest.raises(Ungradable) as here:
        toy.read()
    with pytest.raises(Ungradable) as there:
        read(toy)
    assert (str(there.value), there.value.digest) == (str(here.value), here.value.digest)


def test_a_broken_release_is_the_courses_fault(toy):
    (toy.root / "assignments" / "toy" / "toy.ipynb").unlink()
    with pytest.raises(CourseError, match="is missing"):
        read(toy)


def many_gigabytes():
    return [bytearray(10**8) for _ in range(100)]


def one_string():
    return "#" * (3 * 10**9)


@pytest.mark.parametrize("act", [many_gigabytes, one_string])
def test_memory_has_a_limit(reading, act, monkeypatch):
    monkeypatch.setattr(bounded, "MEMORY_MB", 300)
    with pytest.raises(Ungradable, match=r"s01/toy took more than 300 MB of memory"):
        reading(act)


def loop():
    while True:
        pass


def loop_that_swallows():
    while True:
        try:
            loop()
        except BaseException:
            continue


def loop_that_ignores_the_signal():
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    loop()


@pytest.mark.parametrize("act", [loop, loop_that_swallows, loop_that_ignores_the_signal])
def test_processor_time_has_a_limit(reading, act, monkeypatch):
    monkeypatch.setattr(bounded, "PROCESSOR_SECONDS", 1)
    with pytest.raises(Ungradable, match=r"more than 1 seconds of processor time, far beyond any notebook"):
        reading(act)


@pytest.mark.parametrize(
    "act", [lambda: os.kill(os.getpid(), signal.SIGTERM), lambda: os._exit(3), lambda: os._exit(0)]
)
def test_a_process_that_ends_is_told(reading, act):
    with pytest.raises(Ungradable, match="the process which reads it ended"):
        reading(act)


def test_an_exception_that_nothing_foresaw_is_the_graders(reading):
    with pytest.raises(IntakeError, match=r"s01/toy could not be read \(ZeroDivisionError: division by zero\)"):
        reading(lambda: 1 / 0)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\xc0",
        b"x" * 1_000,
        b"\xdd\xff\xff\xff\xff",
        msgspec.msgpack.encode({"type": "read", "cells": "none"}),
        msgspec.msgpack.encode({"type": "ungradable", "reason": "x" * 10_000, "digest": ""}),
        msgspec.msgpack.encode({"type": "__main__.Anything"}),
    ],
)
def test_nothing_but_a_submission_is_taken_for_one(toy, monkeypatch, sent):
    toy.put(toy.answered())
    monkeypatch.setattr(bounded, "_outcome", lambda *_: sent)
    with pytest.raises(Ungradable, match="the process which reads it ended"):
        read(toy)


def test_limits_are_those_of_the_process_that_reads(toy):
    before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
    toy.put(toy.answered())
    read(toy)
    assert [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)] == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # and no process is left

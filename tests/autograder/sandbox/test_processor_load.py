"""The load of the machine, and a budget of time that it does not spend."""

import os
from pathlib import Path

import pytest

from autograder.sandbox import processor_load as module
from autograder.sandbox.processor_load import FairTimer, oversubscription
from autograder.sandbox.protocol.limits import LONGEST_FACTOR


@pytest.fixture
def two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.10 0.20 0.30 1/200 4711\n", 1.0),  # only the process that reads it
        ("0.10 0.20 0.30 15/200 4711\n", 7.0),
        ("9.00 0.20 0.30 3/200 4711\n", 4.5),  # at this moment the others are pausing
    ],
)
def test_the_higher_of_now_and_the_last_minute_counts(tmp_path, two_processors, text, expected):
    (tmp_path / "loadavg").write_text(text)
    assert oversubscription(tmp_path / "loadavg") == expected


@pytest.mark.parametrize("text", [None, "", "nonsense", "a b c d e"])
def test_without_proc_the_kernel_is_asked(tmp_path, two_processors, monkeypatch, text):
    if text is not None:
        (tmp_path / "loadavg").write_text(text)
    monkeypatch.setattr(module, "_load_average", lambda: 6.0)
    assert oversubscription(tmp_path / "loadavg") == 3.0


def test_the_kernel_s_average_is_the_one_in_proc():
    def shown():
        return float(Path("/proc/loadavg").read_text().split()[0])

    before, found, after = shown(), module._load_average(), shown()
    assert min(before, after) - 0.011 <= found <= max(before, after) + 0.011


class Passing:
    """A clock and a load that the test sets."""

    def __init__(self):
        self.now, self.load = 50.0, 1.0

    def timer(self, seconds):
        return FairTimer(seconds, lambda: self.load, lambda: self.now)


def test_a_second_costs_a_second_on_an_idle_machine():
    passing = Passing()
    timer = passing.timer(10)
    passing.now += 9
    assert timer.remaining() == 1
    passing.now += 2
    assert timer.remaining() == 0


def test_a_second_costs_its_share_on_a_busy_one():
    passing = Passing()
    timer = passing.timer(10)
    passing.load = 7
    passing.now += 21
    assert timer.remaining() == pytest.approx(7)
    passing.load = 1
    passing.now += 6
    assert timer.remaining() == pytest.approx(1)


def test_there_is_an_end_however_busy_the_machine_is():
    passing = Passing()
    timer = passing.timer(10)
    passing.load = 10_000
    passing.now += 10 * LONGEST_FACTOR - 1
    assert timer.remaining() == pytest.approx(1)
    passing.now += 1
    assert timer.remaining() == 0

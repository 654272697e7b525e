"""Submissions that take more than their budget of time are stopped once, whatever they do to their own timers."""

import msgspec
import pytest

from autograder.evidence import conversation
from autograder.grading.pipeline import grade_task
from autograder.grading.tasks import GradingContext, GradingTask
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.sandbox.client.connection import ChildConnection
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.protocol.limits import Limits
from tests.attacks.test_attacks import ANSWERS, COURSE, NAME, hand_in

pytestmark = pytest.mark.tensorflow

LIMITS = Limits(cell_seconds=1, submission_seconds=4)  # four seconds of processor time, sixteen asleep

OWN_TIMERS_OFF = """\
import signal, time
signal.setitimer(signal.ITIMER_REAL, 0)
signal.setitimer(signal.ITIMER_PROF, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal(signal.SIGPROF, signal.SIG_IGN)
"""

SWALLOWING = """\
import time
while True:
    try:
        {}
    except BaseException: pass
"""

TAKES_TIME = {
    # what the process does in its first cell, and what is said of it
    "sleeps_without_timers": (OWN_TIMERS_OFF + "time.sleep(10**6)", "it did not stop after 8 seconds of waiting"),
    "naps_without_timers": (
        OWN_TIMERS_OFF + "while True: time.sleep(0.001)",
        "it did not stop after 8 seconds of waiting",
    ),
    "naps_in_many_threads": (
        OWN_TIMERS_OFF + "import threading\ndef nap():\n    while True: time.sleep(0.02)\n"
        "for _ in range(50): threading.Thread(target=nap, daemon=True).start()\nnap()",
        "it did not stop after",
    ),
    "runs_without_timers": (OWN_TIMERS_OFF + "while True: pass", "4 seconds of processor time"),
    "swallows_every_interruption": (
        "while True:\n    try:\n        while True: sum(range(99))\n    except BaseException: pass",
        "",
    ),
}


@pytest.fixture(scope="module")
def zygote():
    with Zygote(services=SERVICES) as started:
        started.wait()
        yield started


@pytest.fixture
def grade(zygote, tmp_path, monkeypatch):
    """`grade(student, cell)`: the scorecard of right answers behind a cell, and how many processes were started."""
    started = []

    class Counted(ChildConnection):
        def __init__(self, *arguments):
            started.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(conversation, "ChildConnection", Counted)
    assignment = msgspec.structs.replace(COURSE.assignment(NAME), limits=LIMITS)
    course = msgspec.structs.replace(COURSE, assignments={NAME: assignment})
    context = GradingContext(course, lambda: zygote.address, ExaminerClient(lambda: zygote.address), "auto")

    def graded(student, cell):
        honest = {f"{part}_solution": ANSWERS[f"{part}_solution"] for part in ("data", "arithmetic")}
        hand_in(tmp_path / "submitted", student, honest, cell)
        return grade_task(
            GradingTask(NAME, student, tmp_path / "submitted", tmp_path / "graded"), context
        ).card, started

    return graded


@pytest.mark.parametrize("student", TAKES_TIME)
def test_whoever_takes_too_much_time_is_stopped(grade, student):
    cell, said = TAKES_TIME[student]
    card, started = grade(student, cell)
    assert card.status == "graded"
    goes_on = said.startswith("it did not stop")  # then there is time left for the rest, which is right
    assert len(started) <= (3 if goes_on else 2)  # a third one watches the training with weights
    text = "\n".join([*card.notes, *(check.message for check in card.checks)])
    assert said in text
    if goes_on:
        assert card.score == 6

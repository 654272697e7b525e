"""One budget for all children of a submission: time follows what the kernel granted, whatever the load."""

import pytest

from autograder.sandbox.client.submission_budget import MOST_SENT, ChildTimer, SubmissionBudget
from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.limits import Limits

LIMITS = Limits(cell_seconds=15, submission_seconds=60)  # 60 seconds of processor time, 240 asleep


class Machine:
    """A clock, a load and a child's granted time, all set by hand."""

    def __init__(self, load=1.0):
        self.now = self.ran = self.waited = 0.0
        self.load, self.visible = load, True

    def look(self):
        return self.visible

    def go_on(self, seconds, *, ran=0.0, waited=0.0):
        """Let time pass in steps of a second, as the grader looks."""
        for _ in range(int(seconds)):
            self.now += 1
            self.ran += ran
            self.waited += waited
            self.timer.remaining()

    def timer_of(self, budget):
        self.ran = self.waited = 0.0
        self.timer = ChildTimer(budget, 5, lambda: self.load, lambda: self.now, self)
        return self.timer


@pytest.mark.parametrize("load", [1, 14, 100])
def test_a_sleeper_is_stopped_at_the_same_time_whatever_the_load(load):
    machine, budget = Machine(load), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(239)
    assert timer.remaining() == pytest.approx(1)
    machine.go_on(1)
    assert timer.remaining() == 0


def test_a_child_that_gets_no_processor_loses_nothing():
    machine, budget = Machine(load=14), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(700, ran=1 / 14, waited=13 / 14)
    assert timer.remaining() == pytest.approx(240)


def test_short_sleeps_that_look_like_waiting_are_charged():
    """Four hundred threads that do nothing but wake up wait for a processor all the time, and run hardly."""
    machine, budget = Machine(load=14), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(260, ran=0.001, waited=100.0)
    assert timer.remaining() == 0


def test_waiting_on_an_idle_machine_is_sleeping():
    machine, budget = Machine(load=1), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(250, ran=0.0, waited=1.0)
    assert timer.remaining() == 0


@pytest.mark.parametrize(("ran", "said", "seconds"), [(1.0, "30 seconds of processor time", 35), (0.0, "waiting", 125)])
def test_a_cell_that_does_not_end_leaves_time_for_the_others(ran, said, seconds):
    """It switched off its timers, or is in a library's loop; run again without it, the rest may be right."""
    machine, budget = Machine(), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    timer.begin_step()
    machine.go_on(10, ran=ran)
    timer.begin_step()
    machine.go_on(seconds - 1, ran=ran)
    assert timer.remaining() > 0
    with pytest.raises(TimeoutError, match=said):
        machine.go_on(2, ran=ran)
    timer.settle()
    assert budget.spent == ""


def test_a_second_child_gets_what_the_first_has_left():
    machine, budget = Machine(), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(20, ran=1.0)
    machine.go_on(100)
    timer.settle()
    assert budget.spent == ""
    assert budget.child_limits().submission_seconds == pytest.approx(40)
    assert machine.timer_of(budget).remaining() == pytest.approx(140)


@pytest.mark.parametrize(("ran", "said"), [(1.0, "60 seconds of processor time"), (0.0, "slept for 240 seconds")])
def test_no_child_is_started_once_the_time_is_used_up(ran, said):
    machine, budget = Machine(), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(240, ran=ran)
    timer.settle()
    assert said in budget.spent


def test_a_child_beyond_the_kernels_limit_on_processor_time_is_stopped():
    machine, budget = Machine(), SubmissionBudget(LIMITS)
    timer = machine.timer_of(budget)
    machine.go_on(66, ran=1.0)
    assert timer.remaining() == 0


@pytest.mark.parametrize("load", [1, 14, 100])
def test_where_the_kernel_does_not_tell_waiting_has_an_end_all_the_same(load):
    machine, budget = Machine(load), SubmissionBudget(LIMITS)
    machine.visible = False
    timer = machine.timer_of(budget)
    machine.go_on(240 * min(load, 4) + 1)
    assert timer.remaining() == 0
    timer.settle()
    assert budget.spent


def test_everything_that_is_sent_is_charged_once_and_for_all():
    budget = SubmissionBudget(LIMITS)
    budget.charge_message(MOST_SENT)
    assert budget.spent == ""
    with pytest.raises(ProtocolError, match="more than 64 MB"):
        budget.charge_message(1)
    assert "more than 64 MB" in budget.spent

"""Tasks run in worker processes; one over which its process dies fails alone. No TensorFlow is needed."""

import functools
import math
import operator
import os
import signal

import pytest

from autograder.grading.workers import TaskRunner, WorkerDied, worker_pool

pytestmark = pytest.mark.slow


def nothing():
    """Begin a worker."""


def outcomes(calls, jobs=2):
    """Result, or class of the exception, of `operator.call(*calls[key])` for each key."""
    runner = TaskRunner(jobs, lambda number: worker_pool(number, [], nothing), operator.call, calls)
    runner.start()
    found = {}
    for done in runner.results():
        for key, future in done.items():
            assert key not in found
            error = future.exception()
            found[key] = future.result() if error is None else type(error)
    assert not runner.running
    return found


def test_every_task_has_its_result():
    assert outcomes({number: (math.sqrt, number**2) for number in range(20)}) == {n: n for n in range(20)}


def test_an_exception_is_that_of_its_task():
    assert outcomes({"good": (math.sqrt, 4), "bad": (math.sqrt, -1)}) == {"good": 2, "bad": ValueError}


@pytest.mark.parametrize(
    ("dies", "place"), [((os._exit, 1), 0), ((os.abort,), 5), ((signal.raise_signal, signal.SIGKILL), 9)]
)
def test_a_task_over_which_its_process_dies_fails_alone(dies, place):
    calls = {number: (math.sqrt, number**2) for number in range(10)}
    calls[place] = dies
    assert outcomes(calls) == {n: WorkerDied if n == place else n for n in range(10)}


def test_several_deaths_cost_those_tasks_only():
    calls = {number: (os._exit, 1) if number in (1, 4) else (math.sqrt, number**2) for number in range(6)}
    assert outcomes(calls) == {n: WorkerDied if n in (1, 4) else n for n in range(6)}


def test_a_single_task_may_die():
    assert outcomes({"a": (os._exit, 0)}, jobs=1) == {"a": WorkerDied}


def test_who_stops_half_way_finds_what_is_left():
    make = functools.partial(worker_pool, modules=[], begin=nothing)
    runner = TaskRunner(1, lambda number: make(number), operator.call, {n: (math.sqrt, n) for n in range(50)})
    runner.start()
    first = next(runner.results())
    runner.close()
    assert set(first) | set(runner.running.values()) == set(range(50))
    assert all(future.done() for future in runner.running)

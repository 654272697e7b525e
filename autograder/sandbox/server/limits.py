"""Limits of the process that runs a student's code: processor time, wall time, memory, threads.

Processor time is what is limited tightly: it does not depend on how busy the machine is. Wall time is the net for code
that sleeps or waits.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from autograder.sandbox.protocol.limits import WALL_FACTOR

EXIT_TIME = 86
"""Exit status of a child that gave itself up because the code swallowed the time limit."""

_LAST_WARNINGS = 3


class TimeLimitExceeded(BaseException):
    """Raised inside the student's code when its time is up; no `except Exception` swallows it."""


def one_thread() -> None:
    """Let TensorFlow compute in one thread, as there is a process for each core; before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the code inside after `seconds` of processor time, or WALL_FACTOR times that of wall time.

    Code that catches the interruption (a bare `except:` in a loop) is interrupted again each second; after the third
    time the process ends with EXIT_TIME, and the grader goes on without that cell.

    Raises:
        TimeLimitExceeded: in the code inside.
    """
    fired = 0

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal fired
        fired += 1
        if fired > _LAST_WARNINGS:
            os._exit(EXIT_TIME)
        if number == signal.SIGALRM:
            raise TimeLimitExceeded(f"it took more than {seconds * WALL_FACTOR:g} seconds")
        raise TimeLimitExceeded(f"it ran for more than {seconds:g} seconds of processor time")

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    signal.setitimer(signal.ITIMER_REAL, seconds * WALL_FACTOR, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def mapped_bytes() -> int:
    """How much address space this process has mapped."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit_resources(submission_seconds: float, memory_mb: int, mapped: int) -> None:
    """Set hard limits on this process and its children: processor time, memory beyond today's, files, threads.

    Args:
        submission_seconds: processor time of the whole submission.
        memory_mb: address space beyond what is mapped already, in MB (10**6 bytes).
        mapped: see `mapped_bytes`; measured before, because /proc may not be there any more.
    """
    seconds = int(submission_seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    allowed = mapped + memory_mb * 10**6
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100 * 10**6, 100 * 10**6))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

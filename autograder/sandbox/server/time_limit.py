"""Time limit of a cell or a request: processor time, and the time in which the code sleeps or waits.

Neither depends on how busy the machine is. A loop is stopped by processor time. Code that sleeps is stopped by wall
time, from which the time is subtracted in which it ran, or was ready to run and got no processor.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from autograder.sandbox.processor_load import oversubscription
from autograder.sandbox.protocol.limits import LONGEST_FACTOR, WALL_FACTOR

EXIT_TIME = 86
"""Exit status of a child that gave itself up because the code swallowed the time limit."""

_LAST_WARNINGS = 3

_AGAIN = 1.0
"""Seconds after which a timer fires once more."""

_SOONEST = 0.05
"""Seconds to the next look at a clock whose time is nearly up."""


class TimeLimitExceeded(BaseException):
    """Raised inside the student's code when its time is up; no `except Exception` swallows it."""


class IdleClock:
    """Time that this process has spent asleep or waiting since the clock was made.

    That is the wall time, less the processor time of all threads, less the time in which they were ready to run and
    waited for a processor. Where the kernel does not tell the latter, it is estimated from the load of the machine.

    Args:
        tasks: folder of the process's threads, see proc(5).
    """

    def __init__(self, tasks: Path = Path("/proc/self/task")) -> None:
        self._tasks = tasks
        self._start, self._used = time.monotonic(), time.process_time()
        self._waited = self._waits()

    def elapsed(self) -> float:
        """Wall time since the clock was made, in seconds."""
        return time.monotonic() - self._start

    def idle(self) -> float:
        """Time asleep or waiting since the clock was made, in seconds."""
        elapsed, used = self.elapsed(), time.process_time() - self._used
        now, before = self._waits(), self._waited
        if now is None or before is None:
            return max(0.0, elapsed / oversubscription() - used)
        waited = sum(nanoseconds - before.get(thread, 0) for thread, nanoseconds in now.items()) / 1e9
        return max(0.0, elapsed - used - waited)

    def _waits(self) -> dict[str, int] | None:
        """Nanoseconds that each thread was ready to run without a processor; None where the kernel does not tell."""
        found = {}
        try:
            for thread in os.listdir(self._tasks):
                try:
                    text = (self._tasks / thread / "schedstat").read_text(encoding="ascii")
                except (FileNotFoundError, ProcessLookupError):
                    if (self._tasks / thread).exists():  # this kernel has no such file
                        return None
                    continue  # the thread has ended
                found[thread] = int(text.split()[1])
        except (OSError, ValueError, IndexError):
            return None
        return found


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the code inside after `seconds` of processor time, or after WALL_FACTOR times that asleep or waiting.

    After LONGEST_FACTOR times the latter it is interrupted in any case. Code that catches the interruption (a bare
    `except:` in a loop) is interrupted again after each further second of processor time or sleep; after the third
    time the process ends with EXIT_TIME, and the grader goes on without that cell.

    Raises:
        TimeLimitExceeded: in the code inside.
    """
    fired = 0
    wall = seconds * WALL_FACTOR
    most_idle, longest = wall, wall * LONGEST_FACTOR
    clock = IdleClock()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal fired, most_idle, longest
        said = f"it ran for more than {seconds:g} seconds of processor time"
        if number == signal.SIGALRM:
            said = f"it took more than {wall:g} seconds"
            idle, elapsed = clock.idle(), clock.elapsed()
            if elapsed >= longest:
                said = f"it took more than {wall * LONGEST_FACTOR:g} seconds on a machine that was very busy"
            elif idle < most_idle:
                signal.setitimer(signal.ITIMER_REAL, max(most_idle - idle, _SOONEST), _AGAIN)
                return
            # on a busy machine, code that is being interrupted may need long to come to an end
            most_idle, longest = idle + _AGAIN, max(longest, elapsed + wall)
        fired += 1
        if fired > _LAST_WARNINGS:
            os._exit(EXIT_TIME)
        raise TimeLimitExceeded(said)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    signal.setitimer(signal.ITIMER_REAL, wall, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)

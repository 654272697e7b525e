"""Budget of one submission, over all its children and all requests: of time, and of what it sends."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from autograder.sandbox.client.granted_time import GrantedTime
from autograder.sandbox.processor_load import FairTimer, oversubscription
from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.limits import WALL_FACTOR, Limits

MOST_SENT = 64 * 1024 * 1024
"""Bytes of memory that everything which a submission's children send may take once it is decoded."""

SENT_TOO_MUCH = f"everything that it sent takes more than {MOST_SENT // 1024**2} MB"
"""Text of the ProtocolError beyond that."""

_LEAST_SHARE = 0.05
"""Part of the limits that must be left for another child to be worth its start."""

_LOOK = 0.25
"""Seconds between two looks at what the kernel has granted."""

_STEP = 2.0
"""Multiple of the limits of a cell or a request after which the child is stopped in it. The child's own timers come
first; but code can switch them off, and Python interrupts no loop of a library."""

_SLACK = 5.0
"""Seconds of waiting for a processor that are believed however little a process ran: short waits add up."""

_LONGEST_UNSEEN = 4.0
"""Multiple of the wall time after which a process is stopped where the kernel does not show what it was granted."""


class Timer(Protocol):
    """Anything that says how many seconds are left."""

    def remaining(self) -> float:
        """Seconds left; 0 if they are spent."""
        ...


class SubmissionBudget:
    """Remainder of one submission's budget. A child takes from it what it used; the next child gets the rest.

    Args:
        limits: of the submission.

    Attributes:
        ran: seconds of processor time used by children that have ended.
        idle: seconds in which they slept or waited for anything but a processor.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.ran = self.idle = 0.0
        self._sent = 0

    @property
    def processor_left(self) -> float:
        """Seconds of processor time."""
        return self.limits.submission_seconds - self.ran

    @property
    def idle_left(self) -> float:
        """Seconds asleep."""
        return self.limits.submission_seconds * WALL_FACTOR - self.idle

    @property
    def spent(self) -> str:
        """Name of the part that is used up; "" if another child may be started."""
        if self._sent > MOST_SENT:
            return SENT_TOO_MUCH
        if self.processor_left < _LEAST_SHARE * self.limits.submission_seconds:
            return f"it has used up {self.limits.submission_seconds:g} seconds of processor time"
        if self.idle_left < _LEAST_SHARE * self.limits.submission_seconds * WALL_FACTOR:
            return f"it has slept for {self.limits.submission_seconds * WALL_FACTOR:g} seconds"
        return ""

    def child_limits(self) -> Limits:
        """The limits of the next child: processor time is what is left."""
        return msgspec.structs.replace(self.limits, submission_seconds=max(self.processor_left, 0.1))

    def charge_message(self, memory: int) -> None:
        """Subtract a message, before it is decoded.

        Raises:
            ProtocolError: there is not so much left.
        """
        self._sent += memory
        if self._sent > MOST_SENT:
            raise ProtocolError(SENT_TOO_MUCH)


class ChildTimer:
    """Remainder of a submission's time while one of its children runs, by what the kernel has granted it.

    Time on a processor is charged as such. Of the remaining wall time, that in which the child was ready to run is
    free, as far as the machine was busy: a process among n for each processor waits n - 1 seconds for each one that it
    runs. Everything else is idle. So a child that sleeps is stopped at the same time on a busy machine, however it
    tampered with its own clocks, and a child that got no processor loses nothing.

    Args:
        budget: of the submission; `settle` charges it.
        process: number of the child; 0 if it is not known.
        share: processes for each processor at this moment.
        clock: seconds that pass.
        granted: looks at the process.
    """

    def __init__(
        self,
        budget: SubmissionBudget,
        process: int,
        share: Callable[[], float] = oversubscription,
        clock: Callable[[], float] = time.monotonic,
        granted: GrantedTime | None = None,
    ) -> None:
        self._budget, self._share, self._clock = budget, share, clock
        self._granted = granted or GrantedTime(process)
        self._began = self._looked = clock()
        self._seen = process > 0 and self._granted.look()
        self._before = self._granted.ran, self._granted.waited
        self._free, self._used = _SLACK, self._granted.ran
        self._blind = FairTimer(budget.idle_left, share, clock, longest_factor=_LONGEST_UNSEEN)
        self._step: tuple[float, float] | None = None  # seconds run and idle when the present cell or request began

    def begin_step(self) -> None:
        """Begin the next cell or request: one that does not end costs itself, and the child, but not the others."""
        now = self._clock()
        if self._seen:
            self._look(now)
        self._step = self._granted.ran - self._before[0], self._idle(now)

    def remaining(self) -> float:
        """Seconds until the child must be stopped, if it does nothing until then; 0 if it must be now.

        Raises:
            TimeoutError: the present cell or request has taken much more than its own limits.
        """
        if not self._seen:
            return self._blind.remaining()
        now = self._clock()
        if now - self._looked >= _LOOK:
            self._look(now)
        ran = self._granted.ran - self._before[0]
        if ran > self._budget.processor_left + _SLACK:  # it escaped the kernel's own limit
            return 0.0
        idle = self._idle(now)
        return max(0.0, min(self._budget.idle_left - idle, self._step_left(ran, idle)))

    def _step_left(self, ran: float, idle: float) -> float:
        """Seconds that the present cell or request may still sleep."""
        if self._step is None:
            return math.inf
        running = _STEP * self._budget.limits.cell_seconds
        sleeping = running * WALL_FACTOR
        if ran - self._step[0] > running + _SLACK:
            raise TimeoutError(f"it did not stop after {running:g} seconds of processor time")
        left = sleeping + _SLACK - (idle - self._step[1])
        if left <= 0:
            raise TimeoutError(f"it did not stop after {sleeping:g} seconds of waiting")
        return left

    def settle(self) -> None:
        """Charge the budget for all that the child used; to be called once, at its end."""
        now = self._clock()
        if self._seen:
            self._look(now)
            self._budget.ran += self._granted.ran - self._before[0]
            self._budget.idle += self._idle(now)
        else:
            self._budget.idle += max(0.0, self._budget.idle_left - self._blind.remaining())

    def _look(self, now: float) -> None:
        self._granted.look()
        self._free += (self._granted.ran - self._used) * (self._share() - 1)
        self._used, self._looked = self._granted.ran, now

    def _idle(self, now: float) -> float:
        ran, waited = self._granted.ran - self._before[0], self._granted.waited - self._before[1]
        return max(0.0, now - self._began - ran - min(waited, self._free))

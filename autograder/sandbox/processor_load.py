"""How busy the processors of this machine are, and a wall-clock budget that is not spent by that."""

from __future__ import annotations

import ctypes
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

from autograder.sandbox.protocol.limits import LONGEST_FACTOR

_SYSINFO_BYTES = 256
"""More than `struct sysinfo` takes on any architecture."""


def oversubscription(load: Path = Path("/proc/loadavg")) -> float:
    """Processes and threads ready to run for each processor, at least 1.

    A process that is ready to run gets about one part in so many of a processor. The number is that of this moment or,
    if it is higher, the average of the last minute; where /proc is not mounted, the average alone.

    Args:
        load: the kernel's file; see proc(5).
    """
    try:
        average, _, _, threads, _ = load.read_text(encoding="ascii").split()
        runnable = max(float(average), int(threads.partition("/")[0]) - 1)  # this process is running, too
    except (OSError, ValueError):
        runnable = _load_average()
    return max(1.0, runnable / _processors())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load_average() -> float:
    """The load average of the last minute by sysinfo(2), which needs no /proc; 0 where there is no such call."""
    sysinfo = getattr(ctypes.CDLL(None), "sysinfo", None)
    found = ctypes.create_string_buffer(_SYSINFO_BYTES)
    if sysinfo is None or sysinfo(found) != 0:
        return 0.0
    _uptime, load = struct.unpack_from("lL", found)
    return float(load) / 65_536


class FairTimer:
    """A budget of wall time that is spent more slowly while the machine is oversubscribed.

    A second costs a second while every process that is ready to run has a processor, and half a second while two share
    one. For the side that cannot look into the process it waits for. After `longest_factor` times the budget it is
    spent in any case, so that nothing waits for ever.

    Args:
        seconds: the budget.
        share: processes for each processor at this moment.
        clock: seconds that pass.
        longest_factor: see above.
    """

    def __init__(
        self,
        seconds: float,
        share: Callable[[], float] = oversubscription,
        clock: Callable[[], float] = time.monotonic,
        longest_factor: float = LONGEST_FACTOR,
    ) -> None:
        self._left = seconds
        self._share, self._clock = share, clock
        self._last = clock()
        self._end = self._last + seconds * longest_factor

    def remaining(self) -> float:
        """Charge the time since the last call, and return what is left of the budget in seconds; 0 if it is spent."""
        now = self._clock()
        self._left -= (now - self._last) / self._share()
        self._last = now
        return max(0.0, min(self._left, self._end - now))

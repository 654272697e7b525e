"""Processor time that the kernel has granted to a process and to those below it, read from outside.

What a submission's process says of its own time is worth nothing once hostile code runs in it. The kernel's count is.

Source: proc(5), and the kernel's Documentation/scheduler/sched-stats.rst.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST_PROCESSES = 1_000


class GrantedTime:
    """Time of a process and its descendants since they began.

    Args:
        process: its number.
        proc: where the kernel shows processes.

    Attributes:
        ran: seconds on a processor, all threads together; those of descendants that have ended too, if somebody waited
            for them.
        waited: seconds in which a thread was ready to run and got no processor, all threads together.
    """

    def __init__(self, process: int, proc: Path = _PROC) -> None:
        self.ran = self.waited = 0.0
        self._process, self._proc = process, proc
        self._waits: dict[str, int] = {}

    def look(self) -> bool:
        """Read both again; they never decrease. False if the kernel shows nothing of the process."""
        ran, seen = 0, False
        try:
            for process in self._tree():
                # the name in brackets may hold anything, so that fields are counted from its end
                fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                ran += sum(int(field) for field in fields[11:15])
                seen = True
                for thread in os.listdir(process / "task"):
                    stat = (process / "task" / thread / "schedstat").read_text(encoding="ascii")
                    self._waits[thread] = int(stat.split()[1])
        except (OSError, ValueError, IndexError):  # it has ended, or this kernel does not tell
            pass
        self.ran = max(self.ran, ran / _TICKS)
        self.waited = max(self.waited, sum(self._waits.values()) / 1e9)
        return seen

    def _tree(self) -> Iterator[Path]:
        waiting = [str(self._process)]
        for _ in range(_MOST_PROCESSES):
            if not waiting:
                return
            process = self._proc / waiting.pop()
            yield process
            for thread in os.listdir(process / "task"):
                waiting += (process / "task" / thread / "children").read_text(encoding="ascii").split()

"""Processor time of a command with all its descendants, submissions included.

Usage: python benchmarks/processor_time.py COMMAND [ARGUMENT ...]

`time` and `getrusage` count a process when its parent waits for it. Nobody waits for a submission: it dies with the
first process of its PID namespace. Linux counts it all the same, in two ways, of which the first that works here is
taken: the task clock of `perf stat`, which every new process inherits, or a control group's account of its members.
Where neither works the time is "not measurable here"; no other figure takes its place.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

NOT_MEASURABLE = "not measurable here"


class Spent(NamedTuple):
    """Cost of a command that has ended.

    Attributes:
        wall: seconds of wall time.
        processor: seconds of processor time of the command and all its descendants; None if not measurable here.
        output: its standard output; "" unless it was captured.
    """

    wall: float
    processor: float | None
    output: str = ""


class CommandFailed(Exception):
    """A command that was to be measured has failed. The text says how."""


class Counter(Protocol):
    """A way to count the processor time of a command with all its descendants."""

    def wrapped(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` and counts."""

    def status(self, returned: int) -> int:
        """The command's exit status, from that of the command that counted."""

    def seconds(self) -> float:
        """Seconds counted, after the command has ended.

        Raises:
            ValueError: nothing was counted.
        """

    def close(self) -> None:
        """Remove what counting has left behind."""


class TaskClock:
    """Counts with `perf stat -e task-clock`."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="task-clock-")
        os.close(descriptor)
        self._report, self._status = Path(name), Path(f"{name}.status")

    def wrapped(self, command: Sequence[str]) -> list[str]:
        """The command under `perf stat`, which writes its count into a file, and a shell, which writes the status."""
        waiting = ["sh", "-c", '"$@"; status=$?; echo $status > "$0"; exit $status', str(self._status), *command]
        return ["perf", "stat", "-e", "task-clock", "-x", ",", "-o", str(self._report), "--", *waiting]

    def status(self, returned: int) -> int:
        """The command's status: perf loses that of a command which ends before perf waits for it."""
        text = self._status.read_text(encoding="utf-8") if self._status.exists() else ""
        return returned or int(text or 0)

    def seconds(self) -> float:
        """The count from perf's file, whose lines read "221.44,msec,task-clock,...".

        Raises:
            ValueError: perf has not counted.
        """
        for line in self._report.read_text(encoding="utf-8").splitlines():
            fields = line.split(",")
            if len(fields) > 2 and fields[2].startswith("task-clock"):
                return float(fields[0]) / 1000
        raise ValueError("perf has not counted the task clock")

    def close(self) -> None:
        """Remove the files."""
        self._report.unlink(missing_ok=True)
        self._status.unlink(missing_ok=True)


class ControlGroup:
    """Counts with a new control group, which every descendant is born into.

    Args:
        parent: an existing group, in which this process may create others.
    """

    def __init__(self, parent: Path) -> None:
        self._group = parent / f"measured-{uuid.uuid4().hex[:12]}"
        self._group.mkdir()

    def wrapped(self, command: Sequence[str]) -> list[str]:
        """The command in a shell that enters the group first."""
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self._group / "cgroup.procs"), *command]

    def status(self, returned: int) -> int:
        """The same: the shell becomes the command."""
        return returned

    def seconds(self) -> float:
        """The count of version 1 in nanoseconds (cpuacct.usage), or of version 2 in microseconds (cpu.stat).

        Raises:
            ValueError: the kernel has not counted.
        """
        usage = self._group / "cpuacct.usage"
        if usage.exists():
            return int(usage.read_text()) / 1e9
        for line in (self._group / "cpu.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "usage_usec":
                return int(value) / 1e6
        raise ValueError("the control group has not counted processor time")

    def close(self) -> None:
        """Remove the group, unless something in it is still running."""
        with contextlib.suppress(OSError):
            self._group.rmdir()


def own_groups(mounts: Path = Path("/proc/self/mounts"), own: Path = Path("/proc/self/cgroup")) -> list[Path]:
    """The control groups of this process that count processor time, by their folders."""
    groups = [line.split(":", 2) for line in own.read_text().splitlines()] if own.exists() else []
    found = []
    for line in mounts.read_text().splitlines() if mounts.exists() else []:
        _, folder, kind, options = line.split()[:4]
        for _, controllers, path in groups:
            counts = controllers == "" if kind == "cgroup2" else "cpuacct" in controllers.split(",")
            if counts and (kind == "cgroup2" or (kind == "cgroup" and "cpuacct" in options.split(","))):
                found.append(Path(folder) / path.lstrip("/"))
    return found


def new_counter() -> Counter | None:
    """A counter that works here; None if processor time is not measurable."""
    kind = _working_kind()
    if kind is None:
        return None
    return TaskClock() if kind == "perf" else ControlGroup(Path(kind))


@functools.cache
def _working_kind() -> str | None:
    """Find what counts here: "perf", or the folder of a control group in which others can be created."""
    if shutil.which("perf") is not None and counts(TaskClock()):
        return "perf"
    for group in own_groups():
        try:
            counter = ControlGroup(group)
        except OSError:
            continue
        if counts(counter):
            return str(group)
    return None


def counts(counter: Counter) -> bool:
    """True if a counter works here: it has counted a command that does nothing."""
    try:
        run = subprocess.run(counter.wrapped(["sh", "-c", ":"]), capture_output=True)
        return run.returncode == 0 and counter.seconds() >= 0
    except (OSError, ValueError):
        return False
    finally:
        counter.close()


def measure(
    command: Iterable[object],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    capture: bool = True,
    accepted: Sequence[int] = (0,),
) -> Spent:
    """Run a command and return what it cost.

    Args:
        command: program and arguments; paths become text.
        cwd: the folder to run it in; the current one by default.
        env: its environment; this process's by default.
        capture: False if its output is to be seen instead.
        accepted: exit statuses that are no failure.

    Raises:
        CommandFailed: it ended with a different status.

    Example:
        >>> measure(["printf", "counted"]).output
        'counted'
    """
    plain = [str(word) for word in command]
    counter = new_counter()
    try:
        started = time.perf_counter()
        run = subprocess.run(
            plain if counter is None else counter.wrapped(plain), cwd=cwd, env=env, capture_output=capture, text=True
        )
        wall = time.perf_counter() - started
        status = run.returncode if counter is None else counter.status(run.returncode)
        if status not in accepted:
            raise CommandFailed(f"{' '.join(plain)} ended with status {status}: {(run.stderr or '')[-2000:]}")
        return Spent(wall, None if counter is None else counter.seconds(), run.stdout or "")
    finally:
        if counter is not None:
            counter.close()


def in_words(seconds: float | None) -> str:
    """Seconds as text, or that they are not measurable here."""
    return NOT_MEASURABLE if seconds is None else f"{seconds:,.1f} s"


def main() -> int:
    """Run the command of the command line, and print on stderr what it cost; its exit status."""
    if len(sys.argv) < 2:
        print("expected a command, found none", file=sys.stderr)
        return 2
    counter = new_counter()
    seconds = None
    try:
        run = subprocess.run(sys.argv[1:] if counter is None else counter.wrapped(sys.argv[1:]))
        status = run.returncode if counter is None else counter.status(run.returncode)
        with contextlib.suppress(OSError, ValueError):  # a lost count is no failure of the command
            seconds = None if counter is None else counter.seconds()
    finally:
        if counter is not None:
            counter.close()
    print(f"processor time: {in_words(seconds)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())

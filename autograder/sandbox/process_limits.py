"""Limits of the grader's own processes that read what a student made: the kernel ends what no rule foresaw.

Sources: setrlimit(2), proc(5).
"""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_UNLIMITED = resource.RLIM_INFINITY


class ProcessorTimeExceeded(BaseException):
    """Raised in the grader's own code when its processor time for one submission is used up.

    No `except Exception` swallows it, nor does a test's own.
    """


def mapped_bytes() -> int | None:
    """Address space that this process has mapped; None where the kernel does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return None


def limit_memory(megabytes: int) -> None:
    """Limit the address space of this process to what is mapped now and so many MB (10**6 bytes) more.

    Where the kernel does not tell what is mapped, nothing is limited.
    """
    mapped = mapped_bytes()
    if mapped is not None:
        _lower(resource.RLIMIT_AS, mapped + megabytes * 10**6)


def limit_processor_time(seconds: float) -> None:
    """End this process once it has used so many seconds of processor time more than now."""
    _lower(resource.RLIMIT_CPU, int(time.process_time() + seconds) + 1)


def next_processor_time(seconds: float) -> None:
    """As `limit_processor_time`, for a process that serves one submission after the other: the last call counts."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == _UNLIMITED else min(until, hard), hard))


def no_core_dumps() -> None:
    """Write nothing to disk when this process is ended."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Stop the code inside after so many seconds of processor time, in the main thread of a process.

    The kernel interrupts it again each second. A loop inside a C library that looks at no signals is not stopped.

    Raises:
        ProcessorTimeExceeded: in the code inside.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise ProcessorTimeExceeded(f"it took more than {seconds:g} seconds of the grader's processor time")

    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(time.process_time() + seconds) + 1
    before = signal.signal(signal.SIGXCPU, interrupt)
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == _UNLIMITED else min(until, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        signal.signal(signal.SIGXCPU, before)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = limit if hard == _UNLIMITED else min(limit, hard)
    resource.setrlimit(kind, (allowed, allowed))

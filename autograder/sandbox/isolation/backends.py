"""Isolation backends of a child: namespaces of the kernel, bubblewrap, or, on request, none."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from typing import Literal, Protocol

from autograder.sandbox.isolation.cgroups import CgroupFactory
from autograder.sandbox.process_limits import limit_memory

BackendName = Literal["namespaces", "bubblewrap", "none"]

MOST_THREADS = 400
"""A submission's; TensorFlow starts a few for each core."""

_GIVEN_MB = 700
"""Room in a control group for the private /tmp, and for copies of what the zygote has imported."""


class IsolationBackend(Protocol):
    """Way in which a child is isolated."""

    def enter(self, keep: int, *, memory_mb: int | None = None, grader: bool = False) -> str:
        """Enter the sandbox and close every descriptor but the standard ones and `keep`; return the writable folder.

        Args:
            keep: descriptor that stays open.
            memory_mb: what the process may use beyond what it is given, in MB (10**6 bytes).
            grader: for a process that runs no submission's code.
        """
        ...

    def seal(self) -> None:
        """Bound the threads and install the seccomp filter: the last step before a submission's code runs."""
        ...


class OpenBackend:
    """No isolation: only limits."""

    def __init__(self, scratch: str) -> None:
        self._scratch = scratch

    def enter(self, keep: int, *, memory_mb: int | None = None, grader: bool = False) -> str:
        """See `IsolationBackend`."""
        _close_others(keep)
        _limit_service(memory_mb, grader)
        return self._scratch

    def seal(self) -> None:
        """See `IsolationBackend`."""


class NamespaceBackend:
    """Namespaces, mounts and seccomp, made by the child itself.

    Args:
        scratch: an empty folder.
        number: of the child.
        groups: makes its control group, where there can be one.
    """

    def __init__(self, scratch: str, number: int, groups: CgroupFactory | None = None) -> None:
        self._scratch = scratch
        self._number = number
        self._groups = groups

    def enter(self, keep: int, *, memory_mb: int | None = None, grader: bool = False) -> str:
        """See `IsolationBackend`."""
        from autograder.sandbox.isolation.filesystem import mount_plan
        from autograder.sandbox.isolation.namespaces import enter_namespaces

        _close_others(keep)
        _limit_service(memory_mb, grader)
        if self._groups is not None and memory_mb is not None:
            with suppress(OSError):  # then it has the limits of a process, as everywhere else
                self._groups.enter(self._number, memory=(memory_mb + _GIVEN_MB) * 10**6, processes=MOST_THREADS + 1)
        return enter_namespaces(mount_plan(grader=grader), self._scratch, self._number)

    def seal(self) -> None:
        """See `IsolationBackend`."""
        seal_process()


class BubblewrapBackend:
    """Inside a sandbox that bubblewrap has made."""

    def enter(self, keep: int, *, memory_mb: int | None = None, grader: bool = False) -> str:
        """See `IsolationBackend`."""
        from autograder.sandbox.isolation.filesystem import SCRATCH

        _close_others(keep)
        _limit_service(memory_mb, grader)
        return SCRATCH

    def seal(self) -> None:
        """See `IsolationBackend`."""
        seal_process()


def seal_process() -> None:
    """Bound the threads, and refuse system calls that no notebook needs."""
    from autograder.sandbox.isolation import seccomp

    resource.setrlimit(resource.RLIMIT_NPROC, (MOST_THREADS, MOST_THREADS))
    seccomp.install_filter()


def _limit_service(memory_mb: int | None, grader: bool) -> None:
    """Limit the memory of a process that runs no submission's code; one that does is limited with all its limits.

    It comes before /proc, which says what is mapped, may be out of sight.
    """
    if grader and memory_mb is not None:
        limit_memory(memory_mb)


def _close_others(keep: int) -> None:
    """Close every descriptor but the standard ones and this one: nothing is inherited."""
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))

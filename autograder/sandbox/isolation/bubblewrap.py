"""Isolation by bubblewrap, for machines that allow it alone to make namespaces (Ubuntu 24.04, for one)."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import NoReturn

from autograder.sandbox.isolation.filesystem import SCRATCH, SCRATCH_MB, mount_plan

_PARTS = ("__init__.py", "sandbox", "records")
"""What of the grader's package is visible inside, because Python starts anew there: nothing of a rubric."""


def bubblewrap_command(*python: str) -> list[str]:
    """The command that runs this Python inside a sandbox.

    Args:
        python: its arguments.
    """
    package = Path(__file__).parents[2].absolute()
    wanted = mount_plan()
    seen = [option for path in wanted.trees for option in ("--ro-bind-try", os.path.realpath(path), path)]
    hidden = [option for path in wanted.hidden for option in ("--tmpfs", path)]
    parts = [option for part in _PARTS for option in ("--ro-bind", str(package / part), str(package / part))]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": SCRATCH, "PYTHONPATH": str(package.parent)}
    return [
        shutil.which("bwrap") or "bwrap",
        *("--unshare-all", "--disable-userns", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"),
        *("--cap-drop", "ALL", "--clearenv"),
        *(option for name, value in environment.items() for option in ("--setenv", name, value)),
        *("--size", str(SCRATCH_MB * 2**20), "--tmpfs", SCRATCH),  # first, because a checkout may lie below it
        *seen,
        *hidden,
        *parts,
        *("--ro-bind-try", "/sbin/ldconfig", "/sbin/ldconfig"),  # by which Python finds libseccomp
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", SCRATCH),
        *("--", sys.executable, *python),
    ]


def become_bubblewrap(connection: socket.socket) -> NoReturn:
    """Replace this process by one inside a sandbox, which serves the connection."""
    descriptor = connection.fileno()
    os.set_inheritable(descriptor, True)
    asked = bubblewrap_command("-m", "autograder.sandbox.server.bubblewrap_main", str(descriptor))
    os.execv(asked[0], asked)

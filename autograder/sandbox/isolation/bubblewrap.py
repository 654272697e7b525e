"""Isolation by bubblewrap, for machines that allow it alone to make namespaces (Ubuntu 24.04, for one)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.sandbox.isolation.filesystem import SCRATCH, SCRATCH_MB, mount_plan

_COVER_BYTES = 2**20
"""Size of the empty folder over the grader's package: it holds nothing but the mount points of the sandbox's parts."""

_MOST_LINKS = 40
"""Links that the kernel follows on the way to a file."""


def bubblewrap_command(*python: str, services: Mapping[str, str] = {}) -> list[str]:
    """The command that runs this Python inside a sandbox.

    Args:
        python: its arguments.
        services: see `autograder.sandbox.client.zygote_process.Zygote`. Python starts again inside the sandbox, so the
            packages of `autograder` that they lie in are visible there, beside the sandbox's own: nothing of a rubric.
    """
    package = Path(__file__).parents[2].absolute()
    visible = ("__init__.py", Path(__file__).parents[1].name, *_packages(services, package.name))
    wanted = mount_plan()
    seen = [option for path in wanted.trees for option in ("--ro-bind-try", os.path.realpath(path), path)]
    # a tmpfs takes half of the machine's memory unless it is told otherwise; sealed once its parts are mounted
    hidden = [option for path in wanted.hidden for option in ("--size", str(_COVER_BYTES), "--tmpfs", path)]
    sealed = [option for path in wanted.hidden for option in ("--remount-ro", path)]
    parts = [option for part in visible for option in ("--ro-bind", str(package / part), str(package / part))]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": SCRATCH, "PYTHONPATH": str(package.parent)}
    return [
        shutil.which("bwrap") or "bwrap",
        *("--unshare-all", "--disable-userns", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"),
        *("--cap-drop", "ALL", "--clearenv"),
        *(option for name, value in environment.items() for option in ("--setenv", name, value)),
        *("--size", str(SCRATCH_MB * 2**20), "--tmpfs", SCRATCH),  # first, because a checkout may lie below it
        *seen,
        *(option for path, real in interpreter_files() for option in ("--ro-bind", real, path)),
        *hidden,
        *parts,
        *sealed,
        *("--ro-bind-try", "/sbin/ldconfig", "/sbin/ldconfig"),  # by which Python finds libseccomp
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", SCRATCH),
        *("--", sys.executable, *python),
    ]


def interpreter_files(executable: str | None = None) -> list[tuple[str, str]]:
    """Files by which this Python is started: for each link on the way to it, its target's path and the real file.

    The Python of a virtual environment is a link, as a rule to a program of the machine (/usr/bin/python3). The folder
    of that program is not mounted.

    Args:
        executable: path of the interpreter; this process's own by default.
    """
    path = os.path.abspath(executable or sys.executable)
    real = os.path.realpath(path)
    found: list[tuple[str, str]] = []
    for _ in range(_MOST_LINKS):
        if not os.path.islink(path):
            break
        path = os.path.normpath(os.path.join(os.path.realpath(os.path.dirname(path)), os.readlink(path)))
        found.append((path, real))
    # one inside a folder that is mounted is there already
    mounted = mount_plan().trees
    return [(path, real) for path, real in found if not any(path.startswith(f"{tree}/") for tree in mounted)]


def _packages(services: Mapping[str, str], top: str) -> list[str]:
    """The packages below `top` that modules of services lie in: {"name": "top.one.module:function"} gives ["one"]."""
    paths = [target.partition(":")[0].split(".") for target in services.values()]
    return sorted({path[1] for path in paths if path[0] == top and len(path) > 1})

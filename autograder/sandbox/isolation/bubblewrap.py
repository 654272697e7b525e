"""Isolation by bubblewrap, for machines that allow it alone to make namespaces (Ubuntu 24.04, for one)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.sandbox.isolation.filesystem import SCRATCH, SCRATCH_MB, mount_plan


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
    hidden = [option for path in wanted.hidden for option in ("--tmpfs", path)]
    parts = [option for part in visible for option in ("--ro-bind", str(package / part), str(package / part))]
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


def _packages(services: Mapping[str, str], top: str) -> list[str]:
    """The packages below `top` that modules of services lie in: {"name": "top.one.module:function"} gives ["one"]."""
    paths = [target.partition(":")[0].split(".") for target in services.values()]
    return sorted({path[1] for path in paths if path[0] == top and len(path) > 1})

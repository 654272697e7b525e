"""The machine that figures were measured on, and the versions of what they depend on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("keras", "tensorflow", "numpy", "nbgrader")


def machine() -> dict[str, str]:
    """Processor, cores, and the versions of Python and the libraries."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
    } | {name: version(name) for name in LIBRARIES}

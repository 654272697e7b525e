"""What this machine has: memory, and the kernel's means of isolating a process. Only looked at, never changed."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
from pathlib import Path

# The same number on every Linux architecture; the flag asks for the version and creates nothing.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_VERSION_FLAG = 1


def memory_gb() -> tuple[float, float]:
    """Memory that is available and memory in all, in GB (10**9 bytes)."""
    import psutil

    memory = psutil.virtual_memory()
    return memory.available / 1e9, memory.total / 1e9


def isolation() -> dict[str, str]:
    """The means by name, each with "yes", "no" or what stands in the way; tried where that is harmless."""
    if sys.platform != "linux":
        return {"isolation": f"none on {platform.system()}: use a container"}
    return {
        "user namespaces": _user_namespaces(),
        "bubblewrap": _bubblewrap(),
        "seccomp": "yes" if _status_has("Seccomp:") else "no",
        "Landlock": _landlock(),
    }


def _user_namespaces() -> str:
    program = shutil.which("unshare")
    if program is not None:
        return _try([program, "--user", "--map-root-user", "true"])
    limit = Path("/proc/sys/user/max_user_namespaces")
    allowed = limit.is_file() and int(limit.read_text()) > 0
    return "yes (not tried: no unshare command)" if allowed else "no"


def _bubblewrap() -> str:
    program = shutil.which("bwrap")
    if program is None:
        return "not installed (Debian, Ubuntu: apt install bubblewrap)"
    return _try([program, "--unshare-all", "--ro-bind", "/", "/", "true"])


def _landlock() -> str:
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION_FLAG)
    return f"version {version}" if version > 0 else "no"


def _status_has(field: str) -> bool:
    return any(line.startswith(field) for line in Path("/proc/self/status").read_text().splitlines())


def _try(command: list[str]) -> str:
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no ({type(error).__name__})"
    if run.returncode == 0:
        return "yes"
    return f"no ({(run.stderr.strip().splitlines() or ['refused'])[-1]})"

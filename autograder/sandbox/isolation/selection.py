"""Which isolation this machine allows, tried and not guessed; nothing weaker is ever taken without being asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from autograder.sandbox.isolation.backends import BackendName
from cnnkit.errors import KitError

IsolationChoice = Literal["auto", "namespaces", "bubblewrap", "none"]

GIVEN_UP = (
    "With --isolation none a submission's code runs as you do, in a process of its own and within limits on time and "
    "memory: it can read the rubric, other submissions and your files, change the gradebook, and use the network."
)
"""What is said on every run without isolation."""

_LONGEST = 30.0

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""A process with threads may not make a user namespace, and NumPy starts some."""


class NoIsolation(KitError):
    """This machine allows none that was asked for. `str(error)` says why, and what can be done."""


def select_isolation(asked: IsolationChoice = "auto") -> BackendName:
    """The isolation to use.

    Raises:
        NoIsolation: what was asked for does not work here.
    """
    if asked == "none":
        return "none"
    kinds: list[BackendName] = ["namespaces", "bubblewrap"] if asked == "auto" else [asked]
    reasons = []
    for kind in kinds:
        reason = unavailable_reason(kind)
        if not reason:
            return kind
        reasons.append(f"{kind}: {reason}")
    raise NoIsolation(
        "submissions cannot be isolated on this machine, so none is run.\n  "
        + "\n  ".join(reasons)
        + "\nGrade on a Linux machine or in a container that allows it; or, with submissions that you trust, use "
        "--isolation none."
    )


def unavailable_reason(kind: BackendName) -> str:
    """Why a kind of isolation does not work here, and the remedy; "" where it does. It is tried, not guessed."""
    if sys.platform != "linux":
        return f"it needs Linux, this is {sys.platform}"
    tries: dict[BackendName, Callable[[], str]] = {"namespaces": _namespaces, "bubblewrap": _bubblewrap}
    return tries[kind]() if kind in tries else ""


def _namespaces() -> str:
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:
        return f"libseccomp cannot be used ({error}); Debian, Ubuntu: apt install libseccomp2"
    del pyseccomp
    # in a process of its own: the caller may have threads, and must not be left half isolated
    code = f"import sys; from {__name__} import try_namespaces; sys.exit(try_namespaces(sys.argv[1]))"
    with tempfile.TemporaryDirectory(prefix="isolation-") as scratch:
        return _with_remedy(_said([sys.executable, "-c", code, scratch]))


def try_namespaces(scratch: str) -> str | int:
    """Isolate this process; what to exit with. For a process that does nothing else."""
    # before this package is out of sight
    from autograder.sandbox.isolation import seccomp
    from autograder.sandbox.isolation.backends import NamespaceBackend
    from autograder.sandbox.isolation.namespaces import SupervisorExit

    del seccomp
    room = NamespaceBackend(scratch, 0)
    try:
        room.enter(2)
        room.seal()
    except SupervisorExit as ended:
        return ended.status
    except OSError as error:
        return str(error)
    return 0


def _bubblewrap() -> str:
    if shutil.which("bwrap") is None:
        return "it is not installed; Debian, Ubuntu: apt install bubblewrap"
    if os.geteuid() == 0:
        return "run by root it would leave root's files open; use namespaces, or an ordinary account"
    from autograder.sandbox.isolation.bubblewrap import bubblewrap_command

    return _said(bubblewrap_command("-c", "import pyseccomp"))


def _said(command: list[str]) -> str:
    """What a command that failed said last; "" where it did not fail."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])} | _ONE_THREAD
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    if run.returncode == 0:
        return ""
    return (run.stderr.strip().splitlines() or [f"it ended with status {run.returncode}"])[-1]


def _with_remedy(reason: str) -> str:
    """A reason with what can be done about it."""
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    switched = Path("/proc/sys/kernel/unprivileged_userns_clone")
    if "unshare" in reason and restricted.is_file() and restricted.read_text().strip() == "1":
        return f"{reason}; AppArmor forbids it here. Install bubblewrap (apt install bubblewrap), which it allows"
    if "unshare" in reason and switched.is_file() and switched.read_text().strip() == "0":
        return f"{reason}; switch it on: sysctl -w kernel.unprivileged_userns_clone=1"
    if "unshare" in reason:
        return (
            f"{reason}; in a container, allow it: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined"
        )
    if "Permission denied" in reason:
        return f"{reason}; your account cannot read this folder, which Python needs: install Python elsewhere"
    return reason

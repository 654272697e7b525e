"""The proof that isolation holds: a child, isolated like any submission's, tries what must not be possible.

The grader gives it targets that exist (a listening port, the rubric's folder, its own process), and reaches them itself
before: a target that nobody can reach would prove nothing.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.protocol.messages import ProbeRequest

_WAIT = 1.0
_ESCAPED = re.compile(r"\\([0-7]{3})")
"""A blank, say, in the kernel's table of mounts."""

_MOST_DESCRIPTORS = 256

_PR_GET_SECCOMP, _PR_CAPBSET_READ, _PR_GET_NO_NEW_PRIVS, _FILTERED = 21, 23, 39, 2


class ProbeReached(Exception):
    """An attempt succeeded; the text says what it reached."""


def run_attempts(targets: ProbeRequest) -> dict[str, str]:
    """Run every attempt.

    Returns:
        The target that was reached, by the name of the attempt; "" if none was, as it must be.
    """
    tried: dict[str, Callable[[], None]] = {
        "reach a port of this machine by TCP": lambda: _tcp(targets),
        "send to a port of this machine by UDP": lambda: _udp(targets),
        "reach the zygote by its Unix socket": lambda: _unix(targets),
        "look a name up": _lookup,
        **{f"read {name}": _reading(path) for name, path in targets.secrets.items()},
        **{f"write to {name}": _writing(path) for name, path in targets.folders.items()},
        "write beside Python's packages": _writing(os.path.dirname(socket.__file__)),
        "write to the root folder": _writing("/"),
        "write anywhere but to its scratch folder": _anywhere,
        "see another process": lambda: _see(targets.process),
        "send a signal to another process": lambda: _signal(targets.process),
        "read a variable of the grader's environment": lambda: _variable(targets.variable),
        "use an inherited descriptor": _descriptors,
        "start a program": _program,
        "start a process": _process,
        "have a user's or root's rights": _rights,
        "make namespaces of its own": _namespaces,
        "hold memory that no limit counts": _uncounted,
        "take as much memory as it likes": _limits,
    }
    found = {}
    for name, attempt in tried.items():
        try:
            attempt()
            found[name] = ""
        except ProbeReached as reached:
            found[name] = str(reached)[:300]
        except Exception:  # refused, in whatever way
            found[name] = ""
    return found


def _tcp(targets: ProbeRequest) -> None:
    socket.create_connection(("127.0.0.1", targets.port), _WAIT).close()
    raise ProbeReached(f"127.0.0.1, port {targets.port}")


def _udp(targets: ProbeRequest) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"probe", ("127.0.0.1", targets.port))
    raise ProbeReached(f"127.0.0.1, port {targets.port}")


def _unix(targets: ProbeRequest) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_WAIT)
        connection.connect(targets.address)
    raise ProbeReached(targets.address)


def _lookup() -> None:
    done: list[object] = []

    def look() -> None:
        with suppress(OSError):
            done.append(socket.getaddrinfo("example.com", 80))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(_WAIT)
    if done:
        raise ProbeReached("example.com has an address")


def _reading(path: str) -> Callable[[], None]:
    def attempt() -> None:
        if os.path.isdir(path):
            if os.listdir(path):
                raise ProbeReached(path)
            return
        with open(path, "rb") as file:
            file.read(1)
        raise ProbeReached(path)

    return attempt


def _writing(folder: str) -> Callable[[], None]:
    def attempt() -> None:
        path = os.path.join(folder, f".probe-{os.getpid()}")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        os.unlink(path)
        raise ProbeReached(folder)

    return attempt


def _anywhere() -> None:
    """Try each folder and file of every mount that is not read-only, the scratch folder left out."""
    scratch = os.getcwd()
    for mount, kind in _mounts():
        if kind == "proc" or mount == scratch or mount.startswith(f"{scratch}/"):
            continue
        with suppress(OSError):
            if kind and os.statvfs(mount).f_flag & os.ST_RDONLY:
                continue
            if not os.path.isdir(mount):
                _append(mount)
        for folder, _, names in os.walk(mount):
            if folder == scratch or folder.startswith((f"{scratch}/", "/proc/")):
                continue
            with suppress(OSError):
                _writing(folder)()
            for name in names:
                with suppress(OSError):
                    _append(os.path.join(folder, name))


def _mounts() -> list[tuple[str, str]]:
    """Mount points with the kinds of their file systems; the root alone where the kernel does not show them."""
    try:
        text = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return [("/", "")]
    fields = [line.split() for line in text.splitlines()]
    return [(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), place), kind) for _, place, kind, *_ in fields]


def _append(path: str) -> None:
    """Open a regular file for writing, without changing it; devices such as /dev/null may be written to."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return
    os.close(os.open(path, os.O_WRONLY | os.O_NOFOLLOW))
    raise ProbeReached(path)


def _see(process: int) -> None:
    if os.path.isdir(f"/proc/{process}") or any(
        name.isdigit() and int(name) != os.getpid() for name in os.listdir("/proc")
    ):
        raise ProbeReached("other processes stand in /proc")


def _signal(process: int) -> None:
    os.kill(process, 0)
    raise ProbeReached(f"process {process}")


def _variable(name: str) -> None:
    # /proc may show what the process was started with, whatever it has cleared since
    if name and (name in os.environ or name.encode() in Path("/proc/self/environ").read_bytes()):
        raise ProbeReached(name)


def _descriptors() -> None:
    pipes = 0
    for descriptor in range(3, _MOST_DESCRIPTORS):
        with suppress(OSError):
            kind = os.fstat(descriptor).st_mode
            pipes += 1
            if not stat.S_ISSOCK(kind) or pipes > 1:
                raise ProbeReached(f"descriptor {descriptor} is open")


def _program() -> None:
    pid = os.posix_spawn("/proc/self/exe", ["python", "-c", ""], {})
    os.waitpid(pid, 0)
    raise ProbeReached("another Python")


def _process() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    raise ProbeReached("a fork")


def _rights() -> None:
    if os.geteuid() == 0:
        raise ProbeReached("user id 0")
    # asked of the kernel itself: without a /proc to read, nothing would be proved
    ask = ctypes.CDLL(None).prctl
    if any(ask(_PR_CAPBSET_READ, capability, 0, 0, 0) == 1 for capability in range(64)):
        raise ProbeReached("capabilities")
    if ask(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 or ask(_PR_GET_SECCOMP, 0, 0, 0, 0) != _FILTERED:
        raise ProbeReached("rights may be regained: no_new_privs or seccomp is missing")
    held = Path("/proc/self/status")
    if held.exists() and any(int(found, 16) for found in re.findall(r"Cap(?:Eff|Prm):\s*(\w+)", held.read_text())):
        raise ProbeReached("capabilities")


def _namespaces() -> None:
    if ctypes.CDLL(None).unshare(0x1000_0000) == 0:
        raise ProbeReached("a user namespace")


def _uncounted() -> None:
    os.close(os.memfd_create("probe"))
    raise ProbeReached("a file in memory")


def _limits() -> None:
    wanted = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC")
    free = [name for name in wanted if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY]
    scratch = os.statvfs(os.getcwd())
    if scratch.f_blocks * scratch.f_frsize > 2**30:
        free.append("the scratch folder")
    if free:
        raise ProbeReached(f"no limit: {', '.join(free)}")

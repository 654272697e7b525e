"""The few Linux system calls of isolation that Python 3.11 has no function for. Each raises OSError, with its name."""

from __future__ import annotations

import ctypes
import os
import struct

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 0x20, 0x1000, 0x4000, 0x8_0000
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

# Calls that glibc has no wrapper for; numbers since Linux 5 are the same on every architecture.
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4

_CAPABILITY_VERSION_3 = 0x2008_0522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name, for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount something, as the system call does."""
    encoded = kind.encode() if kind else None
    result = _libc.mount(
        os.fsencode(source), os.fsencode(target), encoded, ctypes.c_ulong(flags), options.encode() or None
    )
    _check(result, f"mount of {target}")


def seal_mount(target: str, *, recursive: bool) -> None:
    """Make a mount, or all below it too, read-only, without set-uid programs and device files (Linux 5.12)."""
    flags = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", flags, 0, 0, 0))
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
        attributes,
        ctypes.c_size_t(32),
    )
    _check(result, f"mount_setattr of {target}")


def pivot_root_here() -> None:
    """Make the working directory, a mount, the root, and let go of the old one."""
    _check(_libc.pivot_root(b".", b".") if hasattr(_libc, "pivot_root") else _pivot_root_by_number(), "pivot_root")
    _check(_libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "umount of the old root")
    os.chdir("/")


def _pivot_root_by_number() -> int:
    number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
    return int(_libc.syscall(ctypes.c_long(number), b".", b"."))


def prctl(option: int, value: int = 0, third: int = 0) -> None:
    """Change something about this process, as the system call does."""
    zero = ctypes.c_ulong(0)
    result = _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), ctypes.c_ulong(third), zero, zero)
    _check(result, f"prctl({option})")


def drop_capabilities() -> None:
    """Give up every capability, for this process and whatever it might start."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # the first one that the kernel does not know
            break
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0))
    _check(_libc.capset(header, ctypes.create_string_buffer(24)), "capset")

"""Going into isolation: from a forked child of the zygote to a process that can reach nothing but its scratch space.

The zygote's fork stays outside as a guard that waits; when the zygote kills it, the kernel kills the one inside. That
one is the first process of its own process namespace, so that nothing outlives it.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

from autograder.sandbox.isolation import syscalls
from autograder.sandbox.isolation.filesystem import SCRATCH, MountPlan, mount_root

FIRST_UID = 61_184
"""First of the ids that systemd keeps for services without an account (to 65,519): a child of root gets one of them."""

_UIDS = 4_000


class SupervisorExit(Exception):
    """Raised in the guard when the process inside has ended. `status` is its exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def enter_namespaces(plan: MountPlan, scratch: str, number: int) -> str:
    """Isolate what comes after this call; returns the scratch folder in the new file system.

    Args:
        plan: what can be read inside.
        scratch: an empty folder outside, on which the new file system is mounted.
        number: of the child, counted by the zygote; as root, each child gets a user id of its own by it.

    Raises:
        Guarded: in the process that stays outside, when the one inside has ended.
        OSError: the kernel refuses; then this process must end.
    """
    root = os.geteuid() == 0
    uid, gid = (FIRST_UID + number % _UIDS,) * 2 if root else (os.geteuid(), os.getegid())
    if not root:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        _map(uid, gid)
    namespaces = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET
    syscalls.unshare(namespaces | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS)
    inside = os.fork()
    if inside:
        _guard(inside)
    own = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    mount_root(scratch, plan)
    if root:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # or the maps below would belong to root
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        _map(uid, gid, own)
    os.close(own)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)  # here, because a change of user undoes it
    syscalls.drop_capabilities()
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    return SCRATCH


def _map(uid: int, gid: int, own: int | None = None) -> None:
    """Let the ids mean the same inside the new user namespace, and no other ids anything."""

    def write(name: str, text: str) -> None:
        descriptor = os.open(name if own is not None else f"/proc/self/{name}", os.O_WRONLY, dir_fd=own)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    write("setgroups", "deny")
    write("uid_map", f"{uid} {uid} 1")
    write("gid_map", f"{gid} {gid} 1")


def _guard(inside: int) -> NoReturn:
    """Hold nothing and wait for the process inside, which ends with this one: see PR_SET_PDEATHSIG."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)  # it ends with the zygote, however that ends
    _, waited = os.waitpid(inside, 0)
    status = os.waitstatus_to_exitcode(waited)
    raise SupervisorExit(status if status >= 0 else 128 - status)

"""Which system calls a submission may make: seccomp, through libseccomp, which knows their numbers everywhere.

What is refused fails with an error that Python turns into an exception, so that a notebook that tries it goes on as it
would without a network. A submission is one process: it may start threads, but no process and no program, so that its
memory limit is the limit of all of it.
"""

from __future__ import annotations

import errno

import pyseccomp

_REFUSED = (
    # programs and processes; threads are told apart below
    "execve",
    "execveat",
    "fork",
    "vfork",
    # other processes
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    # the network; a pair of connected sockets, as event loops use, is allowed
    "socket",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    # namespaces and mounts
    "unshare",
    "setns",
    "mount",
    "umount",
    "umount2",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "open_tree_attr",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "pivot_root",
    "chroot",
    "quotactl",
    "quotactl_fd",
    "swapon",
    "swapoff",
    "sethostname",
    "setdomainname",
    # memory that no limit counts
    "memfd_create",
    "memfd_secret",
    "shmget",
    "shmat",
    "msgget",
    "semget",
    "mq_open",
    # the kernel
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "keyctl",
    "add_key",
    "request_key",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "acct",
    "syslog",
    "lookup_dcookie",
    "open_by_handle_at",
    "name_to_handle_at",
    "fanotify_init",
    "personality",
    "vhangup",
    "iopl",
    "ioperm",
    "modify_ldt",
    "settimeofday",
    "clock_settime",
    "adjtimex",
    "clock_adjtime",
    "mknod",
    "mknodat",
    "vmsplice",
)

_CLONE_THREAD = 0x0001_0000
_PR_SET_PDEATHSIG = 1


def install_filter() -> None:
    """Refuse them from here on, for this process and its threads; it cannot be undone.

    Raises:
        OSError: the kernel has no seccomp.
    """
    refused = pyseccomp.ERRNO(errno.EPERM)
    filters = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    for name in _REFUSED:
        try:
            filters.add_rule(refused, name)
        except (RuntimeError, ValueError, OSError):  # this architecture, or this libseccomp, has no such call
            continue
    # glibc falls back to clone, whose flags can be looked at
    filters.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    filters.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
    filters.add_rule(refused, "prctl", pyseccomp.Arg(0, pyseccomp.EQ, _PR_SET_PDEATHSIG))
    filters.load()

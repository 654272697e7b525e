"""The file system that a submission sees: Python and its libraries, read-only, and a small /tmp of its own."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.isolation import syscalls

SCRATCH = "/tmp"
"""The folder that may be written to. It is in memory and vanishes with the process."""

SCRATCH_MB = 200
SCRATCH_FILES = 10_000

_LIBRARIES = (
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_DEVICES = ("null", "zero", "full", "random", "urandom")


@dataclass(frozen=True)
class MountPlan:
    """Paths to mount.

    Attributes:
        trees: folders and files that can be read, at their own paths.
        hidden: folders within them that are covered by empty ones.
    """

    trees: tuple[str, ...]
    hidden: tuple[str, ...]


@functools.cache
def mount_plan(*, grader: bool = False) -> MountPlan:
    """Paths that a process needs: the interpreter, installed packages, `cnnkit` and its data sets.

    Args:
        grader: True for a process that runs no submission's code; it sees the grader's own package too.
    """
    from cnnkit.data.datasets import folder as data_folder  # imports NumPy, for which the zygote makes ready first

    package = Path(__file__).parents[2].absolute()
    trees = [path for path in _LIBRARIES if os.path.lexists(path)]
    for prefix in dict.fromkeys([sys.base_prefix, sys.prefix]):
        # /usr holds every program of the machine; its libraries are there already
        if prefix not in ("/", "/usr", "/usr/local"):
            trees.append(prefix)
    trees += [path for path in {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")} if path]
    trees += [_folder_of("cnnkit"), str(data_folder())]
    if grader:
        trees.append(str(package))
    hidden = () if grader else tuple(dict.fromkeys([str(package), str(package.resolve())]))
    return MountPlan(tuple(_without_nested(trees)), hidden)


def mount_root(root: str, wanted: MountPlan) -> None:
    """Mount the paths of the plan below the folder `root` and make that the root; needs a mount namespace.

    Raises:
        OSError: the kernel refuses.
    """
    syscalls.mount("none", "/", None, syscalls.MS_REC | syscalls.MS_SLAVE)
    plain = syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount("tmpfs", root, "tmpfs", plain, "mode=0755,size=1m")
    for folder in ("/dev", "/proc", SCRATCH):
        os.makedirs(root + folder, mode=0o755)
    # first, because a checkout may lie below it
    limits = f"mode=1777,size={SCRATCH_MB}m,nr_inodes={SCRATCH_FILES}"
    syscalls.mount("tmpfs", root + SCRATCH, "tmpfs", plain | syscalls.MS_NOEXEC, limits)
    for path in wanted.trees:
        _bind(root, path)
    for path in wanted.hidden:
        if os.path.isdir(root + path):
            syscalls.mount("tmpfs", root + path, "tmpfs", plain, "mode=0755,size=4k")
            syscalls.seal_mount(root + path, recursive=False)
    _devices(root)
    _processes(root)
    syscalls.seal_mount(root, recursive=False)
    os.chdir(root)
    syscalls.pivot_root_here()


def _folder_of(package: str) -> str:
    """Folder of a package, by the path that its modules are imported from."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations
    return os.path.abspath(next(iter(found.submodule_search_locations)))


def _without_nested(paths: list[str]) -> list[str]:
    """The paths without those inside another one; symbolic links count as themselves."""
    kept: list[str] = []
    for path in sorted(dict.fromkeys(paths), key=len):
        if not any(path.startswith(f"{other}/") for other in kept if not os.path.islink(other)):
            kept.append(path)
    return kept


def _bind(root: str, path: str) -> None:
    target = root + path
    os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
    if os.path.islink(path):  # /lib, where it is one; what it leads to is mounted
        if path in _LIBRARIES and not os.path.isfile(path):
            os.symlink(os.readlink(path), target)
            return
        path = os.path.realpath(path)
    if os.path.isdir(path):
        os.makedirs(target, mode=0o755, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    syscalls.mount(path, target, None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.seal_mount(target, recursive=True)


def _devices(root: str) -> None:
    folder = f"{root}/dev"
    syscalls.mount("tmpfs", folder, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NOEXEC, "mode=0755,size=4k")
    os.symlink(SCRATCH, f"{folder}/shm")
    for name in _DEVICES:
        os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o644))
        syscalls.mount(f"/dev/{name}", f"{folder}/{name}", None, syscalls.MS_BIND)
    syscalls.seal_mount(folder, recursive=False)


def _processes(root: str) -> None:
    """Mount /proc of this namespace; leave it out if the kernel does not allow it, as in some containers."""
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC | syscalls.MS_RDONLY
    try:
        syscalls.mount("proc", f"{root}/proc", "proc", flags)
    except PermissionError:
        return

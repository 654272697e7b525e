"""Control groups: what all processes of a submission take together, bounded by the kernel, where groups can be made.

Limits of a process (`autograder.sandbox.server.resource_limits`) bound its address space and hold for it alone. A
group bounds memory in use, the private /tmp included, and the number of processes. Root can make groups, and so can
others inside a group that was delegated to them. Where none can be made, only the other limits hold.

Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst and cgroup-v1/pids.rst.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_NEEDED = ("memory", "pids")


@dataclass(frozen=True)
class CgroupFactory:
    """Makes a group for each submission.

    Attributes:
        places: the groups that ours are made in, each with the files that hold limits: {"memory": "memory.max"}.
        owner: process number that the groups are named by.
    """

    places: Mapping[Path, Mapping[str, str]]
    owner: int
    _left: set[int] = field(default_factory=set)

    def enter(self, number: int, *, memory: int, processes: int) -> None:
        """Put this process, and all that it starts from now on, into a new group.

        Args:
            number: of the submission.
            memory: bytes that the group may use.
            processes: how many it may have, threads counted.

        Raises:
            OSError: the kernel refuses after all.
        """
        limits = {"memory": memory, "pids": processes, "together": 1}
        for place, files in self.places.items():
            group = place / self._name(number)
            group.mkdir(exist_ok=True)
            for what, file in files.items():
                (group / file).write_text(str(limits[what]))
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self, number: int) -> None:
        """Remove a submission's group. One whose last process is still ending goes with a later call."""
        self._left.add(number)
        for waiting in list(self._left):
            with suppress(OSError):
                for place in self.places:
                    group = place / self._name(waiting)
                    if group.exists():
                        group.rmdir()
                self._left.discard(waiting)

    def _name(self, number: int) -> str:
        return f"autograder-{self.owner}-{number}"


def find_cgroups(
    mounts: Path = Path("/proc/self/mounts"), own: Path = Path("/proc/self/cgroup")
) -> CgroupFactory | None:
    """A factory of groups with limits on memory and processes; None if an attempt to make such a group fails."""
    try:
        places = dict(_places(mounts.read_text(encoding="utf-8"), own.read_text(encoding="utf-8")))
        for place in places:
            _sweep(place)
            trial = place / f"autograder-{os.getpid()}-trial"
            trial.mkdir()
            complete = all((trial / file).exists() for file in places[place].values())
            trial.rmdir()
            if not complete:
                return None
    except OSError:
        return None
    held = [what for files in places.values() for what in files]
    return CgroupFactory(places, os.getpid()) if all(what in held for what in _NEEDED) else None


def _places(mounts: str, own: str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """The groups that this process is in, and the names of the limits that groups within can have."""
    mounted = {}
    for line in mounts.splitlines():
        _, target, kind, options, *_ = line.split()
        for controller in ("",) if kind == "cgroup2" else options.split(",") if kind == "cgroup" else ():
            mounted[controller] = Path(target)
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        held = set(controllers.split(",")) & set(_NEEDED)
        if controllers == "" and "" in mounted:
            group = _within(mounted[""], path)
            if "memory" in _words(group / "cgroup.controllers"):
                _delegate_controllers(group)
                yield group, {"memory": "memory.max", "pids": "pids.max", "together": "memory.oom.group"}
        elif held and held <= set(mounted):
            names = {"memory": "memory.limit_in_bytes", "pids": "pids.max"}
            group = _within(mounted[min(held)], path)
            yield group, {what: names[what] for what in held}


def _within(mounted: Path, path: str) -> Path:
    """The group; in a container its path may be that of the machine outside, and the mount is the group itself."""
    group = mounted / path.lstrip("/")
    return group if group.is_dir() else mounted


def _delegate_controllers(group: Path) -> None:
    """Enable the memory and pids controllers for child groups (`cgroup.subtree_control`).

    Raises:
        OSError: the kernel refuses, as it does where the group has processes of its own.
    """
    if not set(_NEEDED) <= _words(group / "cgroup.subtree_control"):
        (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _NEEDED))


def _words(file: Path) -> set[str]:
    return set(file.read_text(encoding="ascii").split())


def _sweep(place: Path) -> None:
    """Remove the groups of a grader that was killed."""
    for group in place.glob("autograder-*"):
        owner = re.match(r"autograder-(\d+)-", group.name)
        if owner and not Path("/proc", owner[1]).exists():
            with suppress(OSError):
                group.rmdir()

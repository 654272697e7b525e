"""Control groups: made where they can be, with limits, and removed; elsewhere it is said that there are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.isolation import cgroups
from autograder.sandbox.isolation.cgroups import CgroupFactory, find_cgroups


class KernelGroup(type(Path())):
    """A folder in which a new folder has the files that the kernel puts there."""

    FILES = ("memory.max", "pids.max", "memory.oom.group", "cgroup.procs")

    def mkdir(self, *args, **kwargs):
        """See `Path`."""
        super().mkdir(*args, **kwargs)
        for name in self.FILES:
            (self / name).write_text("")

    def rmdir(self):
        """See `Path`; the kernel removes its files with it, unless a process is left."""
        if (self / "busy").exists():
            raise OSError(16, "busy")
        for file in self.iterdir():
            file.unlink()
        super().rmdir()


@pytest.fixture
def second_version(tmp_path, monkeypatch):
    """A machine with the second version of control groups, on which the group was delegated to us."""
    mount = tmp_path / "cgroup"
    ours = mount / "user.slice" / "ours.scope"
    ours.mkdir(parents=True)
    (ours / "cgroup.controllers").write_text("cpu memory pids\n")
    (ours / "cgroup.subtree_control").write_text("")
    mounts, own = tmp_path / "mounts", tmp_path / "own"
    mounts.write_text(f"proc /proc proc rw 0 0\ncgroup2 {mount} cgroup2 rw,nosuid 0 0\n")
    own.write_text("0::/user.slice/ours.scope\n")
    monkeypatch.setattr(cgroups, "Path", KernelGroup)
    return ours, mounts, own


def test_limits_are_set_in_a_group_of_its_own(second_version):
    ours, mounts, own = second_version
    groups = find_cgroups(mounts, own)
    assert (ours / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert not list(ours.glob("autograder-*")), "the trial is gone"
    groups.enter(3, memory=10**9, processes=400)
    group = ours / f"autograder-{os.getpid()}-3"
    said = {name: (group / name).read_text() for name in KernelGroup.FILES}
    assert said == {
        "memory.max": "1000000000",
        "pids.max": "400",
        "memory.oom.group": "1",
        "cgroup.procs": str(os.getpid()),
    }
    groups.remove(3)
    assert not group.exists()


def test_a_group_whose_last_process_is_ending_goes_with_a_later_one(second_version):
    ours, mounts, own = second_version
    groups = find_cgroups(mounts, own)
    groups.enter(1, memory=1, processes=1)
    busy = ours / f"autograder-{os.getpid()}-1" / "busy"
    busy.write_text("")
    groups.remove(1)
    assert busy.exists()
    busy.unlink()
    groups.remove(2)  # was never made
    assert not list(ours.glob("autograder-*"))


def test_groups_of_a_grader_that_was_killed_are_removed(second_version):
    ours, mounts, own = second_version
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = KernelGroup(ours / f"autograder-{dead.pid}-7")
    left.mkdir()
    alive = KernelGroup(ours / f"autograder-{os.getppid()}-7")
    alive.mkdir()
    find_cgroups(mounts, own)
    assert not left.exists()
    assert alive.exists()


@pytest.mark.parametrize("controllers", ["cpu\n", None])
def test_where_memory_cannot_be_bounded_there_is_none(second_version, controllers):
    ours, mounts, own = second_version
    (ours / "cgroup.controllers").unlink()
    if controllers:
        (ours / "cgroup.controllers").write_text(controllers)
    assert find_cgroups(mounts, own) is None


def test_where_the_kernel_refuses_there_is_none(second_version, monkeypatch):
    """A group that has processes of its own cannot hand limits down."""
    _, mounts, own = second_version
    write = KernelGroup.write_text

    def refuse(path, text):
        if path.name == "cgroup.subtree_control":
            raise OSError(16, "Device or resource busy")
        return write(path, text)

    monkeypatch.setattr(KernelGroup, "write_text", refuse)
    assert find_cgroups(mounts, own) is None


def test_a_container_s_path_is_that_of_the_machine_outside(tmp_path, monkeypatch):
    """The first version: one mount for each controller, and a path that is not there."""
    monkeypatch.setattr(cgroups, "Path", KernelGroup)
    monkeypatch.setattr(KernelGroup, "FILES", ("memory.limit_in_bytes", "pids.max", "cgroup.procs"))
    for name in ("memory", "pids"):
        (tmp_path / name).mkdir()
    mounts, own = tmp_path / "mounts", tmp_path / "own"
    mounts.write_text(
        "".join(f"cgroup {tmp_path}/{name} cgroup rw,relatime,{name} 0 0\n" for name in ("memory", "pids"))
    )
    own.write_text("5:pids:/\n4:memory:/outside/1234\n0::/\n")
    groups = find_cgroups(mounts, own)
    assert groups.places == {
        tmp_path / "pids": {"pids": "pids.max"},
        tmp_path / "memory": {"memory": "memory.limit_in_bytes"},
    }


@pytest.mark.skipif(find_cgroups() is None, reason="no control group can be made here: that is what find() says")
def test_the_kernel_bounds_what_is_inside():
    groups = find_cgroups()
    assert isinstance(groups, CgroupFactory)
    pid = os.fork()
    if pid == 0:
        try:
            groups.enter(1, memory=60_000_000, processes=50)
            held = [bytearray(b"x" * 1_000_000) for _ in range(500)]
            os._exit(len(held) % 2)
        finally:
            os._exit(2)
    _, status = os.waitpid(pid, 0)
    groups.remove(1)
    assert os.waitstatus_to_exitcode(status) == -9
    assert not any(list(place.glob(f"autograder-{os.getpid()}-*")) for place in groups.places)

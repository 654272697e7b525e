"""Processor time that `getrusage` misses is counted."""

import json
import subprocess
import sys

import pytest

BURNT = 0.5
"""Processor seconds that the grandchild takes before its parent dies."""

SUBMISSION = f"""
import ctypes, json, os, resource, signal, time

libc = ctypes.CDLL(None)
reading, writing = os.pipe()
guard = os.fork()
if guard == 0:
    os.close(reading)
    # a new user namespace and in it a new PID namespace, which the next child is the first process of;
    # where the system forbids that, the child dies with its parent all the same
    libc.unshare(0x10000000 | 0x20000000)
    inner, burnt = os.pipe()
    if os.fork() == 0:
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        while time.process_time() < {BURNT}:
            pass
        os.write(burnt, b"!")
        signal.pause()
    os.read(inner, 1)
    os._exit(0)  # without waiting
os.close(writing)
os.waitpid(guard, 0)
os.read(reading, 1)  # the pipe ends when the grandchild is dead as well
spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps(sum(one.ru_utime + one.ru_stime for one in spent)))
"""


@pytest.fixture(scope="module")
def processor_time(load_script):
    return load_script("benchmarks/processor_time.py")


@pytest.fixture(params=["perf", "control group"])
def counting(request, processor_time, monkeypatch):
    """The module with one way of counting alone; whether it works depends on what the kernel permits."""
    if request.param == "perf":
        monkeypatch.setattr(processor_time, "own_groups", list)
    else:
        monkeypatch.setattr(processor_time.shutil, "which", lambda name: None)
    processor_time._working_kind.cache_clear()
    yield processor_time
    processor_time._working_kind.cache_clear()


def test_a_grandchild_that_nobody_waits_for_is_counted(counting):
    if counting.new_counter() is None:
        pytest.skip("the kernel lets this account count in no such way")
    spent = counting.measure([sys.executable, "-c", SUBMISSION])
    seen_by_getrusage = json.loads(spent.output)
    assert spent.processor - seen_by_getrusage > 0.9 * BURNT


@pytest.fixture
def nothing_counts(processor_time, monkeypatch):
    monkeypatch.setattr(processor_time.shutil, "which", lambda name: None)
    monkeypatch.setattr(processor_time, "own_groups", list)
    processor_time._working_kind.cache_clear()
    yield processor_time
    processor_time._working_kind.cache_clear()


def test_where_nothing_counts_no_figure_takes_its_place(nothing_counts):
    spent = nothing_counts.measure([sys.executable, "-c", "print('done')"])
    assert spent.output == "done\n"
    assert spent.processor is None
    assert nothing_counts.in_words(spent.processor) == "not measurable here"


def test_a_counter_that_does_not_count_is_not_taken(processor_time, tmp_path):
    """An ordinary folder is no control group: the kernel writes no account into it."""
    assert not processor_time.counts(processor_time.ControlGroup(tmp_path))


def test_groups_of_both_versions_are_found(processor_time, tmp_path):
    mounts, own = tmp_path / "mounts", tmp_path / "own"
    mounts.write_text(
        "cgroup /sys/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n"
        "cgroup /sys/memory cgroup rw,memory 0 0\n"
        "cgroup2 /sys/unified cgroup2 rw 0 0\n"
        "tmpfs /tmp tmpfs rw 0 0\n"
    )
    own.write_text("4:memory:/a\n3:cpu,cpuacct:/b\n0::/c\n")
    found = [path.as_posix() for path in processor_time.own_groups(mounts, own)]
    assert found == ["/sys/cpu,cpuacct/b", "/sys/unified/c"]


def test_a_command_that_fails_says_how(processor_time):
    with pytest.raises(processor_time.CommandFailed, match="status 3: no room"):
        processor_time.measure(["sh", "-c", "echo no room >&2; exit 3"])


def test_the_command_line_says_what_was_spent_and_keeps_the_status(root):
    script = root / "benchmarks" / "processor_time.py"
    run = subprocess.run([sys.executable, script, "sh", "-c", "exit 3"], capture_output=True, text=True)
    assert run.returncode == 3
    assert run.stderr.startswith("processor time: ")


def test_a_lost_count_leaves_the_status_as_it_is(processor_time, monkeypatch, capsys):
    class Losing(processor_time.TaskClock):
        def seconds(self):
            raise ValueError("nothing was counted")

        def wrapped(self, command):
            return list(command)

    monkeypatch.setattr(processor_time, "new_counter", Losing)
    monkeypatch.setattr(sys, "argv", ["processor_time.py", "sh", "-c", "exit 3"])
    assert processor_time.main() == 3
    assert capsys.readouterr().err == "processor time: not measurable here\n"


def test_a_status_that_perf_loses_is_kept(processor_time):
    """perf says 0 of a command that ends before perf begins to wait for it."""
    counter = processor_time.TaskClock()
    try:
        subprocess.run(counter.wrapped(["sh", "-c", "exit 3"])[9:], check=False)
        assert counter.status(0) == 3
        assert counter.status(5) == 5
    finally:
        counter.close()

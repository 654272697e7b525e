"""Time that the kernel granted to a process is read from outside, its threads and descendants included."""

import os
import subprocess
import sys

from autograder.sandbox.client.granted_time import GrantedTime

TICKS = os.sysconf("SC_CLK_TCK")


def make_process(proc, number, *, ticks=(0, 0, 0, 0), threads=None, children=(), name="python"):
    """A folder like /proc/<number>."""
    folder = proc / str(number)
    folder.mkdir(exist_ok=True)
    fields = ["S", *["0"] * 10, *map(str, ticks), *["0"] * 5]
    (folder / "stat").write_text(f"{number} ({name}) {' '.join(fields)}\n")
    for thread, waited in (threads or {number: 0}).items():
        task = folder / "task" / str(thread)
        task.mkdir(parents=True, exist_ok=True)
        (task / "schedstat").write_text(f"123 {waited} 7\n")
        (task / "children").write_text(" ".join(map(str, children)) if thread == number else "")


def test_time_of_a_process_with_threads(tmp_path):
    make_process(tmp_path, 5, ticks=(2 * TICKS, TICKS, 0, 0), threads={5: 10**9, 6: 3 * 10**9})
    granted = GrantedTime(5, tmp_path)
    assert granted.look()
    assert (granted.ran, granted.waited) == (3.0, 4.0)


def test_descendants_count_and_so_do_those_that_have_ended(tmp_path):
    make_process(tmp_path, 5, ticks=(0, 0, TICKS, TICKS), children=(7,))
    make_process(tmp_path, 7, ticks=(TICKS, 0, 0, 0), threads={7: 10**9}, children=(8,))
    make_process(tmp_path, 8, ticks=(TICKS, 0, 0, 0), threads={8: 10**9})
    granted = GrantedTime(5, tmp_path)
    assert granted.look()
    assert (granted.ran, granted.waited) == (4.0, 2.0)


def test_a_name_cannot_shift_the_fields(tmp_path):
    make_process(tmp_path, 5, ticks=(TICKS, 0, 0, 0), name=") R 1 1 1 1 1 1 1 1 1 1 0 0 0 0 (")
    granted = GrantedTime(5, tmp_path)
    assert granted.look()
    assert granted.ran == 1.0


def test_threads_that_have_ended_keep_their_time(tmp_path):
    make_process(tmp_path, 5, threads={5: 0, 6: 10**9})
    granted = GrantedTime(5, tmp_path)
    granted.look()
    for file in (tmp_path / "5" / "task" / "6").iterdir():
        file.unlink()
    (tmp_path / "5" / "task" / "6").rmdir()
    assert granted.look()
    assert granted.waited == 1.0


def test_a_process_that_has_ended_keeps_its_time(tmp_path):
    make_process(tmp_path, 5, ticks=(TICKS, 0, 0, 0))
    granted = GrantedTime(5, tmp_path)
    granted.look()
    (tmp_path / "5" / "stat").unlink()
    assert not granted.look()
    assert granted.ran == 1.0


def test_a_kernel_that_does_not_tell_is_said_to(tmp_path):
    assert not GrantedTime(5, tmp_path).look()


def test_a_live_process_is_charged_for_what_it_runs():
    code = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        granted = GrantedTime(process.pid)
        assert granted.look()
        process.communicate(b"\n")
    assert 0.2 < granted.ran < 5

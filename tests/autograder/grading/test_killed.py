"""`kill -9` of everything, at any moment: the next run goes on, and its result is that of an undisturbed one."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.gradebook import marks
from autograder.results import scorecard

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"
BIN = Path(sys.executable).parent
KILLS = 8
SEED = 6


@pytest.fixture(scope="module")
def course(root, tmp_path_factory):
    """A copy of the course with five submissions, cheap ones and one that cannot be read."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("course.toml", "nbgrader_config.py", "solutions", "assignments"):
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    answers = reference_cells(load_course(root), NAME)
    arithmetic = {"arithmetic_solution": answers["arithmetic_solution"]}
    for student, cells in {"a1": {}, "a2": arithmetic, "a3": answers, "a4": arithmetic}.items():
        hand_in(root, folder, student, cells)
    (folder / "submitted/a5" / NAME).mkdir(parents=True)
    (folder / "submitted/a5" / NAME / f"{NAME}.ipynb").write_text("no notebook")
    return SimpleNamespace(root=folder, scratch=tmp_path_factory.mktemp("scratch"))


def hand_in(root, folder, student, cells):
    target = folder / "submitted" / student / NAME
    target.mkdir(parents=True)
    (target / f"{NAME}.ipynb").write_bytes(notebook_with(load_course(root), NAME, cells, student=student, records={}))


def start(course, *options):
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "TMPDIR": str(course.scratch)}
    command = [BIN / "autograder", "grade", NAME, "--jobs", "2", *options]
    return subprocess.Popen(
        command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def belonging(course):
    """Everything that a grading has started, by the folder for temporary files that all of it was given."""
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if one.environ().get("TMPDIR") == str(course.scratch):
                found.append(one)
    return found


def results(course):
    cards = {}
    for path in sorted((course.root / "graded" / NAME).glob("*/scorecard.json")):
        cards[path.parent.name] = msgspec.structs.replace(scorecard.load_card(path), seconds=0.0)
    table = (course.root / "graded" / NAME / "grades.csv").read_text(encoding="utf-8-sig")
    notebooks = {
        path.parents[1].name: [cell.get("outputs") for cell in json.loads(path.read_text())["cells"]]
        for path in sorted(course.root.glob(f"autograded/*/{NAME}/*.ipynb"))
    }
    return cards, table, marks.gradebook_scores(load_course(course.root), NAME), notebooks


def wipe(course):
    for name in ("graded", "autograded"):
        shutil.rmtree(course.root / name, ignore_errors=True)
    for path in course.root.glob("gradebook.db*"):
        path.unlink()


@pytest.fixture(scope="module")
def undisturbed(course):
    """Results of a grading that nobody interrupts, and the seconds it takes."""
    begun = time.monotonic()
    running = start(course)
    said, _ = running.communicate()
    assert running.returncode == 1, said  # a5 cannot be graded
    seconds = time.monotonic() - begun
    found = results(course)
    assert len(found[0]) == 5
    wipe(course)
    return found, seconds


def kill_everything(course, running):
    for one in [*belonging(course), psutil.Process(running.pid)]:
        with contextlib.suppress(psutil.Error):
            one.send_signal(signal.SIGKILL)
    running.communicate()


def test_killed_in_every_part_of_the_time_it_goes_on(course, undisturbed):
    """One kill in each eighth of the undisturbed time, so that no phase is left out, at a moment drawn in it."""
    wanted, seconds = undisturbed
    draw = random.Random(SEED)
    eighths = draw.sample(range(KILLS), KILLS)
    from_nothing = True
    while eighths:
        begun = time.monotonic()
        running = start(course)
        try:
            running.wait((eighths[-1] + draw.random()) / KILLS * seconds)
        except subprocess.TimeoutExpired:
            kill_everything(course, running)
            eighths.pop()
            from_nothing = False
            continue
        said, _ = running.communicate()
        assert running.returncode == 1, said  # it came to its end before: what stands is right, and it begins anew
        assert results(course) == wanted
        if from_nothing:  # the machine has become faster
            seconds = time.monotonic() - begun
        wipe(course)
        from_nothing = True
    running = start(course)
    said, _ = running.communicate()
    assert running.returncode == 1, said
    assert results(course) == wanted
    deadline = time.monotonic() + 20
    while belonging(course) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [one.cmdline() for one in belonging(course)] == []


def test_the_zygote_alone_killed_is_an_error_that_is_said(course, undisturbed):
    wipe(course)
    running = start(course, "--no-gradebook")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        zygotes = []
        for one in belonging(course):
            with contextlib.suppress(psutil.Error):
                if "autograder.sandbox.server.zygote" in one.cmdline() and one.ppid() == running.pid:
                    zygotes.append(one)
        if zygotes and (course.root / "graded" / NAME).is_dir():
            zygotes[0].kill()
            break
        time.sleep(0.02)
    said, _ = running.communicate()
    assert running.returncode == 1
    assert "Traceback" not in said
    again = start(course)
    again.communicate()
    assert results(course) == undisturbed[0]


def test_two_at_once_lose_nothing(root, course, undisturbed):
    """Two TAs grade one half each, at the same moment, into the same gradebook."""
    wipe(course)
    halves = (("a1", "a2"), ("a3", "a4", "a5"))
    both = [start(course, *(option for student in half for option in ("--student", student))) for half in halves]
    said = [running.communicate()[0] for running in both]
    assert [running.returncode for running in both] == [0, 1], said
    cards, table, scores, notebooks = results(course)
    wanted = undisturbed[0]
    assert (cards, scores, notebooks) == (wanted[0], wanted[2], wanted[3])
    assert table == wanted[1]

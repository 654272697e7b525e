"""A full disk: grading stops with the reason, keeps what it has, and goes on when there is room."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.gradebook import marks as gradebook
from autograder.results import scorecard

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="a file system of a few hundred kilobytes is mounted, which is root's"
    ),
]

NAME = "mnist_convnet"
BIN = Path(sys.executable).parent
STUDENTS = ("a1", "a2", "a3", "a4")


@pytest.fixture
def course(root, tmp_path):
    """A copy of the course whose results go to a file system of their own."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("course.toml", "nbgrader_config.py", "solutions", "assignments"):
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    answers = reference_cells(load_course(root), NAME)
    for student in STUDENTS:
        target = folder / "submitted" / student / NAME
        target.mkdir(parents=True)
        cells = {"arithmetic_solution": answers["arithmetic_solution"]}
        (target / f"{NAME}.ipynb").write_bytes(
            notebook_with(load_course(root), NAME, cells, student=student, records={})
        )
    graded = folder / "graded"
    graded.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", graded], check=True)
    yield SimpleNamespace(root=folder, graded=graded)
    subprocess.run(["umount", graded], check=True)


def grade(course, *options):
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    command = [BIN / "autograder", "grade", NAME, "--jobs", "2", *options]
    return subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True)


def more_room(course):
    subprocess.run(["mount", "-o", "remount,size=20m", course.graded], check=True)


def cards(course):
    found = {path.parent.name: scorecard.load_card(path) for path in course.graded.glob(f"{NAME}/*/scorecard.json")}
    return {student: msgspec.structs.replace(card, seconds=0.0) for student, card in sorted(found.items())}


def test_what_is_graded_stands_and_the_rest_follows(course):
    run = grade(course)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "No space left on device. Make room and give the same command again" in run.stderr
    first = cards(course)
    assert len(first) < len(STUDENTS)
    assert not list(course.graded.rglob(".*")), "no half-written file stays"
    more_room(course)
    run = grade(course)
    assert run.returncode == 0, run.stderr
    assert f"{len(first)} unchanged" in run.stdout
    done = cards(course)
    assert list(done) == list(STUDENTS)
    assert {student: done[student] for student in first} == first
    assert gradebook.gradebook_scores(load_course(course.root), NAME) == {
        student: done[student].score for student in STUDENTS
    }
    shutil.rmtree(course.graded / NAME)
    assert grade(course, "--no-gradebook").returncode == 0
    assert cards(course) == done, "the same as if there had been room"


def test_a_gradebook_without_room_is_filled_later(course, monkeypatch):
    more_room(course)
    small = course.root / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", small], check=True)
    monkeypatch.setenv("NBGRADER_DB_URL", f"sqlite:///{small}/gradebook.db")
    try:
        run = grade(course)
        assert run.returncode == 1
        assert "Traceback" not in run.stderr
        assert "full" in run.stderr
        assert list(cards(course)) == list(STUDENTS)
        subprocess.run(["mount", "-o", "remount,size=20m", small], check=True)
        run = grade(course)
        assert run.returncode == 0, run.stderr
        assert "0 graded" in run.stdout
        marks = {student: card.score for student, card in cards(course).items()}
        assert gradebook.gradebook_scores(load_course(course.root), NAME) == marks
    finally:
        subprocess.run(["umount", small], check=True)

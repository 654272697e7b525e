"""The commands as a TA types them, on the sample class: `autograder grade` and nbgrader's own give the same marks."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course.config import load_course
from autograder.gradebook import marks as gradebook
from autograder.results import scorecard

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def course(graded_class, tmp_path_factory):
    """A copy of the graded course, without the kit's code, and a way to run commands in it."""
    folder = shutil.copytree(graded_class.root, tmp_path_factory.mktemp("course"), dirs_exist_ok=True)

    def run(*command, status=0, **environment):
        environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment}
        done = subprocess.run(
            [BIN / command[0], *command[1:]], cwd=folder, capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return SimpleNamespace(root=folder, run=run)


@pytest.fixture(scope="module")
def grade(graded_class):
    """Output of `autograder grade`."""
    return graded_class.run


def cards(course):
    return {path.parent.name: scorecard.load_card(path) for path in course.root.glob(f"graded/{NAME}/*/scorecard.json")}


def test_grade_prints_table_progress_and_reasons(grade):
    assert next(line for line in grade.stdout.splitlines() if line.startswith("s01")).split()[1] == "22/22"
    assert "15 graded" in grade.stdout
    assert "[15/15]" in grade.stderr
    assert "not graded: s10: mnist_convnet.ipynb is not a notebook" in grade.stderr
    assert "Traceback" not in grade.stdout + grade.stderr


def test_grades_csv_has_every_student_once(course, grade):
    with open(course.root / "graded" / NAME / "grades.csv", newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(cards(course))
    for student, card in cards(course).items():
        assert rows[student]["score"] == ("" if card.score is None else f"{card.score:g}")


def test_the_gradebook_has_the_scorecards_marks(course, grade):
    wanted = {student: card.score for student, card in cards(course).items() if card.score is not None}
    found = gradebook.gradebook_scores(load_course(course.root), NAME)
    assert {student: score for student, score in found.items() if score is not None} == pytest.approx(wanted)


def test_nbgrader_feedback_and_export_work(course, grade):
    course.run("nbgrader", "generate_feedback", f"--assignment={NAME}")
    page = (course.root / "feedback" / "s04" / NAME / f"{NAME}.html").read_text()
    assert "strides of the first Conv2D" in page
    course.run("nbgrader", "export", "--to=all.csv")
    assert "s04" in (course.root / "all.csv").read_text()


def test_once_more_nothing_is_left_to_do(course, grade):
    again = course.run("autograder", "grade", NAME, status=1)
    assert "0 graded" in again.stdout
    assert "15 unchanged" in again.stdout


def test_nbgrader_alone_gives_the_same_marks(course, grade):
    """`nbgrader autograde` from nothing, without scorecards or gradebook: the same points for every kind of submission.

    Right with records, right without metadata, wrong, blank, not a notebook, ending its process, under another name.
    """
    kinds = {"s01", "s03", "s05", "s07", "s10", "s12", "s13"}
    wanted = gradebook.gradebook_scores(load_course(course.root), NAME)
    before = cards(course)
    for path in course.root.glob("gradebook.db*"):
        path.unlink()
    shutil.rmtree(course.root / "autograded")
    shutil.rmtree(course.root / "graded")
    for folder in (course.root / "submitted").iterdir():
        if folder.name not in kinds:
            shutil.rmtree(folder)
    course.run("nbgrader", "generate_assignment", NAME, "--force")
    course.run("nbgrader", "autograde", NAME, status=1)
    found = gradebook.gradebook_scores(load_course(course.root), NAME)
    marks = {student: score for student, score in found.items() if score is not None}
    assert set(marks) == kinds - {"s10"}
    assert marks == pytest.approx({student: wanted[student] for student in marks})
    assert {student: before[student].score for student in marks} == pytest.approx(marks)


def test_release_is_up_to_date(course):
    assert "up to date" in course.run("autograder", "release", "--check").stdout
    source = course.root / "assignments" / NAME / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("digits", "numbers", 1))
    changed = course.run("autograder", "release", "--check", status=1)
    assert "+++" in changed.stdout
    course.run("autograder", "release")
    course.run("autograder", "release", "--check")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("grade", "mnist_convnett"), "it has: mnist_convnet"),
        (("grade", NAME, "--submitted", "nowhere"), "no folder nowhere"),
        (("grade", NAME, "--student", "nobody"), "nobody"),
        (("grade", NAME, "--output", "course.toml"), "is a file"),
        (("grade", NAME, "--output", "course.toml/graded"), "--output course.toml/graded: expected a folder"),
        (("grade", NAME, "--executor", "cloud"), "local"),
        (("grade", NAME, "--jobs", "0"), "--jobs"),
        (("grad", NAME), "Did you mean 'grade'?"),
        (("release", "other"), "mnist_convnet"),
    ],
)
def test_a_wrong_call_is_explained_with_status_2(course, command, said):
    done = course.run("autograder", *command, status=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_course(tmp_path):
    done = subprocess.run(
        [BIN / "autograder", "grade", NAME], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "inside the course's folder" in done.stderr

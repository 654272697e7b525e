"""The committed release is made from its source, and holds no answers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.config import load_course
from autograder.release import leaks, release

COURSE = load_course(Path(__file__).parent)


def test_release_equals_its_source():
    assert [(change.path, change.kind) for change in release(COURSE, check=True)] == []


@pytest.mark.parametrize("name", COURSE.assignments)
def test_no_answer_in_what_students_open(root, name):
    assert leaks(COURSE, name, root / "assignments" / name) == []


@pytest.mark.parametrize("name", COURSE.assignments)
def test_the_source_would_be_found_out(root, name):
    """The same search does find the answers where they are."""
    kinds = {leak.kind for leak in leaks(COURSE, name, (root / "solutions" / name / f"{name}.ipynb").read_bytes())}
    assert len(kinds) >= 2


@pytest.mark.tensorflow
def test_nbgrader_validate_shows_the_public_checks(root, tmp_path):
    """A student presses Validate on the untouched notebook: every exercise's check says what is missing."""
    notebook = tmp_path / "mnist_convnet.ipynb"
    notebook.write_bytes((root / "assignments/mnist_convnet/mnist_convnet.ipynb").read_bytes())
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        # TensorFlow's import alone exceeds nbgrader's 30 s on a busy machine
        [bin_folder / "nbgrader", "validate", "--Execute.timeout=600", notebook.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment,
    )
    exercises = COURSE.assignment("mnist_convnet").points
    assert f"VALIDATION FAILED ON {len(exercises) + 1} CELL(S)" in " ".join(done.stdout.split())
    for exercise in exercises:
        assert f"cnnkit.check.{exercise}(" in done.stdout
    assert "`build_convnet` is not written yet." in done.stdout

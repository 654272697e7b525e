"""The sample class of every assignment but the main one, which `tests/autograder/grading/test_pipeline.py` grades."""

from pathlib import Path

import pytest

from autograder.course.config import load_course
from autograder.grading.pool import grade_class
from autograder.grading.tasks import GradingTask

pytestmark = pytest.mark.tensorflow

COURSE = load_course(Path(__file__).parent)


@pytest.mark.parametrize("name", [name for name in COURSE.assignments if name != "mnist_convnet"])
def test_every_score(name, load_script, tmp_path):
    sample_class = load_script("examples/class/build.py")
    sample_class.build(COURSE, tmp_path / "submitted", name)
    students = sample_class.read_class(COURSE)[name]["students"]
    tasks = [GradingTask(name, student, tmp_path / "submitted", tmp_path / "graded") for student in students]
    graded = {done.student: done.card.score for done in grade_class(COURSE, tasks, jobs=2)}
    assert graded == {student: asked.get("score") for student, asked in students.items()}
    assert max(graded.values()) == COURSE.assignment(name).max_score

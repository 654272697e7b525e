"""Submissions that use all they may cost the others no mark."""

from pathlib import Path

import msgspec
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.grading.pool import grade_class
from autograder.grading.tasks import GradingTask
from autograder.sandbox.protocol.limits import Limits

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"
COURSE = load_course(Path(__file__).parent)
ANSWERS = reference_cells(COURSE, NAME)
HONEST = {
    "right": ANSWERS,
    "half": {exercise: ANSWERS[exercise] for exercise in ("data_solution", "arithmetic_solution")},
    "wrong": ANSWERS | {"arithmetic_solution": "def conv_output_size(*_, **__):\n    return 13"},
    "blank": {},
}
LIMITS = Limits(cell_seconds=3, submission_seconds=12, memory_mb=1_000, output_kb=64)


@pytest.fixture(scope="module")
def greedy(load_script):
    """Resources that greedy students use up, each with the cell that does so."""
    return load_script("benchmarks/neighbours.py").GREEDY


@pytest.fixture(scope="module")
def course():
    assignment = msgspec.structs.replace(COURSE.assignment(NAME), limits=LIMITS)
    return msgspec.structs.replace(COURSE, assignments={NAME: assignment})


def graded(course, submitted, output, students):
    tasks = [GradingTask(NAME, student, submitted, output) for student in students]
    found = {result.student: result for result in grade_class(course, tasks, jobs=2)}
    assert all(result.card is not None for result in found.values()), found
    return {student: msgspec.structs.replace(result.card, seconds=0.0) for student, result in found.items()}


def test_greedy_submissions_cost_the_others_no_mark(course, greedy, load_script, tmp_path):
    submitted = tmp_path / "submitted"
    for student, cells in (HONEST | dict.fromkeys(greedy, ANSWERS)).items():
        target = submitted / student / NAME
        target.mkdir(parents=True)
        notebook = target / f"{NAME}.ipynb"
        notebook.write_bytes(notebook_with(COURSE, NAME, cells, student=student, records={}))
        if student in greedy:
            load_script("benchmarks/neighbours.py").add_cell(notebook, greedy[student])
    alone = graded(course, submitted, tmp_path / "alone", HONEST)
    # the greedy ones first, so that they run while the others do
    together = graded(course, submitted, tmp_path / "together", [*greedy, *HONEST])
    assert {student: together[student] for student in HONEST} == alone
    for student, word in (("processor", "3 seconds"), ("output", "3 seconds")):
        assert any(word in note for note in together[student].notes), together[student].notes
    assert len({card.score for card in alone.values()}) == len(HONEST)

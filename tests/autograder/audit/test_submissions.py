"""Submissions are the release with the answers filled in, the same bytes every time."""

import json
import math

import pytest

from autograder.audit.samples import SampleError
from autograder.audit.submissions import notebook_with, reference_cells
from autograder.intake.training_records import validated_record
from autograder.release import release
from cnnkit.recording.schema import MIME, TrainingRecord

TRAINING_CELL = """
# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "record", "locked": true, "solution": false}
records = {"adam": cnnkit.record(train, "adam", None, None)}
"""


def test_reference_cells(small_course):
    cells = reference_cells(small_course, "small")
    assert set(cells) == {"double_solution", "halve_solution", "why"}
    assert cells["halve_solution"] == 'def halve(number):\n    """Half the number."""\n    return number / 2'
    assert not any("SOLUTION" in source for source in cells.values())


def test_markers_take_no_other_lines_with_them(small_course):
    source = small_course.root / "solutions/small/small.py"
    text = source.read_text(encoding="utf-8")
    text = text.replace("    ### END SOLUTION\n\n# %% nbg", "    ### END SOLUTION\n\n\ntwice = double\n\n# %% nbg", 1)
    source.write_text(text, encoding="utf-8")
    cell = reference_cells(small_course, "small")["double_solution"]
    assert cell.endswith("    return total_of_both\n\n\ntwice = double")


@pytest.fixture
def training_course(small_course):
    source = small_course.root / "solutions/small/small.py"
    source.write_text(source.read_text(encoding="utf-8") + TRAINING_CELL, encoding="utf-8")
    release(small_course)
    return small_course


def hand_in(course, cells, records=(), student="s01"):
    return json.loads(notebook_with(course, "small", cells, student=student, records=dict(records)))


def sources(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def test_a_notebook_as_it_is_handed_in(training_course):
    runs = {
        "adam": TrainingRecord(run="adam", history={"loss": [2.0, 1.0]}),
        "sgd": TrainingRecord(run="sgd", history={"loss": [2.0, math.nan]}),
    }
    notebook = hand_in(training_course, {"halve_solution": "def halve(n):\n    return n // 2"}, runs)
    assert "def halve(n):\n    return n // 2" in sources(notebook)
    assert any("raise NotImplementedError()" in source for source in sources(notebook))
    assert any('cnnkit.start("small", student="s01")' in source for source in sources(notebook))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert [validated_record(output["data"][MIME]).run for output in outputs] == ["adam", "sgd"]


def test_a_student_who_has_not_trained(training_course):
    assert not any(cell.get("outputs") for cell in hand_in(training_course, {})["cells"])


def test_a_student_id_stays_text(training_course):
    notebook = hand_in(training_course, {}, student='"); import os #')
    assert any(r'student="\"); import os #")' in source for source in sources(notebook))


def test_the_same_twice(training_course):
    first, second = (notebook_with(training_course, "small", {}, student="s01", records={}) for _ in range(2))
    assert first == second


def test_what_is_missing_is_said(small_course):
    with pytest.raises(SampleError, match="run `autograder release small` first"):
        hand_in(small_course, {})
    release(small_course)
    with pytest.raises(SampleError, match="the release of small has no cell third_solution"):
        hand_in(small_course, {"third_solution": ""})

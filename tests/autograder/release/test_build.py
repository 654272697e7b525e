from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from autograder.course.config import Course, CourseError
from autograder.release import ReleaseError, build_source


def source(course: Course) -> Any:
    return course.root / "solutions/small/small.py"


def change(course: Course, old: str, new: str) -> None:
    text = source(course).read_text(encoding="utf-8")
    assert old in text
    source(course).write_text(text.replace(old, new), encoding="utf-8")


def test_same_bytes_every_time_and_valid(small_course: Course) -> None:
    built = build_source(small_course, "small")
    assert built == build_source(small_course, "small")
    assert built.endswith(b"}\n")
    notebook = json.loads(built)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "jupytext" not in notebook["metadata"]
    assert "version" not in notebook["metadata"]["language_info"]
    nbformat.validate(nbformat.reads(built.decode(), as_version=4))


def test_ids_derive_from_grade_ids(small_course: Course) -> None:
    cells = json.loads(build_source(small_course, "small"))["cells"]
    ids = [cell["id"] for cell in cells]
    assert ids == [
        "introduction",
        "introduction-1",
        "double_solution",
        "double",
        "double-1",
        "halve_solution",
        "halve",
        "why",
    ]


def test_a_new_cell_leaves_the_other_ids_alone(small_course: Course) -> None:
    change(small_course, "# %% [markdown]\n# What comes out", "# %%\n1 + 1\n\n# %% [markdown]\n# What comes out")
    ids = [cell["id"] for cell in json.loads(build_source(small_course, "small"))["cells"]]
    assert ids[3:8] == ["double", "double-1", "double-2", "halve_solution", "halve"]


def test_editors_leave_nothing_behind(small_course: Course) -> None:
    marker = '# %% id="Xy7" colab={"base_uri": "x"} tags=["given"]'
    change(small_course, "# %%\nimport cnnkit", f"{marker}\n\n\nimport cnnkit")
    cell = json.loads(build_source(small_course, "small"))["cells"][1]
    assert cell["metadata"] == {"tags": ["given"]}
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert b"lines_to_next_cell" not in build_source(small_course, "small")


def test_nbgrader_metadata_is_completed(small_course: Course) -> None:
    cells = {cell["id"]: cell for cell in json.loads(build_source(small_course, "small"))["cells"]}
    assert cells["double"]["metadata"]["nbgrader"] == {
        "grade": True,
        "grade_id": "double",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
    }


def test_magics_become_magics(small_course: Course) -> None:
    change(small_course, "import cnnkit\n\ncnnkit", "# %matplotlib inline\nimport cnnkit\n\ncnnkit")
    cell = json.loads(build_source(small_course, "small"))["cells"][1]
    assert cell["source"][0] == "%matplotlib inline\n"


def test_an_id_that_is_taken(small_course: Course) -> None:
    change(small_course, '"grade_id": "halve_solution"', '"grade_id": "double-1"')
    with pytest.raises(ReleaseError, match=r"cell 5: its id would be 'double-1'"):
        build_source(small_course, "small")


def test_a_grade_id_nobody_can_use(small_course: Course) -> None:
    change(small_course, '"grade_id": "halve_solution"', '"grade_id": "half of it"')
    with pytest.raises(ReleaseError, match=r"cell 6 \(half of it\): expected a grade_id of letters"):
        build_source(small_course, "small")


def test_missing_source_and_unknown_assignment(small_course: Course) -> None:
    source(small_course).unlink()
    with pytest.raises(ReleaseError, match=r"solutions/small/small\.py is missing"):
        build_source(small_course, "small")
    with pytest.raises(CourseError, match="no assignment 'smal'"):
        build_source(small_course, "smal")

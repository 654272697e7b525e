from __future__ import annotations

import msgspec
import pytest

from autograder.course.config import Course
from autograder.release import ReleaseError, build_source


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"grade_id": "halve_solution"', '"grade_id": "double_solution"', r"cell 6 \(double_solution.*cell 3"),
        ('"points": 2', '"points": 3', r"cell 4 \(double\): is worth 3 points, course\.toml says 2"),
        ('"points": 2, ', "", r"cell 4 \(double\): has no points, course\.toml says 2"),
        ('"points": 4', '"points": 5', r"cell 8 \(why\): is worth 5 points, course\.toml says 4"),
        ('"grade_id": "halve",', '"grade_id": "third",', r"course\.toml has no 'third' under points"),
        ('"grade_id": "halve",', '"grade_id": "third",', "has the exercise 'halve', but no graded cell"),
        ('"grade_id": "why"', '"grade_id": "because"', "has the exercise 'why', but no graded cell"),
        ("cnnkit.check.halve(halve)", "cnnkit.check.double(halve)", r"cell 7 \(halve\): expected a call of"),
        ("cnnkit.check.halve(halve)", "# cnnkit.check.halve(halve)", r"cell 7 \(halve\): expected a call of"),
        ("cnnkit.check.halve(halve)", "cnnkit.check.halve(", r"cell 7 \(halve\): expected a call of"),
        (
            "cnnkit.check.halve(halve)",
            "cnnkit.check.halve(halve)\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS",
            r"cell 7 \(halve\): holds hidden",
        ),
        (
            '"points": 3, "solution": false',
            '"points": 3, "solution": true',
            r"no 'halve' under written \(it stands under points: is the cell's `solution` flag right",
        ),
        ('"grade_id": "halve_solution", ', "", "cell 6: has nbgrader metadata but no grade_id"),
        ("    ### BEGIN SOLUTION\n    return number / 2\n    ### END SOLUTION", "    return 1", "without BEGIN"),
        ('"locked": false, "points": 4', '"locked": "no", "points": 4', "the notebook is not valid"),
    ],
)
def test_source_and_course_must_agree(small_course: Course, old: str, new: str, said: str) -> None:
    path = small_course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ReleaseError, match=said) as error:
        build_source(small_course, "small")
    assert "solutions/small/small.py" in str(error.value)


def test_every_problem_is_told_at_once(small_course: Course) -> None:
    path = small_course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8").replace('"points": 2', '"points": 1').replace('"points": 3', '"points": 1')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError) as error:
        build_source(small_course, "small")
    assert len(str(error.value).splitlines()) == 2


def test_a_check_called_by_its_short_name(small_course: Course) -> None:
    path = small_course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8").replace("cnnkit.check.halve(halve)", "check.halve(halve)")
    path.write_text(text, encoding="utf-8")
    assert b'"check.halve(halve)"' in build_source(small_course, "small")


def test_the_text_tells_what_an_exercise_forbids(small_course: Course) -> None:
    forbid = {"double": ["keras", "numpy.convolve"]}
    assignment = msgspec.structs.replace(small_course.assignment("small"), forbid=forbid)
    course = msgspec.structs.replace(small_course, assignments={"small": assignment})
    rule = "Do not use `keras` or `numpy.convolve` in this exercise."
    with pytest.raises(ReleaseError, match="forbids something in the exercise 'double'.*" + rule):
        build_source(course, "small")
    path = small_course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8")
    broken = rule.replace(" in this", "\n# in this")
    path.write_text(f"{text}\n# %% [markdown]\n# {broken}\n", encoding="utf-8")
    assert b"Do not use `keras` or `numpy.convolve`" in build_source(course, "small")

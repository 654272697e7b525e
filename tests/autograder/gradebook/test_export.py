"""nbgrader's table of grades: no score where there is none, 0 only for those who handed in nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.database import open_gradebook, record_release
from autograder.gradebook.export import COLUMNS


@pytest.fixture
def course(released_course: Course) -> Course:
    """A course with a submission for each case."""
    directory = course_directory(released_course, nbgrader_settings(released_course))
    record_release(released_course, "small", directory)
    with open_gradebook(directory) as book:
        for student in ("absent", "graded", "late", "too_late", "half_graded", "by_hand", "ungradable"):
            book.add_student(student, last_name="O, X")
        for student in ("graded", "late", "too_late", "half_graded", "by_hand"):
            (notebook,) = book.add_submission("small", student).notebooks
            for name in ("double", "halve"):
                book.find_grade(name, "small", "small", student).auto_score = 1.5
            notebook.late_submission_penalty = {"late": 1.0, "too_late": 10.0}.get(student, 0.0)
        for student in ("half_graded", "by_hand"):
            book.find_grade("halve", "small", "small", student).auto_score = None
        book.find_grade("halve", "small", "small", "by_hand").manual_score = 2.0
        book.db.commit()
    (released_course.root / "submitted/ungradable/small").mkdir(parents=True)
    return released_course


def test_scores(course: Course, nbgrader: Callable[..., int]) -> None:
    assert nbgrader("export", "--to=all.csv") == 0
    with (course.root / "all.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = {row["student_id"]: row for row in reader}
        assert reader.fieldnames == list(COLUMNS)
    assert {
        student: (row["raw_score"], row["late_submission_penalty"], row["score"]) for student, row in rows.items()
    } == {
        "absent": ("0.0", "0.0", "0.0"),
        "graded": ("3.0", "0.0", "3.0"),
        "late": ("3.0", "1.0", "2.0"),
        "too_late": ("3.0", "10.0", "0.0"),
        "half_graded": ("", "", ""),
        "by_hand": ("3.5", "0.0", "3.5"),
        "ungradable": ("", "", ""),
    }
    assert {(row["last_name"], row["max_score"]) for row in rows.values()} == {("O, X", "9.0")}

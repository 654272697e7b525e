"""The gradebook knows what the release holds, and gives up automatic marks without losing what a TA gave by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.database import (
    GradebookError,
    automatic_scores,
    open_gradebook,
    record_release,
    server_lock,
    withdraw,
)


@pytest.fixture
def course(released_course: Course) -> Course:
    return released_course


@pytest.fixture
def directory(course: Course) -> CourseDirectory:
    """The course as nbgrader sees it; its gradebook has the release and a submission of "a", worth 1 + 2 points."""
    directory = course_directory(course, nbgrader_settings(course))
    record_release(course, "small", directory)
    with open_gradebook(directory) as book:
        book.add_student("a")
        book.add_submission("small", "a")
        book.find_grade("double", "small", "small", "a").auto_score = 1.0
        book.find_grade("halve", "small", "small", "a").auto_score = 2.0
        book.db.commit()
    return directory


def contents(course: Course) -> Any:
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        notebook = book.find_notebook("small", "small")
        cells = sorted(
            (cell.name, cell.cell_type, cell.locked, cell.checksum, cell.source) for cell in notebook.source_cells
        )
        worth = sorted((cell.name, cell.max_score, cell.cell_type) for cell in notebook.grade_cells)
        return cells, worth, sorted(cell.name for cell in notebook.solution_cells), json.loads(notebook.kernelspec)


def test_the_gradebook_learns_what_generate_assignment_would_tell_it(
    course: Course, nbgrader: Callable[..., int], empty_gradebook: Path
) -> None:
    directory = course_directory(course, nbgrader_settings(course))
    before = (course.root / "assignments/small/small.ipynb").read_bytes()
    assert record_release(course, "small", directory) is True
    assert record_release(course, "small", directory) is False
    assert (course.root / "assignments/small/small.ipynb").read_bytes() == before
    ours = contents(course)
    shutil.copy(empty_gradebook, course.root / "gradebook.db")
    assert nbgrader("generate_assignment", "small", "--force") == 0
    assert contents(course) == ours
    assert record_release(course, "small", directory) is False


def score_by_hand(book: Gradebook) -> None:
    book.find_grade("why", "small", "small", "a").manual_score = 3.0


def zero_by_hand(book: Gradebook) -> None:
    book.find_grade("why", "small", "small", "a").manual_score = 0.0


def extra_credit(book: Gradebook) -> None:
    book.find_grade("double", "small", "small", "a").extra_credit = 0.5


def comment(book: Gradebook) -> None:
    book.find_comment("why", "small", "small", "a").manual_comment = "Come and see me."


def test_a_submission_that_nobody_marked_is_removed(course: Course, directory: CourseDirectory) -> None:
    assert automatic_scores(course, "small", directory) == {"a": 3.0}
    withdraw("small", "a", directory)
    assert automatic_scores(course, "small", directory) == {}
    with open_gradebook(directory) as book, pytest.raises(MissingEntry):
        book.find_submission("small", "a")


@pytest.mark.parametrize("mark", [score_by_hand, zero_by_hand, extra_credit, comment])
def test_what_a_person_gave_stays_and_the_automatic_marks_become_empty(
    course: Course, directory: CourseDirectory, mark: Callable[[Gradebook], None]
) -> None:
    with open_gradebook(directory) as book:
        mark(book)
        book.db.commit()
        given = hand_given(book)
    withdraw("small", "a", directory)
    assert automatic_scores(course, "small", directory) == {"a": None}
    with open_gradebook(directory) as book:
        assert hand_given(book) == given
        assert book.find_submission("small", "a").needs_manual_grade


def hand_given(book: Gradebook) -> Any:
    (notebook,) = book.find_submission("small", "a").notebooks
    grades = sorted((grade.name, grade.manual_score, grade.extra_credit) for grade in notebook.grades)
    return grades, sorted((one.name, one.manual_comment) for one in notebook.comments)


def test_withdrawing_what_is_not_there_does_nothing(course: Course, directory: CourseDirectory) -> None:
    withdraw("small", "nobody", directory)
    assert automatic_scores(course, "small", directory) == {"a": 3.0}


def test_a_database_that_does_not_open(course: Course, directory: CourseDirectory) -> None:
    (course.root / "gradebook.db").write_bytes(b"no database" * 100)
    with pytest.raises(GradebookError, match=r"file is not a database.*give the same command again"):
        automatic_scores(course, "small", directory)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg://ta:secret@127.0.0.1:1/course", "refused"),
        ("mysql://ta:secret@127.0.0.1:1/course", "the driver in the database's address, MySQLdb, is not installed"),
        ("oracle9://ta:secret@127.0.0.1:1/course", "the database's address cannot be read"),
        ("ta:secret@course", "the database's address cannot be read"),
        ("postgresql+psycopg://ta:secret@127.0.0.1:port/course", "the database's address cannot be read"),
        ("sqlite:////nowhere/secret/gradebook.db", "unable to open database file"),
    ],
)
def test_an_address_that_does_not_work_is_a_sentence(
    course: Course, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("NBGRADER_DB_URL", address)
    directory = course_directory(course, nbgrader_settings(course))
    with pytest.raises(GradebookError) as caught, server_lock(directory), open_gradebook(directory):
        raise AssertionError("it was opened")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)

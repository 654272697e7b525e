"""A class is converted in batches of bounded size; what fails there, and what is configured otherwise, by nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import Course
from autograder.gradebook import batch_conversion
from tests.autograder.gradebook.test_batch import World

pytestmark = pytest.mark.slow

POINTS = dict.fromkeys("abcde", (1.0, 1.0))


@pytest.fixture
def world(released_course: Course, tmp_path: Path) -> World:
    """A course in which five students have handed in."""
    world = World(released_course, tmp_path / "world")
    for student in POINTS:
        world.hand_in(student, "Because.")
    return world


@pytest.mark.parametrize(
    ("limits", "sizes"), [({}, [5]), ({"STUDENTS": 2}, [2, 2, 1]), ({"BYTES": 1}, [1, 1, 1, 1, 1])], ids=str
)
def test_a_transaction_has_so_many_students_or_so_large_notebooks(
    world: World, monkeypatch: pytest.MonkeyPatch, converted: list[str], limits: dict[str, int], sizes: list[int]
) -> None:
    found, store_marks = [], batch_conversion.store_marks

    def counted(book: Any, assignment: str, notebooks: Any, late: Any) -> set[str]:
        found.append(len(notebooks))
        return store_marks(book, assignment, notebooks, late)

    monkeypatch.setattr(batch_conversion, "store_marks", counted)
    for name, value in limits.items():
        monkeypatch.setattr(batch_conversion, name, value)
    assert world.grade(**POINTS).stored == list(POINTS)
    assert found == sizes
    assert converted == []


def test_a_folder_that_cannot_be_written_is_nbgraders_to_write(
    world: World, monkeypatch: pytest.MonkeyPatch, converted: list[str]
) -> None:
    write = batch_conversion.BatchConversion._write

    def refused(self: Any, notebook: Any) -> None:
        if notebook.student == "b":
            raise PermissionError("read-only file system")
        write(self, notebook)

    monkeypatch.setattr(batch_conversion.BatchConversion, "_write", refused)
    assert world.grade(**POINTS).stored == list(POINTS)
    assert converted == ["b"]
    assert (world.course.root / "autograded/b/small/small.ipynb").is_file()


def test_settings_that_a_batch_does_not_respect_are_respected_by_nbgrader(world: World, converted: list[str]) -> None:
    world.configure(
        "def note(assignment, student, notebooks):",
        "    with open('notes', 'a') as file:",
        "        file.write(student + ' ')",
        "c.Autograde.post_convert_hook = note",
    )
    report = world.grade(**POINTS)
    assert report.unsupported == ["c.Autograde.post_convert_hook"]
    assert report.stored == converted == list(POINTS)
    assert (world.course.root / "notes").read_text() == "a b c d e "

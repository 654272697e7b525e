"""course.toml is read strictly, and from anywhere inside the course; the kit's assignments need not stand in it."""

import pytest

from autograder.course.config import CourseError, load_course
from autograder.sandbox.protocol.limits import Limits
from cnnkit import assignments

GOOD = """
[course]
name = "C"
id = "c"
repository = "https://example.org/c"
[assignments.toy]
title = "Toy"
[assignments.toy.points]
data = 2
other = 1.5
"""


def test_found_from_a_folder_below(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD)
    (tmp_path / "a" / "b").mkdir(parents=True)
    course = load_course(tmp_path / "a" / "b")
    assert course.root == tmp_path
    assert course.assignment("toy").max_score == 3.5
    assert course.assignment("toy").limits.cell_seconds > 0


def test_unknown_assignment_names_the_known(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD)
    with pytest.raises(CourseError, match="'tou'; it has: toy"):
        load_course(tmp_path).assignment("tou")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[course", "course.toml"),
        (GOOD.replace('id = "c"', ""), "id"),
        (GOOD.replace("data = 2", 'data = "two"'), "points"),
        (GOOD + "\n[assignments.toy.limit]\ncell_seconds = 1\n", "limit"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(CourseError, match=said):
        load_course(tmp_path)


def test_no_course_at_all(tmp_path):
    with pytest.raises(CourseError, match="inside the course's folder"):
        load_course(tmp_path)


def test_the_kits_assignments_come_first_with_the_courses_limits(tmp_path):
    (tmp_path / "course.toml").write_text(
        GOOD + "\n[limits]\nmemory_mb = 100\n[assignments.lenet.limits]\noutput_kb = 1\n"
    )
    for name in assignments.all_assignments():
        (tmp_path / "solutions" / name).mkdir(parents=True)
    course = load_course(tmp_path)
    assert list(course.assignments) == [*assignments.all_assignments(), "toy"]
    for name, one in assignments.all_assignments().items():
        there = course.assignment(name)
        assert (there.title, there.points, there.written) == (one.title, one.points, one.written)
    assert course.assignment("mnist_convnet").limits == course.limits == Limits(memory_mb=100)
    assert course.assignment("lenet").limits == Limits(output_kb=1)


def test_an_assignment_whose_source_is_taken_away_is_not_in_the_course(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD)
    (tmp_path / "solutions" / "lenet").mkdir(parents=True)
    assert list(load_course(tmp_path).assignments) == ["lenet", "toy"]

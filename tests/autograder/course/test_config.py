"""course.toml is read strictly, and from anywhere inside the course; the kit's assignments need not stand in it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.cli import main
from autograder.commands.diagnosis import _course
from autograder.course.config import CourseError, load_course
from autograder.sandbox.protocol.limits import Limits
from cnnkit.catalog import index

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


def test_what_an_exercise_forbids_may_stand_in_the_course_too(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD + '[assignments.toy.forbid]\ndata = ["keras"]\n')
    assert load_course(tmp_path).assignment("toy").forbid == {"data": ["keras"]}


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
    for name in index.all_assignments():
        (tmp_path / "solutions" / name).mkdir(parents=True)
    course = load_course(tmp_path)
    assert list(course.assignments) == [*index.all_assignments(), "toy"]
    for name, one in index.all_assignments().items():
        there = course.assignment(name)
        assert (there.title, there.points, there.written) == (one.title, one.points, one.written)
    assert course.assignment("mnist_convnet").limits == course.limits == Limits(memory_mb=100)
    assert course.assignment("lenet").limits == Limits(output_kb=1)


def test_an_assignment_whose_source_is_taken_away_is_not_in_the_course(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD)
    (tmp_path / "solutions" / "lenet").mkdir(parents=True)
    assert list(load_course(tmp_path).assignments) == ["lenet", "toy"]


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A course with the assignments fine and broken, whose description is broken; `broken` lies in solutions/."""
    for name, text in (("fine", 'title = "Fine"\n[points]\ndata = 1\n'), ("broken", 'title = "B"\nodrer = 1\n')):
        (tmp_path / "kit" / name).mkdir(parents=True)
        (tmp_path / "kit" / name / "assignment.toml").write_text(text)
        (tmp_path / "course" / "solutions" / name).mkdir(parents=True)
    (tmp_path / "course" / "course.toml").write_text(GOOD)
    monkeypatch.setattr(index, "_folder", lambda: tmp_path / "kit")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "kit" / "broken" / "assignment.toml"


def test_a_broken_assignment_stops_itself_only(broken):
    course = load_course()
    assert list(course.assignments) == ["fine", "toy"]
    assert course.names == ["fine", "toy", "broken"]
    assert course.assignment("fine").points == {"data": 1}
    with pytest.raises(CourseError) as caught:
        course.assignment("broken")
    assert str(caught.value) == f"{broken}: unknown key 'odrer'. Did you mean 'order'?"


def test_an_entry_of_course_toml_does_not_mend_it(broken, tmp_path):
    (tmp_path / "course" / "course.toml").write_text(GOOD.replace("toy", "broken"))
    with pytest.raises(CourseError, match="unknown key 'odrer'"):
        load_course().assignment("broken")


def test_a_broken_assignment_that_is_not_in_the_course_is_not_its_business(broken, tmp_path):
    (tmp_path / "course" / "solutions" / "broken").rmdir()
    course = load_course()
    assert course.broken == {}
    with pytest.raises(CourseError, match="no assignment 'broken'"):
        course.assignment("broken")


@pytest.mark.parametrize(("command", "status"), [(["grade", "broken"], 2), (["audit", "broken"], 2)])
def test_commands_say_which_file_and_key(broken, command, status):
    done = CliRunner().invoke(main, command)
    assert done.exit_code == status
    assert "unknown key 'odrer'. Did you mean 'order'?" in " ".join(done.output.split())
    assert "course.toml" not in done.output


def test_grading_another_assignment_goes_on(broken):
    done = CliRunner().invoke(main, ["grade", "fine"])
    assert "odrer" not in done.output
    assert "fine" in done.output  # which has no rubric here


def test_doctor_blames_the_right_file(broken):
    found = _course(Path.cwd())
    assert (found.name, found.ok) == ("assignment.toml", False)
    assert found.detail == f"{broken}: unknown key 'odrer'. Did you mean 'order'?"


@pytest.mark.parametrize("entry", ["[assignments]\nlenet = 3\n", "assignments = 3\n"])
def test_an_entry_that_is_no_table_is_named(tmp_path, entry):
    (tmp_path / "solutions" / "lenet").mkdir(parents=True)
    (tmp_path / "course.toml").write_text(entry + GOOD.partition("[assignments")[0])
    with pytest.raises(CourseError, match=r"course\.toml: .*assignments"):
        load_course(tmp_path)

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from autograder.course.config import Course, CourseError
from autograder.release import ReleaseError, release

SOLUTION, RELEASE = "solutions/small/small.ipynb", "assignments/small/small.ipynb"


def kinds(changes: list) -> dict[str, str]:
    return {change.path: change.kind for change in changes}


def test_writes_both_notebooks_and_is_then_up_to_date(small_course: Course) -> None:
    assert kinds(release(small_course)) == {SOLUTION: "added", RELEASE: "added"}
    text = (small_course.root / RELEASE).read_text(encoding="utf-8")
    assert "YOUR CODE HERE" in text
    assert "total_of_both" not in text
    assert "4\\n" in text  # the expected output stays
    assert release(small_course) == []
    assert release(small_course, check=True) == []


def test_everyone_may_read_what_is_released(small_course: Course) -> None:
    release(small_course)
    for path in (SOLUTION, RELEASE):
        assert stat.S_IMODE((small_course.root / path).stat().st_mode) == 0o644
    assert sorted(path.name for path in (small_course.root / RELEASE).parent.iterdir()) == ["small.ipynb"]


def test_check_writes_nothing_and_shows_the_difference(small_course: Course) -> None:
    release(small_course)
    path = small_course.root / RELEASE
    path.write_text(path.read_text(encoding="utf-8").replace("Twice the number", "Thrice"), encoding="utf-8")
    before = path.read_bytes()
    (change,) = release(small_course, ["small"], check=True)
    assert (change.path, change.kind) == (RELEASE, "changed")
    assert "Thrice" in change.diff
    assert "+" in change.diff
    assert path.read_bytes() == before


def test_a_long_difference_is_cut(small_course: Course) -> None:
    (change, _) = release(small_course, check=True)
    assert len(change.diff.splitlines()) == 40
    assert change.diff.splitlines()[-1].endswith("more lines")


def test_strangers_are_reported_then_removed(small_course: Course) -> None:
    release(small_course)
    strangers = ["assignments/small/answers.txt", "assignments/old/old.ipynb"]
    for stranger in strangers:
        path = small_course.root / stranger
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    assert kinds(release(small_course, ["small"], check=True)) == {strangers[0]: "removed"}
    assert kinds(release(small_course)) == dict.fromkeys(strangers, "removed")
    assert not (small_course.root / "assignments/old").exists()
    assert (small_course.root / RELEASE).is_file()


def test_files_beside_the_notebook_are_released_but_not_its_source(small_course: Course) -> None:
    (small_course.root / "solutions/small/data.csv").write_text("1,2\n", encoding="utf-8")
    release(small_course)
    names = sorted(path.name for path in (small_course.root / "assignments/small").iterdir())
    assert names == ["data.csv", "small.ipynb"]


def test_a_second_notebook_beside_the_source_is_refused(small_course: Course) -> None:
    (small_course.root / "solutions/small/Untitled.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"Untitled\.ipynb.*Expected small\.ipynb alone"):
        release(small_course)


def test_what_leaks_is_not_written(small_course: Course) -> None:
    (small_course.root / "solutions/small/notes.md").write_text("total_of_both = number + number", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"gives away.*\n.*notes\.md, line 1: solution: total_of_both"):
        release(small_course)
    assert not (small_course.root / "assignments").exists()
    assert not (small_course.root / SOLUTION).exists()


def test_nbgraders_complaint_is_passed_on(small_course: Course) -> None:
    path = small_course.root / "solutions/small/small.py"
    text = path.read_text(encoding="utf-8").replace("    return total_of_both\n    ### END SOLUTION", "    pass")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match="no end solution statement found"):
        release(small_course)


def test_unknown_assignment_and_missing_settings(small_course: Course) -> None:
    with pytest.raises(CourseError, match="no assignment 'big'"):
        release(small_course, ["big"])
    (small_course.root / "nbgrader_config.py").unlink()
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py"):
        release(small_course)


def test_nbgrader_itself_writes_the_same_bytes(released_course: Course, nbgrader: Callable[..., int]) -> None:
    ours = (released_course.root / RELEASE).read_bytes()
    (released_course.root / RELEASE).unlink()
    assert nbgrader("generate_assignment", "small", "--force") == 0
    assert (released_course.root / RELEASE).read_bytes() == ours
    assert [path.name for path in (released_course.root / "assignments/small").iterdir()] == ["small.ipynb"]

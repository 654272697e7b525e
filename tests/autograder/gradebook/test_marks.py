"""The gradebook has the scorecards' marks, whatever the submissions, and nbgrader's commands go on from there."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import Course, CourseError
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.database import open_gradebook
from autograder.gradebook.marks import GradebookError, fill_gradebook, gradebook_lock, gradebook_scores
from autograder.intake import Ungradable, read_submission
from autograder.release import release
from autograder.results.scorecard import CheckResult, Scorecard, encode_card

pytestmark = pytest.mark.slow


@pytest.fixture
def course(released_course: Course) -> Course:
    return released_course


def card_for(course: Course, student: str, submitted: Path, **points: float) -> Scorecard:
    """A scorecard of what lies in `submitted`, with these points."""
    about: dict[str, Any] = {"assignment": "small", "student": student, "max_score": 5.0, "rubric": "r", "kit": "1"}
    try:
        submission = read_submission(submitted / student / "small", "small", student, course)
    except Ungradable as reason:
        return Scorecard(**about, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
    checks = [
        CheckResult(id=f"{name}.x", exercise=name, points=value, max_points=5, outcome="failed", message="no")
        for name, value in points.items()
    ]
    return Scorecard(**about, status="graded", score=sum(points.values()), checks=checks, submission=submission.digest)


def hand_in(course: Course, student: str, submitted: Path, name: str = "small.ipynb", data: bytes = b"") -> Path:
    folder = submitted / student / "small"
    folder.mkdir(parents=True)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data or (course.root / "assignments/small/small.ipynb").read_bytes())
    return path


def test_a_class_is_stored_and_the_rest_of_nbgrader_goes_on(
    course: Course, tmp_path: Path, nbgrader: Callable[..., int]
) -> None:
    submitted = tmp_path / "elsewhere (2)"  # any folder, with what a pattern would stumble over
    for student in ["ann[1]", "bob", "cleo"]:
        hand_in(course, student, submitted)
    hand_in(course, "dora", submitted, name="sub/SMALL.ipynb")
    hand_in(course, "egon", submitted, data=b"no notebook")
    points = {"ann[1]": (2.0, 3.0), "bob": (0.0, 0.0), "cleo": (0.1 + 0.2, 1 / 3), "dora": (1.0, 1.0), "egon": (0, 0)}
    cards = {
        student: card_for(course, student, submitted, double=double, halve=halve)
        for student, (double, halve) in points.items()
    }
    report = fill_gradebook(course, "small", cards, submitted)

    assert {student: entry.status for student, entry in report.entries.items()} == {
        **dict.fromkeys(["ann[1]", "bob", "cleo", "dora"], "stored"),
        "egon": "left out",
    }
    assert report.failed == {}
    assert "not a notebook" in report.entries["egon"].reason
    found = gradebook_scores(course, "small")
    assert set(found) == set(report.stored)
    for student in report.stored:
        assert found[student] == pytest.approx(cards[student].score, abs=1e-9)
        assert (course.root / "autograded" / student / "small/small.ipynb").is_file()
    assert not (course.root / "autograded/egon").exists()

    for student, card in cards.items():
        place = course.root / "graded/small" / student
        place.mkdir(parents=True)
        (place / "scorecard.json").write_bytes(encode_card(card))
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        book.add_student("egon", last_name="Eck, von")
        book.add_student("fay")
    assert nbgrader("generate_feedback", "small") == 0
    page = (course.root / "feedback/cleo/small/small.html").read_text(encoding="utf-8")
    assert "not yet, 0.3 of 5" in page
    assert nbgrader("export") == 0
    with (course.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {student: row["score"] for student, row in rows.items()} == {
        "ann[1]": "5.0",
        "bob": "0.0",
        "cleo": str(0.1 + 0.2 + 1 / 3),
        "dora": "2.0",
        "egon": "",  # ungradable: no score
        "fay": "0.0",  # handed in nothing
    }
    assert rows["egon"]["last_name"] == "Eck, von"
    assert rows["bob"]["max_score"] == "9.0"


def test_one_bad_student_never_stops_the_others(course: Course) -> None:
    submitted = course.root / "submitted"
    for student in ["a", "b", "c", "d", "e"]:
        hand_in(course, student, submitted)
    cards = {student: card_for(course, student, submitted, double=1, halve=2) for student in "abcde"}
    (submitted / "a/small/small.ipynb").write_bytes(b"changed since")
    cards["b"] = card_for(course, "b", submitted, double=2)
    cards["c"] = card_for(course, "c", submitted, double=2.5, halve=1)
    (submitted / "d/small/timestamp.txt").write_text("the day before yesterday", encoding="utf-8")
    cards["d"] = card_for(course, "d", submitted, double=1, halve=2)
    report = fill_gradebook(course, "small", cards, submitted)
    assert report.stored == ["d", "e"]
    assert {student: reason.split(":")[0] for student, reason in report.failed.items()} == {
        "a": "autograder.intake.submission.Ungradable",
        "b": "ValueError",
        "c": "ValueError",
    }
    assert report.doubts == {"d": "timestamp.txt holds no time"}
    assert "no checks for the graded cell 'halve'" in report.failed["b"]
    assert "give 2.5 points, their cell is worth 2" in report.failed["c"]
    assert gradebook_scores(course, "small") == {"d": 3.0, "e": 3.0}


def test_filling_again_updates_and_keeps_what_people_gave(course: Course) -> None:
    submitted = course.root / "submitted"
    hand_in(course, "a", submitted)
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)
    directory = course_directory(course, nbgrader_settings(course))
    with open_gradebook(directory) as book:
        book.find_grade("why", "small", "small", "a").manual_score = 3.0
        book.find_comment("why", "small", "small", "a").manual_comment = "Good."
        book.db.commit()
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=2, halve=1)}, submitted)
    assert gradebook_scores(course, "small") == {"a": 3.0}
    with open_gradebook(directory) as book:
        assert book.find_submission("small", "a").score == 6.0
        assert book.find_comment("why", "small", "small", "a").comment == "Good."


def test_an_ungradable_second_submission_takes_the_mark_back(course: Course) -> None:
    submitted = course.root / "submitted"
    path = hand_in(course, "a", submitted)
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)
    path.write_bytes(b"")
    report = fill_gradebook(course, "small", {"a": card_for(course, "a", submitted)}, submitted)
    assert report.entries["a"].status == "left out"
    assert gradebook_scores(course, "small") == {}
    assert not (course.root / "autograded/a/small").exists()


def test_a_timestamp_reaches_the_gradebook(course: Course) -> None:
    submitted = course.root / "submitted"
    path = hand_in(course, "a", submitted)
    path.with_name("timestamp.txt").write_text("2024-05-06 07:08:09 UTC", encoding="utf-8")
    os.utime(path.with_name("timestamp.txt"), (1714979400, 1714979400))
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)
    with open_gradebook(course_directory(course, nbgrader_settings(course))) as book:
        assert str(book.find_submission("small", "a").timestamp) == "2024-05-06 07:08:09"


def change_source(course: Course, old: str, new: str, file: str = "solutions/small/small.py") -> None:
    path = course.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_changed_release_is_recorded_until_submissions_forbid_it(course: Course) -> None:
    submitted = course.root / "submitted"
    hand_in(course, "a", submitted)
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)
    change_source(course, "Half the number.", "One half of it.")
    release(course)
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=2, halve=1)}, submitted)
    assert gradebook_scores(course, "small") == {"a": 3.0}
    change_source(course, '"grade_id": "halve_solution"', '"grade_id": "half"')
    release(course)
    with pytest.raises(GradebookError, match="already has submissions"):
        fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)


def test_no_release_no_settings(small_course: Course) -> None:
    with pytest.raises(
        GradebookError, match=r"assignments/small/small\.ipynb is missing; run `autograder release small`"
    ):
        fill_gradebook(small_course, "small", {}, small_course.root / "submitted")
    (small_course.root / "nbgrader_config.py").unlink()
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py"):
        gradebook_scores(small_course, "small")


def test_another_database(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NBGRADER_DB_URL", f"sqlite:///{tmp_path}/other.db")
    (course.root / "gradebook.db").rename(tmp_path / "other.db")
    submitted = course.root / "submitted"
    hand_in(course, "a", submitted)
    fill_gradebook(course, "small", {"a": card_for(course, "a", submitted, double=1, halve=1)}, submitted)
    assert gradebook_scores(course, "small") == {"a": 2.0}
    assert not (course.root / "gradebook.db").exists()


def test_a_folder_in_which_nothing_can_be_written_is_named(small_course: Course) -> None:
    small_course.layout.gradebook_lock.mkdir()
    said = r"\.gradebook\.lock cannot be written \(Is a directory\)"
    with pytest.raises(GradebookError, match=said), gradebook_lock(small_course):
        pass

"""nbgrader's folders get regular files that we copied, whatever stands in a submission."""

import mimetypes
import os

import pytest

from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook.database import record_release
from autograder.gradebook.marks import fill_gradebook, gradebook_scores
from autograder.gradebook.submitted_copy import copy_submission, is_page, make_private
from autograder.grading import on_demand
from autograder.intake.files import Unreadable
from tests.autograder.gradebook.test_preprocessors import card_for

SECRET = "a secret: 4711-0815"


def hand_in(course, student):
    """A submission with a link to a file, one to a folder, one to a device, a pipe, and an honest file."""
    secret = course.root / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    folder = course.root / "submitted" / student / "small"
    (folder / "records").mkdir(parents=True)
    (folder / "small.ipynb").write_bytes((course.root / "assignments/small/small.ipynb").read_bytes())
    (folder / "records/mine.txt").write_text("mine", encoding="utf-8")
    (folder / "notes.txt").symlink_to(secret)
    (folder / "all").symlink_to(course.root)
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "timestamp.txt").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    return folder


def copied(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_regular_files_alone_are_copied(released_course, tmp_path):
    folder = hand_in(released_course, "mallory")
    copy_submission(folder, tmp_path / "copy", ["*.pyc"])
    assert copied(tmp_path / "copy") == ["records/mine.txt"]
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700


def test_pages_are_left_out_where_formgrader_serves_them(released_course, tmp_path):
    folder = hand_in(released_course, "mallory")
    pages = ["me.html", "me.SVG", "records/me.xhtml", "me.html.", "me.html.gz", "me.xml", "a.mhtml"]
    for name in [*pages, "plot.png", "helper.py", "html.txt"]:
        (folder / name).write_text("<script>top.ran = 1</script>", encoding="utf-8")
    copy_submission(folder, tmp_path / "copy")
    assert copied(tmp_path / "copy") == ["helper.py", "html.txt", "plot.png", "records/mine.txt"]
    copy_submission(folder, tmp_path / "all", whole=True)
    assert set(pages) < set(copied(tmp_path / "all"))


def test_what_the_browser_would_take_for_a_page_is_one_whatever_the_table_of_endings():
    served = {ending: mimetypes.guess_type(f"me{ending}")[0] or "" for ending in mimetypes.types_map}
    pages = [ending for ending, kind in served.items() if kind.endswith(("/html", "/xml", "+xml"))]
    assert ".svg" in pages
    assert [ending for ending in pages if not is_page(f"me{ending}")] == []
    assert is_page("ME.SVG")
    assert is_page("Me.Xhtml ")


def test_a_student_who_is_a_link_is_not_copied(released_course, tmp_path):
    hand_in(released_course, "s01")
    (released_course.root / "submitted/mallory").symlink_to("s01")
    with pytest.raises(Unreadable, match="symbolic link"):
        copy_submission(released_course.root / "submitted/mallory/small", tmp_path / "copy")


def test_filling_the_gradebook_copies_nothing_else(released_course):
    course = released_course
    hand_in(course, "mallory")
    report = fill_gradebook(course, "small", {"mallory": card_for(course, "mallory")}, course.root / "submitted")
    assert report.stored == ["mallory"]
    assert copied(course.root / "autograded/mallory/small") == ["records/mine.txt", "small.ipynb"]
    assert list(report.doubts) == ["mallory"]


def test_nbgrader_alone_copies_nothing_else(released_course, nbgrader, monkeypatch):
    course = released_course
    hand_in(course, "mallory")
    (course.root / "submitted/carol").symlink_to("mallory")
    monkeypatch.setattr(on_demand, "grade_on_demand", lambda task, course: card_for(course, task.student))
    record_release(course, "small", course_directory(course, nbgrader_settings(course)))
    assert nbgrader("autograde", "small") == 1  # carol is named
    assert nbgrader("autograde", "small") == 1  # and the timestamp is no file to wait for
    assert list(gradebook_scores(course, "small")) == ["mallory"]
    assert copied(course.root / "autograded/mallory/small") == ["records/mine.txt", "small.ipynb"]
    assert nbgrader("generate_feedback", "small") == 0
    for folder in ("autograded", "feedback"):
        assert not (course.root / folder / "carol").exists()
        for path in (course.root / folder).rglob("*"):
            assert path.is_dir() or SECRET.encode() not in path.read_bytes()


def test_folders_with_marks_are_private(released_course):
    directory = course_directory(released_course, nbgrader_settings(released_course))
    (released_course.root / "autograded").mkdir(mode=0o755)
    make_private(directory)
    for name in ("autograded", "feedback"):
        assert (released_course.root / name).stat().st_mode & 0o777 == 0o700

"""nbgrader's settings are those of the course's own file; its log is captured, not printed."""

import logging
from pathlib import Path

import pytest

from autograder.course.config import Course, CourseError
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings, quiet_log


def test_the_settings_are_those_of_the_course(small_course: Course, tmp_path: Path) -> None:
    directory = course_directory(small_course, nbgrader_settings(small_course), submitted_directory=str(tmp_path))
    assert (directory.course_id, directory.source_directory) == ("small", "solutions")
    assert Path(directory.root) == small_course.root
    assert directory.submitted_directory == str(tmp_path)


def test_a_course_without_settings(small_course: Course) -> None:
    (small_course.root / "nbgrader_config.py").unlink()
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py"):
        nbgrader_settings(small_course)


def test_the_log_is_captured_from_a_level_on(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet_log(logging.WARNING) as (log, lines):
        log.info("nothing")
        log.warning("one of %d", 2)
        log.error("two")
    assert lines == ["one of 2", "two"]
    assert capsys.readouterr() == ("", "")

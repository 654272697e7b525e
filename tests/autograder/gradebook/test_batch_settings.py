"""The shipped settings are supported; whatever the batch does not respect is named."""

from __future__ import annotations

import pytest
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput, SaveAutoGrades

from autograder.course.config import Course
from autograder.course.nbgrader_settings import nbgrader_settings
from autograder.gradebook.batch_settings import unsupported_settings
from autograder.gradebook.preprocessors import SubmissionExporter, UseScorecard


def settings(course: Course, *lines: str) -> list[str]:
    path = course.root / "nbgrader_config.py"
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *lines]), encoding="utf-8")
    return unsupported_settings(nbgrader_settings(course))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "c.LateSubmissionPlugin.penalty_method = 'zero'",
        "c.Autograde.exclude_overwriting = {'small': ['own.csv']}",
        "c.Autograde.permissions = 640",
        "c.LimitOutput.max_lines = 10",
        "c.CourseDirectory.submitted_directory = 'incoming'",
        "c.CourseDirectory.groupshared = True",
        "c.UseScorecard.graded = 'results'",
        "c.GenerateFeedback.force = True",
        "c.Exchange.root = '/srv/exchange'",
    ],
)
def test_supported(small_course: Course, line: str) -> None:
    assert settings(small_course, line) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("c.Autograde.post_convert_hook = 'os.path.join'", "c.Autograde.post_convert_hook"),
        ("c.BaseConverter.post_convert_hook = 'os.path.join'", "c.BaseConverter.post_convert_hook"),
        ("c.Autograde.pre_convert_hook = 'os.path.join'", "c.Autograde.pre_convert_hook"),
        (
            "c.Autograde.autograde_preprocessors.insert(0, 'nbgrader.preprocessors.IgnorePattern')",
            "c.Autograde.autograde_preprocessors",
        ),
        ("c.Autograde.autograde_preprocessors.pop()", "c.Autograde.autograde_preprocessors"),
        ("del c.Autograde.autograde_preprocessors", "c.Autograde.autograde_preprocessors"),
        (
            "c.Autograde.sanitize_preprocessors = ['nbgrader.preprocessors.ClearOutput']",
            "c.Autograde.sanitize_preprocessors",
        ),
        ("c.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'", "c.Autograde.exporter_class"),
        ("c.Autograde.create_student = False", "c.Autograde.create_student"),
        ("c.CourseDirectory.student_id_exclude = 'a'", "c.CourseDirectory.student_id_exclude"),
        ("c.SaveAutoGrades.enabled = False", "c.SaveAutoGrades.enabled"),
        ("c.NbGraderPreprocessor.enabled = False", "c.NbGraderPreprocessor.enabled"),
        ("c.NotebookExporter.nbformat_version = 3", "c.NotebookExporter.nbformat_version"),
        ("c.FilesWriter.files = ['*.csv']", "c.FilesWriter.files"),
    ],
)
def test_unsupported(small_course: Course, line: str, found: str) -> None:
    assert settings(small_course, line) == [found]


def test_classes_are_as_good_as_their_names(small_course: Course) -> None:
    config = nbgrader_settings(small_course)
    config.Autograde.autograde_preprocessors = [UseScorecard, LimitOutput, SaveAutoGrades, AssignLatePenalties]
    config.Autograde.exporter_class = SubmissionExporter
    assert unsupported_settings(config) == []

"""The settings of nbgrader under which many submissions can be converted at once, see `autograder.gradebook.batch`."""

from __future__ import annotations

from typing import Any

from nbconvert.writers.files import FilesWriter
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput, SaveAutoGrades

from autograder.gradebook.preprocessors import SubmissionExporter, UseScorecard, expect_notebook

_CLASSES = (
    Autograde,
    SubmissionExporter,
    FilesWriter,
    CourseDirectory,
    UseScorecard,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    LateSubmissionPlugin,
)
"""The configurable classes that take part in nbgrader's conversion as `nbgrader_config.py` sets it up."""

_EXPECTED: dict[str, Any] = {
    "exporter_class": SubmissionExporter,
    "pre_convert_hook": expect_notebook,
    "sanitize_preprocessors": [],
    "autograde_preprocessors": [UseScorecard, LimitOutput, SaveAutoGrades, AssignLatePenalties],
}
"""Settings of `c.Autograde` whose effect the batch has, and no other."""

_HONOURED = {
    *(("Autograde", name) for name in (*_EXPECTED, "exclude_overwriting", "force", "permissions")),
    *(("BaseConverter", name) for name in ("force", "permissions")),
    *(("LimitOutput", name) for name in ("enabled", "max_lines", "max_traceback")),
    ("UseScorecard", "graded"),
    ("AssignLatePenalties", "plugin_class"),
    ("LateSubmissionPlugin", "penalty_method"),
}

_LEFT_OUT = {"notebook_id", "student_id_exclude"}
"""Settings of `c.CourseDirectory` that choose what is converted; the others name folders and the database."""


def unsupported_settings(config: Any) -> list[str]:
    """List the settings that only nbgrader's own conversion of one submission after the other respects.

    Args:
        config: from `nbgrader_settings`.

    Returns:
        Their names as in nbgrader_config.py, sorted; none for the course's file as it is shipped.
    """
    found = {
        f"c.Autograde.{name}"
        for name, value in _EXPECTED.items()
        if _names(config.Autograde.get(name)) != _names(value)
    }
    sections = {section for each in _CLASSES for section in each.section_names()}
    for section in sections & set(config):
        for name in config[section]:
            if (name in _LEFT_OUT) if section == "CourseDirectory" else ((section, name) not in _HONOURED):
                found.add(f"c.{section}.{name}")
    return sorted(found)


def _names(value: object) -> object:
    """A class or function by its full name, as a setting may give it; lists of them likewise."""
    if isinstance(value, list):
        return [_names(one) for one in value]
    name = getattr(value, "__qualname__", None)
    if name is None or isinstance(value, str):
        return value
    module = value.__module__
    if module.startswith("nbgrader.preprocessors."):  # where its classes are written, and imported from
        module = "nbgrader.preprocessors"
    return f"{module}.{name}"

"""nbgrader's settings as its own commands read them, for running its converters inside this program."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograder.course.config import Course, CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

FILE = "nbgrader_config.py"


def nbgrader_settings(course: Course) -> Config:
    """The course's nbgrader_config.py.

    Raises:
        CourseError: there is none in the course's folder.
    """
    from traitlets.config.loader import PyFileConfigLoader

    if not (course.root / FILE).is_file():
        raise CourseError(f"no {FILE} in {course.root}; nbgrader's commands and the gradebook need it")
    return PyFileConfigLoader(FILE, path=str(course.root)).load_config()


def course_directory(course: Course, config: Config, **changes: str) -> CourseDirectory:
    """The course's folder as nbgrader sees it.

    Args:
        course: gives the root.
        config: from `settings`.
        **changes: attributes of nbgrader's CourseDirectory that differ from the settings.
    """
    from nbgrader.coursedir import CourseDirectory

    return CourseDirectory(config=config, **{"root": str(course.root.resolve()), **changes})


class LogLines(logging.Handler):
    """Keeps what was logged, as text."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.lines.append(record.getMessage())


@contextmanager
def quiet_log(level: int = logging.ERROR) -> Iterator[tuple[logging.Logger, list[str]]]:
    """A logger for nbgrader that keeps its messages of `level` and above instead of printing them."""
    handler = LogLines(level)
    logger = logging.Logger("nbgrader", level)
    logger.addHandler(handler)
    yield logger, handler.lines

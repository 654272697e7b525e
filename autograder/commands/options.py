"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from autograder.course.config import load_course

FOLDER = click.Path(file_okay=False, path_type=Path)
"""Type of an option that names a folder, which need not exist."""

submitted_option = click.option(
    "--submitted",
    type=FOLDER,
    default=Path("submitted"),
    show_default=True,
    help="Folder of the submissions, laid out as nbgrader does: <student>/<assignment>/<assignment>.ipynb.",
)


def jobs_option(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Option `--jobs`, at most 256.

    Args:
        what: what is processed in parallel: "Submissions".
    """
    help_text = f"{what} at a time.  [default: the number of cores]"
    return click.option("--jobs", type=click.IntRange(1, 256), help=help_text)


def with_course(command: Callable[..., None]) -> Callable[..., None]:
    """Pass the command, as its first argument, the course that the working directory belongs to.

    Raises (when called):
        CourseError: there is no course, or it cannot be read.
    """

    @wraps(command)
    def run(**options: Any) -> None:
        command(load_course(), **options)

    return run

"""Copies of submitted files for nbgrader's folders: regular files only, copied by us, and no more than intake reads.

nbgrader itself copies whatever stands in a submission, through symbolic links and from devices. Its feedback would
bring any file that the grader can read back to the student. And formgrader serves what lies in autograded/ from its own
address: a page there runs with the rights of the person who opens it.
"""

from __future__ import annotations

import fnmatch
import mimetypes
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.gradebook.timestamps import TIMESTAMP, submission_time
from autograder.intake.files import NO_FILES, SubmittedFolder, Unreadable
from autograder.intake.submission import Ungradable

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

PRIVATE = 0o700
"""Mode of folders with marks or answers."""

_PAGE_TYPES = ("text/html", "message/rfc822", "multipart/related", "application/x-mimearchive")
_PAGE_ENDINGS = (  # machines without a table of types know few of them
    *(".htm", ".html", ".xhtml", ".xht", ".shtml", ".phtml", ".mht", ".mhtml", ".eml", ".hta", ".htc", ".swf"),
    *(".svg", ".svgz", ".xml", ".xsl", ".xslt", ".xbl", ".rdf", ".rss", ".atom", ".mathml", ".mml", ".xul", ".vml"),
)


def copy_submission(folder: Path, target: Path, ignore: Sequence[str] = (), *, whole: bool = False) -> None:
    """Copy the files of a submission, and nbgrader's timestamp.txt if it is believed.

    Notebooks are left out, since they are written anew, and so are files that a browser shows as a page.

    Args:
        folder: <submitted>/<student>/<assignment>.
        target: the folder to copy to; it is made if it is missing.
        ignore: patterns of names that are left out, as in nbgrader's `c.CourseDirectory.ignore`.
        whole: True to copy those, too: for submitted/, which nothing serves.

    Raises:
        Unreadable: the folder cannot be opened, or a file changed while it was copied.
        OSError: the copy cannot be written.
    """
    with SubmittedFolder(folder) as submitted:
        target.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        left_out = ignore if whole else (*ignore, "*.ipynb")
        for entry in submitted.entries:
            if entry.problem or _ignored(entry.path, left_out) or (not whole and is_page(entry.path)):
                continue
            place = target / entry.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            with place.open("xb") as file:
                submitted.copy(entry, file)
    time = submission_time(folder)
    if time.text:
        (target / TIMESTAMP).write_text(time.text, encoding="utf-8")
        os.utime(target / TIMESTAMP, (time.written, time.written))


def is_page(name: str) -> bool:
    """Tell whether a browser may show a file as a page, with the scripts in it.

    Args:
        name: the file's name or path.

    Example:
        >>> is_page("plot.SVG"), is_page("plot.html.gz"), is_page("plot.png"), is_page("helper.py")
        (True, True, False, False)
    """
    lower = Path(name).name.lower().rstrip(". ")
    endings = {f".{part}" for part in lower.split(".")[1:]}
    kind = mimetypes.guess_type(lower)[0] or ""
    return bool(endings & set(_PAGE_ENDINGS)) or kind in _PAGE_TYPES or kind.endswith(("/xml", "+xml"))


def use_submitted_copies(converter: Any) -> None:
    """Let one of nbgrader's `Autograde` converters take our copies and believed timestamps instead of its own.

    Args:
        converter: changed in place.
    """
    directory = converter.coursedir
    init_assignment = converter.init_assignment
    directory.get_existing_timestamp = lambda folder: submission_time(Path(folder)).time

    def init_from_copies(assignment: str, student: str) -> None:
        from autograder.gradebook.database import withdraw

        folder, target = (
            Path(path(assignment, student)) for path in (converter._format_source, converter._format_dest)
        )
        try:
            copy_submission(folder, target, directory.ignore)
        except Unreadable as error:
            withdraw(assignment, student, directory)
            raise Ungradable(f"The folder {student}/{assignment} {error}.", NO_FILES) from None
        with tempfile.TemporaryDirectory() as empty:  # nbgrader copies what it finds there: the timestamp at most
            if (target / TIMESTAMP).is_file():
                shutil.copy2(target / TIMESTAMP, Path(empty, TIMESTAMP))
            converter._format_source = lambda *_, **__: empty
            try:
                init_assignment(assignment, student)
            finally:
                del converter._format_source

    converter.init_assignment = init_from_copies


def make_private(directory: CourseDirectory) -> None:
    """Make autograded/ and feedback/ folders that only their owner enters, unless the course shares them by group."""
    if directory.groupshared:
        return
    for name in (directory.autograded_directory, directory.feedback_directory):
        folder = Path(directory.root, name)
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.geteuid():
            folder.chmod(PRIVATE)


def _ignored(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(part, pattern) for part in path.split("/") for pattern in patterns)

"""Students of a class: the folders `submitted/<student>/<assignment>`, and those that are left out by name."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.course.layout import submission_folder
from autograder.intake.files import CHECKPOINTS
from autograder.results.store import TABLES
from cnnkit.text import one_line


@dataclass(frozen=True)
class Students:
    """Students who have handed something in.

    Attributes:
        accepted: their ids, sorted.
        refused: by a printable form of the name of each other folder with a submission, why it is not graded.
    """

    accepted: list[str]
    refused: dict[str, str]


def find_students(submitted: Path, assignment: str) -> Students:
    """Find the students who have handed something in. No link is followed.

    Args:
        submitted: the folder with <student>/<assignment>/.
        assignment: the assignment.
    """
    accepted, refused = [], {}
    for name in sorted(os.listdir(submitted)):
        if name == CHECKPOINTS or not os.path.lexists(submission_folder(submitted, name, assignment)):
            continue
        reason = _refusal(submitted, name)
        if reason:
            refused[one_line(ascii(name)[1:-1], 120)] = reason
        else:
            accepted.append(name)
    return Students(accepted, refused)


def has_submission(submitted: Path, student: str, assignment: str) -> bool:
    """True if a student has handed something in; False for a text that cannot be a student's id, whatever it is."""
    if student in ("", ".", "..") or "/" in student:
        return False
    try:
        folder = submission_folder(submitted, student, assignment)
        return not folder.parent.is_symlink() and stat.S_ISDIR(os.lstat(folder).st_mode)
    except (OSError, ValueError):  # a name of a thousand characters, with a null character, or of half a character
        return False


def _refusal(submitted: Path, name: str) -> str:
    """Why a folder cannot be a student's; "" if it can."""
    if (submitted / name).is_symlink():
        return "the folder is a symbolic link; links are not followed"
    if name.startswith("."):
        return "the folder's name begins with a dot, so that nbgrader does not see it; rename it"
    if name.casefold() in TABLES:
        return "a table of the class has this name; rename the folder"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8; rename it"
    if not name.isprintable():
        return "the folder's name holds characters that cannot be printed; rename it"
    return ""

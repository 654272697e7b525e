"""Intake: read a submission in whatever state it is, repair it, and match its cells to the release notebook.

Names are imported when they are first used: the digest of a submission's files needs nothing of the rest.
"""

from typing import TYPE_CHECKING

from cnnkit.lazy_names import on_first_use

if TYPE_CHECKING:
    from autograder.intake.read import read_submission
    from autograder.intake.submission import Cell, Submission, Ungradable

__all__ = ["Cell", "Submission", "Ungradable", "read_submission"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {"Cell": "submission", "Submission": "submission", "Ungradable": "submission", "read_submission": "read"},
)

"""Intake: read a submission in whatever state it is, repair it, and match its cells to the release notebook.

Names are imported when they are first used: the digest of a submission's files needs nothing of the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.intake.read import read_submission
    from autograder.intake.submission import Cell, Submission, Ungradable

__all__ = ["Cell", "Submission", "Ungradable", "read_submission"]

_DEFINED_IN = {"Cell": "submission", "Submission": "submission", "Ungradable": "submission", "read_submission": "read"}


def __getattr__(name: str) -> Any:
    if name in _DEFINED_IN:
        return getattr(import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Intake: read a submission in whatever state it is, repair it, and match its cells to the release notebook."""

from autograder.intake.read import read_submission, submission_digest
from autograder.intake.submission import Cell, Submission, Ungradable

__all__ = ["Cell", "Submission", "Ungradable", "read_submission", "submission_digest"]

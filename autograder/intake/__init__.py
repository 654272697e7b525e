"""Intake: reading what was handed in, whatever state it is in, and matching it to the release notebook."""

from autograder.intake.read import read_submission, submission_digest
from autograder.intake.submission import Cell, Submission, Ungradable

__all__ = ["Cell", "Submission", "Ungradable", "read_submission", "submission_digest"]

"""What stops a release."""

from __future__ import annotations


class ReleaseError(Exception):
    """The source cannot become a release. The text names file and cell, what was expected and what was found."""

"""The error that stops a release."""

from __future__ import annotations

from cnnkit.errors import KitError


class ReleaseError(KitError):
    """The source cannot become a release. The text names file and cell, what was expected and what was found."""

    exit_status = 2

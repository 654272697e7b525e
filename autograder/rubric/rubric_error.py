"""The exception of a rubric that is wrong. Importing it imports no pytest."""

from __future__ import annotations

from cnnkit.errors import KitError


class RubricError(KitError):
    """The rubric itself is wrong: a check without points, points that do not add up, a test that breaks."""

    exit_status = 2

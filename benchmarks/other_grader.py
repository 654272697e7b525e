"""Cost of grading a class with a different grader, measured on a few notebooks."""

from __future__ import annotations

from typing import NamedTuple


class MeasuredCost(NamedTuple):
    """Cost of grading, as a part that is paid once and one that is paid for each submission.

    Attributes:
        start: seconds of wall time once for a class.
        each: seconds of wall time for each submission.
        processor_each: seconds of processor time for each submission, start included; None if not measurable.
        measured: number of submissions that were graded.
    """

    start: float
    each: float
    processor_each: float | None
    measured: int

    def seconds(self, size: int) -> float:
        """Seconds for a class of some size, extended linearly."""
        return self.start + size * self.each

"""Public checks of the exercise `digits`."""

from __future__ import annotations

from cnnkit.assignments.data_augmentation.brief import CHECKS
from cnnkit.assignments.data_augmentation.pipeline import moves
from cnnkit.checks.evidence import Evidence
from cnnkit.expect import augmentation

DIGITS = "augmentation_for_digits"


@CHECKS.add("digits", "digits are never mirrored, and never upside down")
def orientation(evidence: Evidence) -> None:
    """Expect no flip in 200 copies."""
    found, what = moves(evidence, DIGITS)
    because = "A 6 on its head is a 9, but its label still says 6."
    augmentation.never_upside_down(found, what, because, "Leave RandomFlip out, and turn by little.")
    augmentation.never_mirrored(found, what, "A mirrored 2 is no digit at all.")

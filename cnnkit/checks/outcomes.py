"""Sign and word of a check's outcome: one table for notebook, feedback page, nbgrader and terminal.

The word always stands beside the sign, so that nothing depends on colour, on a font or on how a screen reader
pronounces a sign.
"""

from __future__ import annotations

from typing import NamedTuple


class OutcomeLabel(NamedTuple):
    """How an outcome is shown: `f"{sign} {word}"`, or the word alone where a sign would only be decoration."""

    sign: str
    word: str


OUTCOMES = {
    "passed": OutcomeLabel("✓", "passed"),
    "failed": OutcomeLabel("✗", "not yet"),
    "skipped": OutcomeLabel("○", "waiting"),
    "error": OutcomeLabel("!", "error"),
}
"""Outcome of a check to its label, in the order in which outcomes are counted.

A skipped check waits for one that has to pass first; its message names that one.
"""

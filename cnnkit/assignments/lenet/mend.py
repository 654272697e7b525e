"""Public checks of the exercise `mend`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit import expect
from cnnkit.assignments.lenet.brief import CHECKS, LISTING_LINES
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch
from cnnkit.probe.value_text import TensorValues, has_type


def lines_of(value: Any) -> set[int]:
    """Read the line numbers that lines_to_mend returns.

    Raises:
        Mismatch: the value is no list of line numbers.
    """
    what, hint = "lines_to_mend()", f"For instance [1, {LISTING_LINES}]: the numbers that stand left of the lines."
    if type(value) in (np.ndarray, TensorValues):
        value = value.ravel().tolist()
    if value is None or has_type(value, int, float, str, np.generic):
        value = [value]
    if type(value) not in (list, tuple):
        raise Mismatch(what, expected="a list of line numbers", found=expect.kind(value), hint=hint)
    lines = {expect.scalar(line, what, hint=hint) for line in value}
    if not lines:
        raise Mismatch(what, expected="at least one line", found="none", hint=hint)
    for line in sorted(lines):
        if line != int(line) or not 1 <= line <= LISTING_LINES:
            raise Mismatch(what, expected=f"numbers from 1 to {LISTING_LINES}", found=f"{line:g}", hint=hint)
    return {int(line) for line in lines}


@CHECKS.add("mend", "lines_to_mend gives numbers of lines")
def lines_form(evidence: Evidence) -> None:
    """Expect a list of line numbers, from 1 to the listing's last."""
    lines_of(evidence.call("lines_to_mend"))

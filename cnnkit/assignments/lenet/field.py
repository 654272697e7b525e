"""Public checks of the exercise `field`."""

from __future__ import annotations

from cnnkit import expect
from cnnkit.assignments.lenet.brief import CHECKS
from cnnkit.checks.evidence import Evidence

FIELDS = (((5, 1), 5), ((2, 2), 6), ((5, 1), 14), ((2, 2), 16))
"""Kernel and stride of LeNet's first layers, and how many pixels wide a unit behind each sees."""


@CHECKS.add("field", "receptive_field gives 5, 6, 14 and 16 for the first four layers of LeNet")
def field_of_lenet(evidence: Evidence) -> None:
    """Expect the receptive fields behind one, two, three and four layers."""
    layers = [layer for layer, _ in FIELDS]
    for count, (_, wanted) in enumerate(FIELDS, 1):
        what = f"receptive_field({layers[:count]})"
        hint = "Neighbouring units of a layer look at places as far apart as the strides before it, multiplied."
        expect.number(evidence.call("receptive_field", layers[:count]), wanted, what, wanted=wanted, hint=hint)

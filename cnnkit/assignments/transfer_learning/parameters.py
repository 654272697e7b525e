"""Public checks of the exercise `parameters`."""

from __future__ import annotations

from collections.abc import Mapping

from cnnkit import expect
from cnnkit.assignments.transfer_learning.brief import CHECKS, SIZE
from cnnkit.checks.evidence import Evidence

DENSES = "A unit of a Dense layer has one weight for each number that comes in, and one bias."


COUNTS = {
    ("VGG16", SIZE): 590_081,
    ("ResNet50", SIZE): 262_401,
    ("InceptionV3", SIZE): 262_401,
    ("MobileNet", SIZE): 131_329,
}
"""Parameters of the heads that the notebook builds, by backbone and size of the images."""


def head_counts(evidence: Evidence, cases: Mapping[tuple[str, int], int], hint: str = DENSES) -> None:
    """Expect the head's parameters, given by backbone and size of the images."""
    for (name, size), wanted in cases.items():
        what = f'head_parameters("{name}", {size})'
        expect.number(evidence.call("head_parameters", name, size), None, what, wanted=wanted, hint=hint)


@CHECKS.add("parameters", "head_parameters is right for photographs of 96 × 96 on all four backbones")
def heads_of_the_notebook(evidence: Evidence) -> None:
    """Expect the numbers of parameters of the heads that the notebook builds."""
    head_counts(evidence, COUNTS)

"""Public checks of the exercise `parameters`."""

from __future__ import annotations

from cnnkit import expect
from cnnkit.assignments.transfer_learning.brief import CHECKS, SIZE, head, maps_of
from cnnkit.checks.evidence import Evidence
from cnnkit.networks.backbones import BACKBONES

DENSES = "A unit of a Dense layer has one weight for each number that comes in, and one bias."


def head_counts(evidence: Evidence, *cases: tuple[str, int], hint: str = DENSES) -> None:
    """Expect the head's parameters for (backbone, size of the images)."""
    for name, size in cases:
        wanted = head(name, maps_of(name, size)).parameters
        what = f'head_parameters("{name}", {size})'
        expect.number(evidence.call("head_parameters", name, size), None, what, wanted=wanted, hint=hint)


@CHECKS.add("parameters", "head_parameters is right for photographs of 96 × 96 on all four backbones")
def heads_of_the_notebook(evidence: Evidence) -> None:
    """Expect the numbers of parameters of the heads that the notebook builds."""
    head_counts(evidence, *((name, SIZE) for name in BACKBONES))

"""Public checks of the exercise `repair`."""

from __future__ import annotations

from cnnkit import expect
from cnnkit.assignments.mnist_convnet.brief import CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch
from cnnkit.networks.describe.optimizers import changed_settings
from cnnkit.probe.watching import OptimizerSpec

FUNCTION = "adadelta_that_learns"
"""The student's, and the name of the run that is recorded with it."""


def repaired(evidence: Evidence) -> OptimizerSpec:
    """Optimizer that the student configured.

    Raises:
        Mismatch: the function returned no optimizer.
    """
    found = evidence.call(FUNCTION)
    if type(found) is not OptimizerSpec:
        hint = "Return keras.optimizers.Adadelta(...), with brackets and with a setting of your own in them."
        raise Mismatch(f"{FUNCTION}()", expected="an optimizer", found=expect.kind(found), hint=hint)
    return found


@CHECKS.add("repair", "adadelta_that_learns gives an Adadelta, with settings of your own")
def adadelta_with_settings(evidence: Evidence) -> None:
    """Expect Adadelta with other settings than its defaults."""
    found = repaired(evidence)
    if found.name.lower() != "adadelta":
        hint = "Another optimizer would learn too, but it is Adadelta that is to be repaired."
        raise Mismatch(f"{FUNCTION}()", expected="an Adadelta", found=f"an optimizer {found.name}", hint=hint)
    if not changed_settings("adadelta", found.settings, {}):
        raise Mismatch(
            f"the settings of {FUNCTION}()",
            expected="other ones than Keras's",
            found="Keras's own",
            consequence="It would learn as slowly as in the experiment above.",
            hint="Which factor stands in front of the step in Keras, and not in the paper?",
        )

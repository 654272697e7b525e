"""Public checks of the exercise `training`."""

from __future__ import annotations

from collections.abc import Callable

from cnnkit.assignments.data_augmentation.brief import CHECKS, TRAINING
from cnnkit.assignments.data_augmentation.model import augments_in_training
from cnnkit.assignments.data_augmentation.pipeline import training_varies
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.expect import fit as fitting
from cnnkit.mismatch import Mismatch
from cnnkit.probe.watching import FitSpec

TRAINING.add_to(CHECKS)


@CHECKS.add("training", 'augments in the run "augmented", and only there')
def augments_as_asked(evidence: Evidence) -> None:
    """Expect images that vary in the run "augmented" and not in "plain", and otherwise the same network."""
    plain, augmented_ = (fitting.last_fit(run, TRAINING.function) for run in TRAINING.watched(evidence))
    what = "the networks of the two runs"
    consequence = "The two curves would not show what augmentation does."
    hint = "build_augmented_model(build_augmentation()) for one, layers.Identity() for an augmentation in the other."
    if plain.varies and _passes(
        augments_in_training, evidence
    ):  # a model that ignores its augmentation is reported there
        what, found = 'the network of the run "plain"', "with augmentation"
        raise Mismatch(what, expected="without", found=found, consequence=consequence, hint=hint)
    if augmented_.varies is False and _passes(augments_in_training, evidence) and _passes(training_varies, evidence):
        # so is a pipeline that does not augment
        what, found = 'the network of the run "augmented"', "without augmentation"
        raise Mismatch(what, expected="with", found=found, consequence=consequence, hint=hint)
    ours, others = _learned(plain), _learned(augmented_)
    if ours != others:
        found = f"{', '.join(ours) or 'none'} in one and {', '.join(others) or 'none'} in the other"
        expected = "the same layers with weights in both"
        raise Mismatch(what, expected=expected, found=found, consequence=consequence, hint=hint)


def _learned(fit: FitSpec) -> list[str]:
    """Kinds of the layers that have weights, each with its number of parameters."""
    layers = [] if fit.model is None else fit.model.layers
    return [f"{layer.kind} ({layer.parameters:,})" for layer in layers if layer.parameters]


def _passes(check: Callable[[Evidence], None], evidence: Evidence) -> bool:
    try:
        check(evidence)
    except (Mismatch, StudentError):
        return False
    return True

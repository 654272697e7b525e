"""Public checks of the exercise `training`."""

from __future__ import annotations

from dataclasses import replace

from cnnkit.assignments.transfer_learning.brief import CHECKS, POOLED, TRAINING
from cnnkit.assignments.transfer_learning.model import built, head_difference
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.expect import fit as fitting
from cnnkit.expect.backbone import parts, plain_head
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.watching import WatchedRun

TRAINING.add_to(CHECKS)


@CHECKS.add("training", "trains the head of the backbone that is named")
def head_is_trained(evidence: Evidence) -> None:
    """Expect the specified head, or that of the student's own network, whose mistakes another exercise reports."""
    for training, name in ((TRAINING, "VGG16"), (POOLED, "MobileNet")):
        found = _trained(training.watched(evidence)[0], training.function)
        for position in (0, 1, 2, None):
            said = head_difference(found, name, position)
            if said is not None and not _is_head_of_own_network(evidence, found, name):
                raise Mismatch(
                    f'the head that train_head("{name}", ...) trains, {said.what}',
                    expected=said.expected,
                    found=said.found,
                    consequence=said.consequence,
                    hint=said.hint,
                )


def _trained(run: WatchedRun, function: str) -> ModelSpec:
    """Head that a run trains; with a sigmoid where that is left to the loss."""
    fit = fitting.last_fit(run, function)
    if fit.model is None:
        raise Mismatch(f"{function}: {fit.problem}", hint="Train a head: the layers behind the backbone.")
    found = plain_head(fit.model)
    compiled = fit.model.compiled
    last = found.layers[-1] if found.layers else None
    if compiled and last and compiled.loss_config.get("from_logits") and last.config.get("activation") == "linear":
        sigmoid = replace(last, config={**last.config, "activation": "sigmoid"})
        found = replace(found, layers=(*found.layers[:-1], sigmoid))
    return found


def _is_head_of_own_network(evidence: Evidence, found: ModelSpec, name: str) -> bool:
    try:
        own = parts(built(evidence, name), name).head
    except (Mismatch, StudentError):
        return False
    return bool(own.layers) and own.input_shape[1:] == found.input_shape[1:] and compare(found, own).equal

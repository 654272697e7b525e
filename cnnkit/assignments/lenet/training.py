"""Public checks of the exercise `training`."""

from __future__ import annotations

from cnnkit.assignments.lenet.architecture import built
from cnnkit.assignments.lenet.brief import CHECKS, INPUT, NETWORK, TRAINING
from cnnkit.checks.evidence import Evidence, StudentError
from cnnkit.expect import fit
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.watching import WatchedRun

TRAINING.add_to(CHECKS)


@CHECKS.add("training", "trains a network with the pooling that is asked for")
def pooling_passed_on(evidence: Evidence) -> None:
    """Expect the pooling layers of build_lenet(pooling) in the trained network."""
    average, most = (_poolings_of_run(run) for run in TRAINING.watched(evidence))
    try:
        wanted = _poolings(evidence.model(NETWORK, "max", input_shape=INPUT))
        usual = _poolings(built(evidence))
    except (Mismatch, StudentError):
        return  # a network that cannot be built is reported by its own exercise
    hint = f"Pass the argument on: `{NETWORK}(pooling)`."
    if most != wanted:
        raise Mismatch(
            'the pooling layers of the network that train_lenet("max", ...) trains',
            expected=f'those of build_lenet("max"): {_list(wanted)}',
            found=_list(most),
            consequence="Its curve would show one pooling under the name of the other.",
            hint=hint,
        )
    if average == most and usual != wanted:
        raise Mismatch(
            'the pooling layers of the network that train_lenet("average", ...) trains',
            expected=f"those of build_lenet(): {_list(usual)}",
            found=_list(average),
            consequence="Its curve would show one pooling under the name of the other.",
            hint=hint,
        )


def _poolings_of_run(run: WatchedRun) -> list[str] | None:
    model = fit.last_fit(run, TRAINING.function).model
    return None if model is None else _poolings(model)


def _poolings(spec: ModelSpec) -> list[str]:
    return [layer.kind for layer in spec.layers if "Pooling" in layer.kind]


def _list(kinds: list[str] | None) -> str:
    return ", ".join(kinds or []) or "none"

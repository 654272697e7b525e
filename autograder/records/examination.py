"""Examination of one run: rebuild its network, replay its first steps, evaluate its final weights. Needs Keras."""

from __future__ import annotations

import functools
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autograder.records.course_data import RunData, UnknownData, run_data
from autograder.records.rebuild import CannotRebuild, RebuiltNetwork
from autograder.records.replay import CannotCompute, Stepper, fixed_rate, loss_of, make_stepper
from autograder.records.requests import FEW_HIDDEN, Examination, ExaminationRequest, KernelSummary
from autograder.records.weights_file import BadWeights, read_weights
from autograder.records.workload import BACKWARD, require_affordable
from cnnkit.data.batch_datasets import Batch
from cnnkit.networks.model_spec import ModelSpec, to_json
from cnnkit.recording.fingerprint import PROBES, fingerprint, weights_digest
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.validation_losses import right_answers

_AT_ONCE = 250
"""Images in one forward pass: twice as many are no faster and take 60 MB more."""

_EVALUATED = 10_000
"""Images on which final weights are evaluated, at most."""

_CACHED_NETWORKS = 6
"""Live networks in the cache. A class has few different ones, and building and tracing takes most of the time."""


def examine(request: ExaminationRequest) -> Examination:
    """Examine one run.

    Returns:
        The examination. Nothing is raised for a record that cannot be examined: `problems` says why, by part.
    """
    started = time.process_time()
    record = request.record
    problems: dict[str, str] = {}
    found: dict[str, Any] = {}
    try:
        _require_affordable(request)
        live = _network_of(record)
        beginning = live.network.begin(record.draws)
        found["initial"] = weights_digest(beginning)
        if found["initial"] != record.initial:
            found["beginning"] = fingerprint(beginning)
        data = run_data(record)
        loss_of(record)
    except CannotCompute as error:
        return _examined({"loss": str(error)}, found, started)
    except CannotRebuild as error:
        return _examined({"network": str(error)}, found, started)
    except UnknownData as error:
        return _examined({"data": str(error)}, found, started)
    if request.replay:
        try:
            batches = data.first_batches(request.seed, min(len(record.steps), request.steps))
            found["steps"] = live.stepper(record).losses(batches, record.step_rates, record.class_weight)
        except CannotRebuild as error:
            problems["replay"] = str(error)
    try:
        if request.weights is None:
            raise BadWeights("no final weights came with the record")
        weights = read_weights(request.weights, live.network.shapes)
        found |= {"end": fingerprint(weights), "kernels": _kernels(beginning, weights)}
        live.network.load(weights)
        found |= _losses(live, request, data)
        if request.replay and request.hidden:
            found |= _hidden_losses(live, request, data)
    except BadWeights as error:
        problems["weights"] = str(error)
    return _examined(problems, found, started)


def _require_affordable(request: ExaminationRequest) -> None:
    """Raise CannotRebuild if the examination takes too much memory or time; nothing is built for that."""
    record = request.record
    steps = min(len(record.steps), request.steps) if request.replay else 0
    if record.network is not None:
        images = BACKWARD * steps * record.batch_size + _EVALUATED
        require_affordable(record.network, at_once=max(record.batch_size if steps else 0, _AT_ONCE), images=images)


def _examined(problems: dict[str, str], found: dict[str, Any], started: float) -> Examination:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}
    return Examination(versions=versions, problems=problems, seconds=round(time.process_time() - started, 3), **found)


class _LiveNetwork:
    """A live network and the graphs that were traced of it."""

    def __init__(self, spec: ModelSpec) -> None:
        self.network = RebuiltNetwork(spec)
        self._forward: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._steppers: dict[tuple[Any, ...], Stepper] = {}

    def losses(self, record: TrainingRecord) -> Callable[..., Any]:
        """Graph from (images, labels) to (loss of each image, outputs of the network).

        Both in one graph: there Keras finds the logits behind the probabilities and computes the loss from them, as in
        `fit`.
        """
        key = _loss_key(record)
        if key not in self._forward:
            if len(self._forward) >= _CACHED_NETWORKS:
                del self._forward[next(iter(self._forward))]
            model, compute = self.network.model, loss_of(record)

            def forward(images: Any, labels: Any) -> Any:
                outputs = model(images, training=False)
                return compute(labels, outputs), outputs

            self._forward[key] = tf.function(forward, reduce_retracing=True)
        return self._forward[key]

    def stepper(self, record: TrainingRecord) -> Stepper:
        """Stepper for the record's loss and optimizer, cached."""
        key = (_loss_key(record), *sorted(fixed_rate(record).items(), key=str))
        if key not in self._steppers:
            if len(self._steppers) >= _CACHED_NETWORKS:
                del self._steppers[next(iter(self._steppers))]
            self._steppers[key] = make_stepper(self.network.model, record)
        return self._steppers[key]


def _loss_key(record: TrainingRecord) -> tuple[Any, ...]:
    return (record.loss, *sorted(record.loss_settings.items(), key=str))


@functools.lru_cache(maxsize=_CACHED_NETWORKS)
def _live_network(description: str) -> _LiveNetwork:
    import msgspec

    return _LiveNetwork(msgspec.json.decode(description, type=ModelSpec))


def _network_of(record: TrainingRecord) -> _LiveNetwork:
    if record.network is None:
        raise CannotRebuild("the record does not say what was trained")
    layers = tuple(replace(layer, name="") for layer in record.network.layers)
    return _live_network(json.dumps(to_json(replace(record.network, layers=layers, compiled=None)), sort_keys=True))


def _kernels(beginning: Sequence[NDArray[np.float32]], end: Sequence[NDArray[np.float32]]) -> list[KernelSummary]:
    return [_kernel(first.ravel(), last.ravel()) for first, last in zip(beginning, end, strict=True) if first.ndim > 1]


def _kernel(first: NDArray[np.float32], last: NDArray[np.float32]) -> KernelSummary:
    """Cosine and distance from three products in single precision.

    The sine is computed instead of the cosine: of a kernel that hardly turned, single precision would leave no digit of
    1 - cosine.
    """
    change = last - first
    squared, along, moved = (float(np.dot(*pair)) for pair in ((first, first), (first, change), (change, change)))
    squared_last = squared + 2 * along + moved
    if squared <= 0 or squared_last <= 0:
        return KernelSummary(cosine=0.0, distance=math.sqrt(moved / squared) if squared > 0 else 0.0)
    squared_sine = min(max((squared * moved - along * along) / (squared * squared_last), 0.0), 1.0)
    cosine = math.copysign(math.sqrt(1.0 - squared_sine), squared + along)
    return KernelSummary(cosine=cosine, distance=math.sqrt(moved / squared))


def _losses(live: _LiveNetwork, request: ExaminationRequest, data: RunData) -> dict[str, Any]:
    """Losses on all validation images, or on the requested ones only, and on each of these."""
    positions = [position for position in request.images if 0 <= position < len(data.validation[0])]
    images, labels = data.validation if request.whole else (array[positions] for array in data.validation)
    values, outputs = _forward_pass(live, request.record, (images, labels))
    clipped = np.asarray(loss_of(request.record)(labels, outputs))
    right = right_answers(outputs, labels)
    found: dict[str, Any] = {}
    if request.whole:
        found = {
            "validation_loss_clipped": float(clipped.mean()),
            "validation_loss": float(values.mean()),
            "validation_accuracy": float(right.mean()),
            "probe_loss": float(values[:PROBES].mean()),
        }
        values, clipped, right = values[positions], clipped[positions], right[positions]
    single = {"image_losses": values.tolist(), "image_losses_clipped": clipped.tolist(), "image_right": right.tolist()}
    return found | single


def _hidden_losses(live: _LiveNetwork, request: ExaminationRequest, data: RunData) -> dict[str, Any]:
    """Losses on the hidden images, all or every n-th."""
    found: dict[str, Any] = {"few_losses": {}}
    for name, (images, labels) in (("test", data.test), ("holdout", data.holdout), ("training", data.sample)):
        values, _ = _forward_pass(live, request.record, (images[:: request.hidden], labels[:: request.hidden]))
        if request.hidden == 1:
            found[f"{name}_loss"] = float(values.mean())
        if FEW_HIDDEN % request.hidden == 0:
            found["few_losses"][name] = float(values[:: FEW_HIDDEN // request.hidden].mean())
    return found


def _forward_pass(
    live: _LiveNetwork, record: TrainingRecord, batch: Batch
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Loss of each image (N,), and outputs (N, classes), computed `_AT_ONCE` images at a time."""
    forward = live.losses(record)
    pieces = [slice(start, start + _AT_ONCE) for start in range(0, len(batch[0]), _AT_ONCE)]
    parts = [forward(*(tf.constant(array[piece]) for array in batch)) for piece in pieces]
    values, outputs = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(outputs)

"""Examining one run: its network rebuilt, its first steps taken again, its final weights looked at. Needs Keras."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autograder.records.course_data import RunData, UnknownData, run_data
from autograder.records.rebuild import CannotRebuild, Rebuilt
from autograder.records.replay import Stepper, stepper
from autograder.records.requests import Examination, ExaminationRequest, KernelSummary
from autograder.records.weights_file import BadWeights, read_weights
from cnnkit.data.batch_datasets import Batch
from cnnkit.networks.model_spec import ModelSpec, to_json
from cnnkit.recording.fingerprint import PROBES, fingerprint, weights_digest
from cnnkit.recording.schema import TrainingRecord

LOSSES = ("categorical_crossentropy", "binary_crossentropy", "sparse_categorical_crossentropy")

_AT_ONCE = 250
"""Images that go through the network together: twice as many are no faster and take 60 MB more."""

_MOST_KEPT = 6
"""Live networks that are kept. A class has few different ones, and building and tracing costs most of the time."""


def examine(asked: ExaminationRequest) -> Examination:
    """Look at one run. What cannot be had is said in `problems`, never raised."""
    started = time.process_time()
    record = asked.record
    problems: dict[str, str] = {}
    found: dict[str, Any] = {}
    try:
        kept = _network_of(record)
        beginning = kept.network.begin(record.draws)
        found["initial"] = weights_digest(beginning)
        if found["initial"] != record.initial:
            found["beginning"] = fingerprint(beginning)
        data = run_data(record)
        if record.loss not in LOSSES:
            raise CannotRebuild(f"the loss {record.loss[:60]!r}")
    except CannotRebuild as error:
        return _examined({"network": str(error)}, found, started)
    except UnknownData as error:
        return _examined({"data": str(error)}, found, started)
    if asked.replay:
        try:
            batches = data.first_batches(asked.seed, min(len(record.steps), 10))
            found["steps"] = kept.stepper(record).losses(batches)
        except CannotRebuild as error:
            problems["replay"] = str(error)
    try:
        if asked.weights is None:
            raise BadWeights("no final weights came with the record")
        weights = read_weights(asked.weights, kept.network.shapes)
        found |= {"end": fingerprint(weights), "kernels": _kernels(beginning, weights)}
        kept.network.load(weights)
        found |= _losses(kept, record, data)
        if asked.replay:
            found |= _hidden_losses(kept, record, data)
    except BadWeights as error:
        problems["weights"] = str(error)
    return _examined(problems, found, started)


def _examined(problems: dict[str, str], found: dict[str, Any], started: float) -> Examination:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}
    return Examination(versions=versions, problems=problems, seconds=round(time.process_time() - started, 3), **found)


class _LiveNetwork:
    """A live network with what was traced of it."""

    def __init__(self, spec: ModelSpec) -> None:
        self.network = Rebuilt(spec)
        self._forward: dict[str, Callable[..., Any]] = {}
        self._steppers: dict[tuple[Any, ...], Stepper] = {}

    def losses(self, name: str) -> Callable[..., Any]:
        """From images and labels to the loss of each image and what the network puts out.

        Both in one graph: there Keras finds the logits behind the probabilities and computes the loss from them, as in
        `fit`.
        """
        if name not in self._forward:
            model, compute = self.network.model, keras.losses.get(name)

            def forward(images: Any, labels: Any) -> Any:
                put_out = model(images, training=False)
                return compute(labels, put_out), put_out

            self._forward[name] = tf.function(forward, reduce_retracing=True)
        return self._forward[name]

    def stepper(self, record: TrainingRecord) -> Stepper:
        key = (record.loss, *sorted(record.optimizer.items()))
        if key not in self._steppers:
            if len(self._steppers) >= _MOST_KEPT:
                del self._steppers[next(iter(self._steppers))]
            self._steppers[key] = stepper(self.network.model, record.loss, record.optimizer)
        return self._steppers[key]


@functools.lru_cache(maxsize=_MOST_KEPT)
def _kept(description: str) -> _LiveNetwork:
    import msgspec

    return _LiveNetwork(msgspec.json.decode(description, type=ModelSpec))


def _network_of(record: TrainingRecord) -> _LiveNetwork:
    if record.network is None:
        raise CannotRebuild("the record does not say what was trained")
    layers = tuple(replace(layer, name="") for layer in record.network.layers)
    return _kept(json.dumps(to_json(replace(record.network, layers=layers, compiled=None)), sort_keys=True))


def _kernels(beginning: Sequence[NDArray[np.float32]], end: Sequence[NDArray[np.float32]]) -> list[KernelSummary]:
    found = []
    for first, last in zip(beginning, end, strict=True):
        if first.ndim < 2:
            continue
        a, b = first.ravel().astype(np.float64), last.ravel().astype(np.float64)
        size, lengths = float(np.linalg.norm(a)), float(np.linalg.norm(a) * np.linalg.norm(b))
        likeness = float(a @ b) / lengths if lengths else 0.0
        found.append(KernelSummary(likeness=likeness, way=float(np.linalg.norm(b - a)) / size if size else 0.0))
    return found


def _losses(kept: _LiveNetwork, record: TrainingRecord, data: RunData) -> dict[str, float]:
    values, put_out = _through(kept, record.loss, data.validation)
    clipped = np.asarray(keras.losses.get(record.loss)(data.validation[1], put_out))
    return {
        "validation_loss_clipped": float(clipped.mean()),
        "validation_loss": float(values.mean()),
        "validation_accuracy": float(_right(put_out, data.validation[1]).mean()),
        "probe_loss": float(values[:PROBES].mean()),
    }


def _hidden_losses(kept: _LiveNetwork, record: TrainingRecord, data: RunData) -> dict[str, float]:
    images = {"test_loss": data.test, "holdout_loss": data.holdout, "training_loss": data.sample}
    return {name: float(_through(kept, record.loss, batch)[0].mean()) for name, batch in images.items()}


def _through(kept: _LiveNetwork, loss: str, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The loss of each image, and what the network puts out."""
    forward = kept.losses(loss)
    pieces = [slice(start, start + _AT_ONCE) for start in range(0, len(batch[0]), _AT_ONCE)]
    parts = [forward(*(tf.constant(array[piece]) for array in batch)) for piece in pieces]
    values, put_out = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(put_out)


def _right(put_out: NDArray[np.float32], labels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which answers are right, as Keras's "accuracy" counts them."""
    if labels.shape[-1] == 1:
        return (put_out[:, 0] > 0.5) == (labels[:, 0] > 0.5)
    return np.asarray(put_out.argmax(axis=-1) == labels.argmax(axis=-1))

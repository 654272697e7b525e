"""Consistency of a record with itself, whatever was trained: needs neither data nor Keras.

Records of layout 3 hold more: the validation image by image, the draws' positions in the stream of the seed, and a
reason for each part that is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograder.records.findings import RecordFinding
from cnnkit.recording.record_bounds import MOST_VALIDATED, PIECES
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.seed_stream import seed_at
from cnnkit.recording.validation_losses import disagreement, unpacked_answers, unpacked_losses
from cnnkit.session import seed_of

_SINGLE = ("loss", "val_loss", "accuracy", "val_accuracy")
"""Metrics that Keras computes in single precision."""


def inconsistencies(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Findings in which a record contradicts itself."""
    yield from _lengths(record)
    yield from _single_precision(record)
    yield from _whole_images(record)
    yield from _fingerprints(record)
    if record.schema >= 3:
        yield from _images(record)
        yield from _draws(record)
        yield from _missing_parts(record)
    if record.assignment and record.seed != seed_of(record.assignment, record.student):
        said = f"The record has seed {record.seed}, but student id {record.student!r} has another one."
        yield RecordFinding("seed", said)


def _lengths(record: TrainingRecord) -> Iterator[RecordFinding]:
    lengths = {name: len(values) for name, values in record.history.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {count}" for name, count in lengths.items())
        yield RecordFinding("lengths", f"The metrics have different numbers of epochs: {said}.")
    done = max(lengths.values(), default=0)
    if done > record.epochs:
        yield RecordFinding("lengths", f"It holds {done} epochs, but was asked for {record.epochs}.")
    if record.fingerprints and len(record.fingerprints) != done + 1:
        said = f"It holds {done} epochs, but {len(record.fingerprints) - 1} fingerprints of the weights after one."
        yield RecordFinding("lengths", said)
    steps = -(-record.images // record.batch_size) if record.batch_size else 0
    if record.network is not None and len(record.steps) != min(10, steps):
        yield RecordFinding("lengths", f"It holds {len(record.steps)} first steps, expected {min(10, steps)}.")


def _single_precision(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that metrics are 32-bit numbers, as Keras computes them; a typed, rounded or scaled one hardly ever is."""
    if record.versions.get("backend") != "tensorflow":
        return
    for name in _SINGLE:
        odd = [
            value
            for value in record.history.get(name, ())
            if math.isfinite(value) and float(np.float32(value)) != value
        ]
        if odd:
            said = f"{name} holds {odd[0]!r}: Keras computes in single precision and cannot have come to this number."
            yield RecordFinding("single precision", said)


def _whole_images(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that each accuracy is an integer number of images divided by all images."""
    validation = record.data.get("validation")
    for name, images in (("accuracy", record.images), ("val_accuracy", validation)):
        if not isinstance(images, int | float) or not 0 < images < 1_000_000:
            continue
        for value in record.history.get(name, ()):
            count = value * images
            # single precision of a number near 1, times the images
            if math.isfinite(count) and abs(count - round(count)) > 0.01 + images * 1.2e-7:
                yield RecordFinding(
                    "whole images", f"{name} {value:.6f} of {images:,.0f} images would be {count:,.2f} images."
                )
                break


def _fingerprints(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that the weights changed in every epoch in which the validation loss did."""
    marks = [tuple(numbers) for numbers in record.fingerprints]
    if len({len(numbers) for numbers in marks}) > 1:
        yield RecordFinding("fingerprints", "Its fingerprints have different lengths.")
        return
    losses = record.history.get("val_loss", [])
    for epoch, (before, after) in enumerate(pairwise(marks[1:]), 2):
        if before == after and epoch <= len(losses) and losses[epoch - 1] != losses[epoch - 2]:
            said = f"Epoch {epoch} is said to have left the weights as they were, and changed the validation loss."
            yield RecordFinding("fingerprints", said)
            return


def _images(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that the losses on single validation images agree with the last epoch's validation."""
    if not record.image_losses:
        return
    losses = unpacked_losses(record.image_losses)
    right = unpacked_answers(record.image_right, len(losses))
    validation, history = record.data.get("validation", len(losses)), record.history.get("val_loss", [])
    if len(losses) != validation or not history:
        said = f"It holds the losses on {len(losses):,} validation images, but was validated on others."
        yield RecordFinding("images", said)
        return
    accuracy = record.history.get("val_accuracy", [])
    said_apart = disagreement(losses, right, history[-1], accuracy[-1] if accuracy else None)
    if said_apart is not None:
        yield RecordFinding("images", said_apart)


def _draws(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that the seeds of its layers stand where they are said to stand in the stream of the record's seed."""
    for draw in record.draws:
        if draw.position >= 0 and draw.seed and seed_at(record.seed, draw.position) != draw.seed[0]:
            said = f"The {draw.what[:40]} of layer {draw.layer} is not drawn from the record's seed, as it says."
            yield RecordFinding("draws", said)
            return


def _missing_parts(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Name the parts that `cnnkit.record` always writes in layout 3, and this record lacks without a reason."""
    epochs = max(map(len, record.history.values()), default=0)
    missing = [
        name
        for name, found in (
            ("versions", record.versions),
            ("device", record.device or record.versions.get("backend") != "tensorflow"),
            ("the optimizer", record.optimizer),
            ("the settings of fit", record.fit),
            ("the learning rates", len(record.epoch_rates) == epochs and len(record.step_rates) == len(record.steps)),
            ("floatx", record.floatx),
            ("the network", record.network or "network" in record.unclear),
        )
        if not found
    ]
    if record.network is not None:
        layers = len(record.network.layers)
        missing += [
            name
            for name, found in (
                ("the settings of its steps", record.settings),
                ("the initial weights", record.initial),
                ("the fingerprints", record.fingerprints),
                ("the dtypes", len(record.dtypes) == layers),
                ("the losses on single validation images", record.image_losses or not _has_images(record)),
            )
            if not found
        ]
    if missing:
        said = f"The record lacks what the course's package always writes: {', '.join(missing)}."
        yield RecordFinding("missing", said, against=False)


def _has_images(record: TrainingRecord) -> bool:
    """True if the losses on single validation images are expected: an ended run on the course's images."""
    validation, history = record.data.get("validation", 0), record.history.get("val_loss", [])
    ended = len(history) == record.epochs and "images" not in record.unclear
    return ended and isinstance(validation, int | float) and PIECES <= validation <= MOST_VALIDATED

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
from autograder.records.training_conditions import (
    counted_images,
    epochs_of_fit,
    has_single_precision,
    steps_in_epoch,
    validates_each_epoch,
)
from cnnkit.recording.record_bounds import MOST_VALIDATED, PIECES
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.seed_stream import seed_at, with_positions
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
    yield from _draws(record)
    if record.schema >= 3:
        yield from _images(record)
        yield from _missing_parts(record)
    if record.assignment and record.seed != seed_of(record.assignment, record.student):
        said = f"The record has seed {record.seed}, but student id {record.student!r} has another one."
        yield RecordFinding("seed", said)


def _lengths(record: TrainingRecord) -> Iterator[RecordFinding]:
    # an own callback may add a metric in some epochs only
    lengths = {name: len(record.history[name]) for name in _SINGLE if name in record.history}
    if not validates_each_epoch(record):
        lengths = {name: count for name, count in lengths.items() if not name.startswith("val_")}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {count}" for name, count in lengths.items())
        yield RecordFinding("lengths", f"The metrics have different numbers of epochs: {said}.")
    done = max(map(len, record.history.values()), default=0)
    asked = max(record.epochs, epochs_of_fit(record))
    if done > asked:
        yield RecordFinding("lengths", f"It holds {done} epochs, but was asked for {asked}.")
    elif done > record.epochs:
        said = f"It holds {done} epochs, because fit was called with {asked} instead of the {record.epochs} asked for."
        yield RecordFinding("epochs", said, against=False)
    elif done > epochs_of_fit(record) and not record.earlier_fits and not record.resumed:
        said = f"It holds {done} epochs, but fit was called once, for {epochs_of_fit(record)}."
        yield RecordFinding("lengths", said)
    if len(record.epoch_rates) > done:
        yield RecordFinding("lengths", f"It holds {done} epochs, but the learning rates of {len(record.epoch_rates)}.")
    if record.fingerprints and len(record.fingerprints) != done + 1:
        said = f"It holds {done} epochs, but {len(record.fingerprints) - 1} fingerprints of the weights after one."
        yield RecordFinding("lengths", said)
    steps = steps_in_epoch(record)
    if record.network is not None and steps is not None and len(record.steps) != min(10, steps):
        yield RecordFinding("lengths", f"It holds {len(record.steps)} first steps, expected {min(10, steps)}.")


def _single_precision(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Check that metrics are 32-bit numbers, as Keras computes them; a typed, rounded or scaled one hardly ever is."""
    if record.versions.get("backend") != "tensorflow" or not has_single_precision(record):
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
    for name in ("accuracy", "val_accuracy"):
        if (images := counted_images(record, name)) is None:
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
    if not validates_each_epoch(record):
        return
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
    """Check that the seeds of its layers are drawn from the stream of the record's seed, where they are said to stand.

    Seeds of the student's own choice, or of `set_random_seed`, have positions of -1. A record of an earlier layout has
    no positions: they are looked up.
    """
    for draw in record.draws:
        if draw.position >= 0 and draw.seed and seed_at(record.seed, draw.position) != draw.seed[0]:
            said = f"The {draw.what[:40]} of layer {draw.layer} is not drawn from the record's seed, as it says."
            yield RecordFinding("draws", said)
            return
    draws = record.draws if record.schema >= 3 else with_positions(record.draws, record.seed)
    if any(draw.position < 0 for draw in draws):
        said = "Its layers have seeds of its own, which are not drawn from the student's seed."
        yield RecordFinding("draws", said, against=False)


def _missing_parts(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Name the parts that `cnnkit.record` writes in layout 3, and this record lacks without a reason.

    Some it always writes; others it cannot for an optimizer or a fit of the student's own, or if it is interrupted
    while it evaluates the final weights.
    """
    epochs = max(map(len, record.history.values()), default=0)
    versions = ("cnnkit", "keras", "numpy", "python", "backend")
    always: list[tuple[str, object]] = [
        ("versions", all(record.versions.get(name) for name in versions)),
        ("the device", record.device or record.versions.get("backend") != "tensorflow"),
        ("floatx", record.floatx),
        ("the network", record.network or "network" in record.unclear),
    ]
    mostly: list[tuple[str, object]] = [
        ("the optimizer", record.optimizer),
        ("the settings of fit", record.fit),
        ("the learning rates", len(record.epoch_rates) == epochs),
    ]
    if record.network is not None:
        always += [
            ("the settings of its steps", record.settings),
            ("the initial weights", record.initial),
            ("the fingerprints", record.fingerprints),
            ("the dtypes", len(record.dtypes) == len(record.network.layers)),
        ]
        mostly += [("the losses on single validation images", record.image_losses or not _has_images(record))]
    for parts, against, how in ((always, True, "always writes"), (mostly, False, "writes")):
        if missing := [name for name, found in parts if not found]:
            said = f"The record lacks what the course's package {how}: {', '.join(missing)}."
            yield RecordFinding("missing", said, against)


def _has_images(record: TrainingRecord) -> bool:
    """True if the losses on single validation images are expected: an ended run on the course's images."""
    validation, history = record.data.get("validation", 0), record.history.get("val_loss", [])
    ended = len(history) == record.epochs and "images" not in record.unclear
    return ended and isinstance(validation, int | float) and PIECES <= validation <= MOST_VALIDATED

"""What a record must fulfil by itself, whatever was trained: no process is needed to see it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograder.records.findings import RecordFinding
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

_SINGLE = ("loss", "val_loss", "accuracy", "val_accuracy")
"""Metrics that Keras computes in single precision."""


def inconsistencies(record: TrainingRecord) -> Iterator[RecordFinding]:
    """Everything in which a record contradicts itself."""
    yield from _lengths(record)
    yield from _single_precision(record)
    yield from _whole_images(record)
    yield from _fingerprints(record)
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
    """Keras's numbers come from 32 bits; one that was typed, rounded or scaled is hardly ever such a number."""
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
    """An accuracy is a number of images divided by all of them."""
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
    """Where the validation loss changes, the weights have changed."""
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

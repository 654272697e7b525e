"""The data of a run, made again from what its record says; and images that no student has."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnkit.data.batch_datasets import Batch, Batches
from cnnkit.data.batch_order import epoch_order
from cnnkit.data.datasets import DataError, batches, load_test, with_border
from cnnkit.errors import KitError
from cnnkit.recording.schema import TrainingRecord

HOLDOUT = 1_000
"""Test images that are looked at, as they are and moved."""

SAMPLE = 500
"""Training images whose loss is computed outside training."""

_SHIFTS = 20_251
"""Decides which test images are in the holdout, and how each is moved."""


class UnknownData(KitError, ValueError):
    """The record does not say what it was trained on, or says what there is not; the message says which."""


@dataclass(frozen=True)
class RunData:
    """What a run was trained and validated on.

    Attributes:
        train: in the record's batches.
        val: the validation images, the same.
        validation: all of them and their labels.
        sample: some training images and their labels.
        test: some test images and their labels.
        holdout: the same, each moved by a pixel or not: images that nobody has.
    """

    train: Batches
    val: Batches
    validation: Batch
    sample: Batch
    test: Batch
    holdout: Batch

    def batches(self, seed: int) -> tuple[Batches, Batches]:
        """What a training with this seed is given: training and validation data."""
        ours = self.train.first(self.train.images)
        ours.seed = seed
        ours.set_epoch(1)  # another epoch and back, so that the order is the new seed's
        ours.set_epoch(0)
        return ours, self.val

    def first_batches(self, seed: int, count: int) -> list[Batch]:
        """The first batches of a training with this seed."""
        order = epoch_order(seed, 0, self.train.images)
        size = self.train.batch_size
        chosen = [order[start : start + size] for start in range(0, min(count * size, len(order)), size)]
        return [self.train.pick(positions) for positions in chosen]


def run_data(record: TrainingRecord) -> RunData:
    """The data of a run.

    Raises:
        UnknownData: they cannot be made again.
    """
    said = record.data
    name = said.get("name")
    numbers = [said.get(key) for key in ("images", "size", "validation", "scaled")]
    images, size, validation, scaled = (int(number) if isinstance(number, int | float) else -1 for number in numbers)
    if not isinstance(name, str) or min(images, size, validation, scaled) < 0:
        raise UnknownData("the record does not say that it was trained on the course's own data, as they come")
    if record.images != images or not 1 <= record.batch_size <= 4096 or size > 64:
        raise UnknownData("the record contradicts itself about its data")
    try:
        return _data(name, images, size, validation, record.batch_size, bool(scaled))
    except (DataError, ValueError) as error:
        raise UnknownData(str(error)) from error


@functools.lru_cache(maxsize=4)
def _data(name: str, images: int, size: int, validation: int, batch_size: int, scaled: bool) -> RunData:
    train, val = batches(name, batch_size=batch_size, seed=0, size=size or None, scaled=scaled)
    if not (1 <= images <= train.images and 1 <= validation <= val.images):
        raise UnknownData(f"{name} has not so many images")
    train, val = train.first(images), val.first(validation)
    pixels, labels = load_test(name)
    dice = np.random.default_rng(_SHIFTS)
    chosen = dice.permutation(len(pixels))[:HOLDOUT]
    images_of = [pixels[chosen], _moved(pixels[chosen], dice)]
    test, held = (
        Batches(with_border(one, size or one.shape[1]), labels[chosen], classes=train.classes, seed=None, scaled=scaled)
        for one in images_of
    )
    sample = np.random.default_rng(_SHIFTS + 1).permutation(images)[:SAMPLE]
    validated, held_out = np.arange(validation), np.arange(len(chosen))
    return RunData(train, val, val.pick(validated), train.pick(sample), test.pick(held_out), held.pick(held_out))


def _moved(pixels: NDArray[np.uint8], dice: np.random.Generator) -> NDArray[np.uint8]:
    """Each image moved by -1, 0 or 1 pixel in each direction; what comes in at the edge is 0."""
    out = np.zeros_like(pixels)
    for number, (down, right) in enumerate(dice.integers(-1, 2, size=(len(pixels), 2))):
        image = np.roll(pixels[number], (down, right), axis=(0, 1))
        if down:
            image[0 if down > 0 else -1] = 0
        if right:
            image[:, 0 if right > 0 else -1] = 0
        out[number] = image
    return out

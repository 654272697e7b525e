"""Public checks of the exercise `pipeline`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit import expect
from cnnkit.assignments.data_augmentation.brief import CHECKS, DRAWS, images
from cnnkit.checks.evidence import Evidence
from cnnkit.expect import augmentation
from cnnkit.expect.moves import SIZE, Moves, measure, probe

PIPELINE = "build_augmentation"


def copies(evidence: Evidence, function: str = PIPELINE, size: int = SIZE) -> tuple[list[NDArray[Any]], str]:
    """Copies of the probe image that a pipeline makes in training, DRAWS in each of two calls, and the call."""
    given, what = probe(DRAWS, size), f"{function}()(images, training=True) of {size} × {size} pixels"
    used = evidence.used(function, images=given, training=True, times=2)
    return [augmentation.images_of(output, given, what) for output in used.outputs], what


def moves(evidence: Evidence, function: str = PIPELINE, size: int = SIZE) -> tuple[Moves, str]:
    """Measured changes of these copies, and the call."""
    found, what = copies(evidence, function, size)
    return measure(np.concatenate(found), what), what


@CHECKS.add("pipeline", "a batch of images comes back in the same shape, as float32")
def shape_and_type(evidence: Evidence) -> None:
    """Expect float32 images of the given shape, grey and in colour."""
    for given in (images(5, 28, 28, 1), images(3, 20, 32, 3)):
        what = f"{PIPELINE}()(images, training=True) of images {given.shape}"
        found = evidence.used(PIPELINE, images=given, training=True).outputs[0]
        expect.array(found, what, shape=given.shape, dtype="float32", hint="It must work for images of any size.")


def unchanged_in_prediction(evidence: Evidence, function: str) -> None:
    """Expect images to come back as they were, with training=False."""
    given, what = images(5, 28, 28, 1), f"{function}()(images, training=False)"
    found = evidence.used(function, images=given, training=False).outputs[0]
    augmentation.unchanged(expect.numbers(found, what, like=given), given, what)


@CHECKS.add("pipeline", "in prediction (training=False) it changes nothing")
def prediction_unchanged(evidence: Evidence) -> None:
    """Expect images to come back as they were."""
    unchanged_in_prediction(evidence, PIPELINE)


def varies_in_training(evidence: Evidence, function: str, size: int = SIZE) -> None:
    """Expect changed images with training=True, and different ones in a second call."""
    found, what = copies(evidence, function, size)
    augmentation.varies(found, probe(DRAWS, size), what)


@CHECKS.add("pipeline", "in training it changes the images, each time anew")
def training_varies(evidence: Evidence) -> None:
    """Expect changed images, and different ones in a second call."""
    varies_in_training(evidence, PIPELINE)


@CHECKS.add("pipeline", "about half of the images are mirrored left to right")
def mirrored(evidence: Evidence) -> None:
    """Expect half of 100 copies mirrored, twice."""
    found, what = moves(evidence)
    counts = [int(half.sum()) for half in np.split(found.sides_changed, 2)]
    augmentation.half_mirrored(counts, DRAWS, what)


@CHECKS.add("pipeline", "none is upside down")
def never_upside_down(evidence: Evidence) -> None:
    """Expect no vertical flip in 200 copies."""
    found, what = moves(evidence)
    because = "Shoes and shirts are not photographed so: the network would learn what never comes."
    hint = 'RandomFlip() without a mode flips both ways; "horizontal" is what you want.'
    augmentation.never_upside_down(found, what, because, hint)

"""Public checks of the exercise `batches`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnkit.assignments.data_augmentation.brief import CHECKS, MARK, images, marking
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.augmented_copies import NO_IMAGE, Served, served_in
from cnnkit.mismatch import Mismatch

BATCHES = "augmented_batches"
WITHIN = 27.0
"""Brightness by which a `marking` pipeline's draw may change a copy besides its mark, 25.5, and some rounding."""


@dataclass(frozen=True, eq=False)
class Request:
    """Arguments of augmented_batches.

    Attributes:
        pictures: (N, height, width, channels), no two alike.
        labels: integers (N,), each once, so that a label tells an image that is changed beyond recognition.
        size: images in a batch.
        mark: of the pipeline.
    """

    pictures: NDArray[np.float32]
    labels: NDArray[np.int64]
    size: int
    mark: float

    @property
    def call(self) -> str:
        """The call in messages."""
        return f"{BATCHES}(images, labels, pipeline, {self.size})"

    def served(self, evidence: Evidence) -> list[Served]:
        """Images and labels that the data set serves in each of two passes."""
        used = evidence.used(BATCHES, self.pictures, self.labels, marking(self.mark), self.size, times=2)
        return [served_in(one, self.pictures, self.call) for one in used.outputs]

    def positions(self, served: Served) -> list[int]:
        """Position of each served image's original, by its label where the image is not recognised."""
        place: dict[int | None, int] = {int(label): k for k, label in enumerate(self.labels)}
        return [
            which if which != NO_IMAGE else place.get(_integer(label), NO_IMAGE)
            for which, label in zip(served.which, served.labels, strict=True)
        ]


def _integer(label: object) -> int | None:
    found = np.asarray(label)
    return int(found.item()) if found.size == 1 and found.dtype.kind in "iuf" and np.isfinite(found).all() else None


PUBLIC = Request(images(20, 6, 6, 1, seed=8), np.random.default_rng(3).permutation(20).astype(np.int64), 8, MARK)


@CHECKS.add("batches", "hands out pairs (images, labels), batch by batch")
def in_batches(evidence: Evidence) -> None:
    """Expect the requested number of images in the first batch."""
    sizes = PUBLIC.served(evidence)[0].sizes
    size = sizes[0] if sizes else 0
    if size != PUBLIC.size:
        what = f"the first batch of {BATCHES}(..., batch_size={PUBLIC.size})"
        raise Mismatch(what, expected=f"{PUBLIC.size} images", found=size, hint="`dataset.batch(batch_size)`.")


@CHECKS.add("batches", "each image keeps its own label")
def labels_stay(evidence: Evidence) -> None:
    """Expect the label of each image beside it, as it was given; of an image beyond recognition any of those given."""
    found = PUBLIC.served(evidence)[0]
    labels = [_integer(label) for label in found.labels]
    given = PUBLIC.labels.tolist()
    right = [
        label in given if k == NO_IMAGE else label == given[k] for label, k in zip(labels, found.which, strict=True)
    ]
    if not right or not all(right):
        raise Mismatch(
            f"labels of {BATCHES}(images, labels, pipeline)",
            expected="each image's own, as it was given",
            found=f"{right.count(False)} of {len(right)} with another label" if right else "none",
            hint="Shuffle images and labels together, as pairs; only the images go through the pipeline.",
        )


@CHECKS.add("batches", "the images are augmented, by the pipeline that is given")
def augmented(evidence: Evidence) -> None:
    """Expect images that the pipeline has changed, each by its own draw."""
    augmented_by_the_pipeline(PUBLIC, PUBLIC.served(evidence)[0])


def augmented_by_the_pipeline(asked: Request, found: Served) -> None:
    """Expect the mark of the given pipeline on every image, and different draws."""
    made = ~found.flipped & (np.abs(found.brightness - asked.mark) <= WITHIN)  # False for nan
    if made.all() and made.size and np.ptp(found.brightness) > 1:
        return
    seen = "as they were"
    if made.all() and made.size:
        seen = "as in prediction, where it does not augment"
    elif not np.allclose(found.brightness, 0, atol=0.5) or found.flipped.any():
        seen = f"{int(np.sum(~made))} of {made.size} changed by something else"
    raise Mismatch(
        f"images of {BATCHES}(images, labels, pipeline)",
        expected="changed by the pipeline",
        found=seen,
        hint="`pipeline(images, training=True)` within `map`, with the argument `pipeline`, whatever it does.",
    )

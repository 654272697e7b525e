"""Public checks of the exercise `batches`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.assignments.data_augmentation.brief import BRIGHTER, CHECKS, images
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.augmented_copies import served_in
from cnnkit.mismatch import Mismatch

BATCHES, PICTURES, BATCH_SIZE = "augmented_batches", images(20, 6, 6, 1, seed=8), 8
LABELS = np.random.default_rng(3).permutation(20).astype(np.int64)


def served(evidence: Evidence) -> list[Any]:
    """Batches of the data set that augmented_batches returns, in each of two passes."""
    used = evidence.used(BATCHES, PICTURES, LABELS, BRIGHTER, BATCH_SIZE, times=2)
    return [served_in(one, PICTURES, f"{BATCHES}(images, labels, pipeline, {BATCH_SIZE})") for one in used.outputs]


@CHECKS.add("batches", "hands out pairs (images, labels), batch by batch")
def in_batches(evidence: Evidence) -> None:
    """Expect the requested number of images in the first batch."""
    size = served(evidence)[0].sizes[0]
    if size != BATCH_SIZE:
        what = f"the first batch of {BATCHES}(..., batch_size={BATCH_SIZE})"
        raise Mismatch(what, expected=f"{BATCH_SIZE} images", found=size, hint="`dataset.batch(batch_size)`.")


@CHECKS.add("batches", "each image keeps its own label")
def labels_stay(evidence: Evidence) -> None:
    """Expect the label of each image beside it, as it was given."""
    found = served(evidence)[0]
    labels = [np.asarray(label) for label in found.labels]
    right = [label.size == 1 and label.item() == LABELS[k] for label, k in zip(labels, found.which, strict=True)]
    if not all(right):
        raise Mismatch(
            f"labels of {BATCHES}(images, labels, pipeline)",
            expected="each image's own, as it was given",
            found=f"{right.count(False)} of {len(right)} others",
            hint="Shuffle images and labels together, as pairs; only the images go through the pipeline.",
        )


@CHECKS.add("batches", "the images are augmented")
def augmented(evidence: Evidence) -> None:
    """Expect images that the pipeline has changed."""
    if np.ptp(served(evidence)[0].brightness) <= 1:
        raise Mismatch(
            f"images of {BATCHES}(images, labels, pipeline)",
            expected="changed by the pipeline",
            found="as they were",
            hint="`pipeline(images, training=True)` within `map`.",
        )

"""Public checks of the exercise `data`."""

from __future__ import annotations

import numpy as np

from cnnkit import expect
from cnnkit.assignments.lenet.brief import CHECKS
from cnnkit.checks.evidence import Evidence


@CHECKS.add("data", "pad_to_32 gives images of 32 × 32")
def padded_shape(evidence: Evidence) -> None:
    """Expect shape (5, 32, 32, 1) for images (5, 28, 28, 1)."""
    hint = (
        "Axis 0 counts the images and axis 3 the channels: leave both as they are. np.pad takes one pair for each axis."
    )
    images = np.ones((5, 28, 28, 1), np.float32)
    expect.array(evidence.call("pad_to_32", images), "pad_to_32(images)", shape=(5, 32, 32, 1), hint=hint)


@CHECKS.add("data", "the image is in the middle, with zeros all around")
def padded_values(evidence: Evidence) -> None:
    """Expect a border of two zeros on every side, and unchanged pixels inside."""
    images = (1 + np.arange(2 * 28 * 28, dtype=np.float32) % 200).reshape(2, 28, 28, 1)
    wanted = np.zeros((2, 32, 32, 1), np.float32)
    wanted[:, 2:30, 2:30] = images
    what = "pad_to_32(images)"
    found = expect.numbers(evidence.call("pad_to_32", images), what, like=wanted)
    expect.values(found, wanted, what, hint="32 − 28 = 4: two rows or columns of zeros on each of the four sides.")

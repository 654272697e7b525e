"""Public checks of the exercise `data`."""

from __future__ import annotations

import numpy as np

from cnnkit import expect
from cnnkit.assignments.mnist_convnet.brief import CHECKS
from cnnkit.checks.evidence import Evidence


@CHECKS.add("data", "prepare_images gives float32 images with a channel axis")
def images_shape_and_type(evidence: Evidence) -> None:
    """Expect float32 images (5, 28, 28, 1) for uint8 images (5, 28, 28)."""
    images = np.zeros((5, 28, 28), np.uint8)
    hint = (
        "Keras convolutions want (images, height, width, channels): add an axis of length 1 at the end, and convert to "
        "float32."
    )
    expect.array(
        evidence.call("prepare_images", images),
        "prepare_images(images)",
        shape=(5, 28, 28, 1),
        dtype="float32",
        hint=hint,
    )


@CHECKS.add("data", "prepare_images scales the grey values 0 to 255 into 0 to 1")
def images_scaled(evidence: Evidence) -> None:
    """Expect every grey value divided by 255, in any shape."""
    images = np.arange(2 * 28 * 28, dtype=np.int64).reshape(2, 28, 28).astype(np.uint8)
    what = "prepare_images(images)"
    found = expect.numbers(evidence.call("prepare_images", images), what, like=images)
    expect.values(found, images / 255.0, what, hint="The largest grey value is 255: divide by it.")


@CHECKS.add("data", "one_hot puts a single 1 into each row")
def one_hot_rows(evidence: Evidence) -> None:
    """Expect the one-hot rows of three labels."""
    labels = np.array([3, 0, 9], np.uint8)
    wanted = np.zeros((3, 10))
    wanted[[0, 1, 2], labels] = 1
    what = "one_hot([3, 0, 9])"
    hint = "Row i is all zeros but for a 1 in column labels[i]."
    found = expect.array(evidence.call("one_hot", labels), what, shape=(3, 10), hint=hint)
    expect.values(found, wanted, what, hint=hint)

"""Public checks of the exercise `show`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnkit.assignments.data_augmentation.brief import CHECKS, flipping, images
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.augmented_copies import Copies, copies_in
from cnnkit.mismatch import Mismatch
from cnnkit.networks.wording import count as counted
from cnnkit.probe.built import BuiltNetwork

GREY = images(1, 12, 12, 1)[0]
COPIES = 9
HINT = "Call the pipeline with training=True, and let it draw for each copy: a batch of nine copies will do."


def shown(evidence: Evidence, image: NDArray[np.float32], pipeline: BuiltNetwork) -> Copies:
    """Copies of the image in the figure that show_augmented draws."""
    return copies_in(evidence.figure("show_augmented", image, pipeline), image)


@CHECKS.add("show", "nine pictures of the image's size")
def nine_copies(evidence: Evidence) -> None:
    """Expect nine pictures that may be copies of the given image, whatever changed them."""
    found = shown(evidence, GREY, flipping())
    if found.sized < COPIES:
        height, width, _ = GREY.shape
        raise Mismatch(
            f"show_augmented(image, pipeline) of {height} × {width} pixels",
            expected=f"a figure with {COPIES} pictures of that size, not of a single colour",
            found=f"{counted(found.pictures, 'picture')}, {found.sized} of them so",
            hint="One `imshow` for each copy, each in axes of its own: `plt.subplots(3, 3)` makes nine.",
        )


@CHECKS.add("show", "the copies are made by the pipeline, each by its own draw")
def copies_differ(evidence: Evidence) -> None:
    """Expect copies that the given pipeline changed differently: it flips, which shows in any scale of brightness."""
    found = shown(evidence, GREY, flipping())
    if len(set(found.orientations.tolist())) > 1:
        return
    seen = "none of this image as the pipeline changes it, by a flip and another brightness"
    if len(found.brightness):
        seen = "the same one again and again" if len(found.brightness) > 1 else "only one"
        if len(found.brightness) > 1 and np.ptp(found.brightness) > 1:
            seen = "some that it has not made: it flips the image, and none is flipped"
    raise Mismatch(
        "the copies that show_augmented(image, pipeline) draws",
        expected="different ones, as the pipeline makes them",
        found=seen,
        hint=HINT,
    )

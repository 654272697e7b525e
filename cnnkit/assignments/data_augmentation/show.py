"""Public checks of the exercise `show`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnkit.assignments.data_augmentation.brief import BRIGHTER, CHECKS, images
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.augmented_copies import Copies, copies_in
from cnnkit.mismatch import Mismatch
from cnnkit.networks.wording import count as counted

GREY, COLOUR = images(1, 12, 12, 1)[0], images(1, 12, 12, 3, seed=6)[0]
COPIES = 9


def shown(evidence: Evidence, image: NDArray[np.float32]) -> Copies:
    """Copies of the image in the figure that show_augmented draws."""
    return copies_in(evidence.figure("show_augmented", image, BRIGHTER), image)


@CHECKS.add("show", "nine copies of the image")
def nine_copies(evidence: Evidence) -> None:
    """Expect nine pictures of the given image."""
    found = shown(evidence, GREY)
    if len(found.brightness) < COPIES:
        raise Mismatch(
            "show_augmented(image, pipeline)",
            expected=f"a figure with {COPIES} copies of the image",
            found=f"{counted(found.pictures, 'picture')}, {len(found.brightness)} of them of this image",
            hint="One `imshow` for each copy, each in axes of its own: `plt.subplots(3, 3)` makes nine.",
        )


@CHECKS.add("show", "the copies are augmented, each by its own draw")
def copies_differ(evidence: Evidence) -> None:
    """Expect copies that were changed differently."""
    found = shown(evidence, GREY)
    if len(found.brightness) > 1 and np.ptp(found.brightness) > 1:
        return
    raise Mismatch(
        "the copies that show_augmented(image, pipeline) draws",
        expected="different ones",
        found="the same one again and again" if len(found.brightness) else "none of this image",
        hint="Call the pipeline with training=True, and let it draw for each copy: a batch of nine copies will do.",
    )

"""Public checks of the exercise `pooling`."""

from __future__ import annotations

import numpy as np

from cnnkit import expect
from cnnkit.assignments.lenet.brief import CHECKS
from cnnkit.checks.evidence import Evidence

EXAMPLE = np.array([[2, 2, 7, 3], [9, 4, 6, 1], [8, 5, 2, 4], [3, 1, 2, 6]], np.float32)[..., np.newaxis]
"""The picture of the lecture notes, with one channel."""


@CHECKS.add("pooling", "average_pool gives the means of the notebook's example")
def pools_the_example(evidence: Evidence) -> None:
    """Expect the four means of 2 × 2 numbers."""
    wanted = np.array([[4.25, 4.25], [4.25, 3.5]])[..., np.newaxis]
    what, hint = "average_pool(example, 2, 2)", "The first window holds 2, 2, 9 and 4: their mean is 4.25."
    found = expect.array(evidence.call("average_pool", EXAMPLE, 2, 2), what, shape=(2, 2, 1), hint=hint)
    expect.values(found, wanted, what, hint=hint)

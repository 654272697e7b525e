"""Public checks of the exercise `maps`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit import expect
from cnnkit.assignments.lenet.brief import BRIEF, CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch
from cnnkit.probe.built import BuiltNetwork
from cnnkit.probe.value_text import TensorValues

DIGIT = np.clip(1.5 - np.abs(np.hypot(*np.mgrid[-16:16, -16:16]) - 8) / 3, 0, 1).astype(np.float32)[..., np.newaxis]
"""A ring, soft as handwriting: an image (32, 32, 1) to look at."""


LENET_MAPS = "feature_maps(model, image)"
"""The call, for messages."""


def maps_of(value: Any, what: str, wanted: Sequence[tuple[int, ...]], *, reveal: bool = True) -> list[np.ndarray]:
    """Read the feature maps that a call returned, one array for each convolution; a batch axis of 1 is removed.

    Args:
        value: what feature_maps returned.
        what: the call, for messages.
        wanted: the right shapes.
        reveal: True if a message may name them.

    Raises:
        Mismatch: their number or shapes differ.
    """
    hint = "One array for each Conv2D layer, in the order of the network, without the batch axis."
    if type(value) is dict:
        value = list(value.values())
    if type(value) not in (list, tuple):
        raise Mismatch(what, expected=f"a list of {len(wanted)} arrays", found=expect.kind(value), hint=hint)
    if len(value) != len(wanted):
        raise Mismatch(what, expected=f"{len(wanted)} arrays, one for each Conv2D", found=len(value), hint=hint)
    found = []
    for number, (one, shape) in enumerate(zip(value, wanted, strict=True), 1):
        name = f"{what}, array {number}"
        if type(one) in (np.ndarray, TensorValues) and one.shape == (1, *shape):
            remark("The maps have a batch axis of length 1; it is not looked at.")
            one = one[0]
        found.append(expect.array(one, name, shape=shape, reveal=reveal, hint=hint))
    return found


@CHECKS.add("maps", "feature_maps gives the outputs of both convolutions: 28×28×6 and 10×10×16")
def shapes_of_the_maps(evidence: Evidence) -> None:
    """Expect two arrays, of values that tanh can have, for a LeNet with known weights."""
    what = LENET_MAPS
    wanted = [layer.output_shape[1:] for layer in BRIEF.layers if layer.kind == "Conv2D"]
    shapes = [tuple(int(size or 0) for size in shape) for shape in wanted]
    for number, one in enumerate(
        maps_of(evidence.call("feature_maps", BuiltNetwork(BRIEF, 1), DIGIT), what, shapes), 1
    ):
        if not np.ptp(one):
            found, hint = (
                f"{abs(one.flat[0]):g} everywhere",
                "Use the given model's own layers, with its weights, and the image.",
            )
            raise Mismatch(f"{what}, array {number}", expected="other values in other places", found=found, hint=hint)
        if not np.all(np.abs(one) <= 1):
            found, hint = (
                f"from {one.min():g} to {one.max():g}",
                "The output of a layer, tanh included, is `layer.output`.",
            )
            raise Mismatch(f"{what}, array {number}", expected="values of tanh, within ±1", found=found, hint=hint)

"""Public checks of the exercise `preprocessing`."""

from __future__ import annotations

import numpy as np

from cnnkit import expect
from cnnkit.assignments.transfer_learning.brief import CAFFE, CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.networks.backbones import BACKBONES

PROBE = np.array([[[[255, 0, 0], [0, 255, 0]], [[10, 100, 200], [128, 128, 128]]]], np.uint8)
"""One image of four pixels: red, green, a blue one, grey."""

_CENTRED = [
    [[-103.939, -116.779, 131.32], [-103.939, 138.221, -123.68]],
    [[96.061, -16.779, -113.68], [24.061, 11.221, 4.32]],
]
_ONE_TO_ONE = [
    [[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]],
    [[-47 / 51, -11 / 51, 29 / 51], [1 / 255, 1 / 255, 1 / 255]],
]
PREPARED = {name: np.array([_CENTRED if name in CAFFE else _ONE_TO_ONE]) for name in BACKBONES}
"""These pixels as each backbone was trained on them."""

CENTRED = "Turn red, green, blue into blue, green, red first (images[..., ::-1]), then subtract the three means."
ONE_TO_ONE = "0 is to become -1 and 255 is to become 1: divide by 127.5, then subtract 1."


@CHECKS.add("preprocessing", "preprocess keeps the shape, and gives float32")
def prepared_form(evidence: Evidence) -> None:
    """Expect float32 numbers of the same shape for integers, for every backbone."""
    images = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    for name in BACKBONES:
        what = f'preprocess("{name}", images)'
        hint = 'images.astype("float32") makes a copy of that type; whole numbers cannot hold what comes out.'
        expect.array(evidence.call("preprocess", name, images), what, shape=images.shape, dtype="float32", hint=hint)


def probe_is_prepared(evidence: Evidence, *names: str, hint: str) -> None:
    """Expect the right values for the four pixels."""
    for name in names:
        what = f'preprocess("{name}", images)'
        wanted = PREPARED[name]
        found = expect.numbers(evidence.call("preprocess", name, PROBE), what, like=wanted, hint=hint)
        expect.values(found, wanted, f"{what} of the pixels {PROBE.reshape(-1, 3).tolist()}", tolerance=1e-3, hint=hint)


@CHECKS.add("preprocessing", "VGG16 and ResNet50 get blue, green, red, less their means")
def mean_centred(evidence: Evidence) -> None:
    """Expect reversed channels and subtracted means."""
    probe_is_prepared(evidence, *CAFFE, hint=CENTRED)


@CHECKS.add("preprocessing", "InceptionV3 and MobileNet get values from -1 to 1")
def minus_one_to_one(evidence: Evidence) -> None:
    """Expect values from -1 to 1."""
    probe_is_prepared(evidence, "InceptionV3", "MobileNet", hint=ONE_TO_ONE)

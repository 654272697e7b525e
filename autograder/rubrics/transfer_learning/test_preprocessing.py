"""preprocess, by value, for each family of backbones, and on pixels that the notebook does not name."""

import numpy as np
import pytest

from autograder.rubrics.transfer_learning.reference import prepared
from cnnkit import expect
from cnnkit.assignments.transfer_learning import preprocessing as public
from cnnkit.assignments.transfer_learning.brief import CAFFE
from cnnkit.networks.backbones import BACKBONES

OTHERWISE = (
    "The rule of this network gives another number for this pixel; it is the same for every pixel of every batch."
)


def middling(dice: np.random.Generator) -> np.ndarray:
    """One image of some size, with no pixel near 0 or 255. That all images come back is a check of its own."""
    shape = (1, *(int(size) for size in dice.integers(3, 9, size=2)), 3)
    return dice.integers(20, 231, size=shape).astype(np.uint8)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_prepared_form(evidence):
    public.prepared_form(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_mean_centred(evidence):
    public.mean_centred(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_minus_one_to_one(evidence):
    public.minus_one_to_one(evidence)


def batch_is_prepared(evidence, pixels, *names, hint):
    """Expect the right values for a batch; the message shows no right one."""
    for name in names:
        what = f'preprocess("{name}", images) of another batch'
        wanted = prepared(name, pixels)
        found = expect.numbers(evidence.call("preprocess", name, pixels), what, like=wanted, hint=hint)
        expect.values(found, wanted, what, tolerance=1e-3, reveal=False, instead=OTHERWISE, hint=hint)


@pytest.mark.points(0.5)
def test_any_batch_centred(evidence, draw):
    batch_is_prepared(evidence, middling(draw("any_batch_centred")), *CAFFE, hint=public.CENTRED)


@pytest.mark.points(0.5)
def test_any_batch_in_range(evidence, draw):
    """A batch without 0 and 255: -1 and 1 stand for those, not for the darkest and the lightest pixel there is."""
    pixels = middling(draw("any_batch_in_range"))
    batch_is_prepared(evidence, pixels, "InceptionV3", "MobileNet", hint=public.ONE_TO_ONE)


@pytest.mark.points(0.5)
def test_images_left_alone(evidence, draw):
    """Images that are float32 already: Keras's own functions modify those in place."""
    for dtype in ("float32", "uint8"):
        images = draw(f"images_left_alone {dtype}").integers(0, 256, size=(2, 3, 4, 3)).astype(dtype)
        for name in BACKBONES:
            expect.left_alone(f'preprocess("{name}", ...)', evidence.mutated("preprocess", name, images))

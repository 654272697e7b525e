"""preprocess, by value, for each family of backbones."""

import pytest

from cnnkit import expect
from cnnkit.assignments.transfer_learning import preprocessing as public
from cnnkit.networks.backbones import BACKBONES


@pytest.mark.public
@pytest.mark.points(0.5)
def test_prepared_form(evidence):
    public.prepared_form(evidence)


@pytest.mark.public
@pytest.mark.points(1)
def test_mean_centred(evidence):
    public.mean_centred(evidence)


@pytest.mark.public
@pytest.mark.points(1)
def test_minus_one_to_one(evidence):
    public.minus_one_to_one(evidence)


@pytest.mark.points(0.5)
def test_images_left_alone(evidence, draw):
    """Images that are float32 already: Keras's own functions modify those in place."""
    for dtype in ("float32", "uint8"):
        images = draw(f"images_left_alone {dtype}").integers(0, 256, size=(2, 3, 4, 3)).astype(dtype)
        for name in BACKBONES:
            expect.left_alone(f'preprocess("{name}", ...)', evidence.mutated("preprocess", name, images))

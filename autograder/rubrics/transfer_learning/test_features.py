"""extract_features, of backbones that the kit builds with known weights: no other exercise has to be right."""

import numpy as np
import pytest

from autograder.rubrics.transfer_learning import reference
from cnnkit import expect
from cnnkit.assignments.transfer_learning import features as public
from cnnkit.probe.built import BuiltNetwork

MANY = BuiltNetwork(public.small_backbone(10), 17)


def check(evidence, built, images, hint):
    wanted = reference.outputs(built, images)
    found = expect.numbers(evidence.call("extract_features", built, images), public.EXTRACTED, like=wanted, hint=hint)
    instead = "Another number is right: compare yours with those of backbone.predict(images)."
    expect.values(found, wanted, public.EXTRACTED, tolerance=1e-3, reveal=False, instead=instead, hint=hint)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_features_form(evidence):
    public.features_form(evidence)


@pytest.mark.points(0.75)
@pytest.mark.depends("features_form")
def test_values_outside_training(evidence, draw):
    """Stored means, not those of the batch; no dropout; the images as given."""
    images = draw("values_outside_training").normal(0.5, 1.5, size=public.FOUR.shape).astype(np.float32)
    hint = "Features are taken as in prediction: backbone.predict, or training=False. Do nothing else to the images."
    check(evidence, public.FEW, images, hint)


@pytest.mark.points(0.5)
@pytest.mark.depends("features_form")
def test_every_image_in_its_place(evidence, draw):
    """More images than a batch holds, and a smaller last batch."""
    images = draw("every_image_in_its_place").normal(size=(75, 10, 10, 3)).astype(np.float32)
    wanted = reference.outputs(MANY, images)
    hint = "One array for each image, in the order of the images, those of the last, smaller batch too."
    found = expect.array(
        evidence.call("extract_features", MANY, images), public.EXTRACTED, shape=wanted.shape, hint=hint
    )
    place = [np.abs(wanted - one).reshape(len(wanted), -1).mean(axis=1).argmin() for one in found]
    expect.values(np.array(place), np.arange(75), f"{public.EXTRACTED}, the image whose features they are", hint=hint)


@pytest.mark.points(0.25)
def test_images_left_alone(evidence, draw):
    images = draw("images_left_alone").normal(size=public.FOUR.shape).astype(np.float32)
    expect.left_alone("extract_features", evidence.mutated("extract_features", public.FEW, images))

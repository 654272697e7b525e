"""build_augmentation, applied to 200 copies of an image in which every change can be measured."""

import numpy as np
import pytest

from autograder.rubrics.data_augmentation.reference import HIDDEN_SIZE
from cnnkit import expect
from cnnkit.assignments.data_augmentation import pipeline as public
from cnnkit.expect import augmentation
from cnnkit.mismatch import Mismatch

TABLE = "Compare the number with the table of the exercise."


@pytest.mark.public
@pytest.mark.points(0.25)
def test_shape_and_type(evidence):
    public.shape_and_type(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_prediction_unchanged(evidence):
    public.prediction_unchanged(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_training_varies(evidence):
    public.training_varies(evidence)


@pytest.mark.points(0.25)
@pytest.mark.depends("training_varies")
def test_own_draw(evidence):
    augmentation.own_draws(*public.copies(evidence, size=HIDDEN_SIZE))


@pytest.mark.points(0.25)
def test_values_in_range(evidence, draw):
    """Black and white pixels: contrast and brightness must clip values that leave the range."""
    given = draw("values_in_range").choice([0.0, 255.0], (40, 12, 12, 3)).astype(np.float32)
    what = f"{public.PIPELINE}()(images, training=True)"
    found = evidence.used(public.PIPELINE, images=given, training=True).outputs[0]
    found = expect.numbers(found, what, like=given)
    if not (found.min() >= -0.5 and found.max() <= 255.5):
        raise Mismatch(
            f"{what}, values",
            expected="0 to 255",
            found=f"{found.min():.4g} to {found.max():.4g}",
            hint="Cut off what leaves the range: keras.ops.clip(images, 0, 255). Keras's own layers do.",
        )


@pytest.mark.public
@pytest.mark.points(0.5)
@pytest.mark.depends("own_draw")
def test_mirrored(evidence):
    public.mirrored(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_never_upside_down(evidence):
    public.never_upside_down(evidence)


@pytest.mark.points(0.25)
@pytest.mark.depends("own_draw")
def test_rotation(moves):
    hint = "RandomRotation's number is a part of a full circle, 360°. " + TABLE
    augmentation.turns(*moves, most=72, least=58, hint=hint)


@pytest.mark.points(0.25)
@pytest.mark.depends("own_draw")
def test_zoom(moves):
    augmentation.zooms(*moves, hint="RandomZoom with one number zooms in and out. " + TABLE)


@pytest.mark.points(0.25)
@pytest.mark.depends("own_draw")
def test_contrast(moves):
    augmentation.contrasts(*moves, hint=TABLE)


@pytest.mark.points(0.25)
def test_nothing_else(moves):
    augmentation.no_other_changes(*moves)

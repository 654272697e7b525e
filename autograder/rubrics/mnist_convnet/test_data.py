"""prepare_images and one_hot."""

import numpy as np
import pytest

from autograder.rubrics.mnist_convnet import reference
from cnnkit import expect
from cnnkit.assignments.mnist_convnet import data as public


@pytest.mark.public
@pytest.mark.points(0.5)
def test_images_shape_and_type(evidence):
    public.images_shape_and_type(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_images_scaled(evidence):
    public.images_scaled(evidence)


@pytest.mark.points(0.25)
@pytest.mark.depends("images_scaled")
def test_images_divided_by_255(call, draw):
    """Dividing by the largest value present looks right on whole MNIST and is wrong on a dark image."""
    images = draw("images_divided_by_255").integers(0, 120, size=(3, 28, 28), dtype=np.uint8)
    what = "prepare_images of dark images (no pixel above 120)"
    found = expect.numbers(call("prepare_images", images), what, like=images)
    hint = "Divide by 255 always, not by the largest value that happens to occur."
    expect.values(found, images / 255.0, what, reveal=False, hint=hint)


@pytest.mark.points(0.25)
def test_arguments_left_alone(evidence, draw):
    dice = draw("arguments_left_alone")
    images = dice.integers(0, 256, size=(4, 28, 28), dtype=np.uint8)
    labels = dice.permutation(np.arange(1, 10))[:4]
    for function, argument in (("prepare_images", images), ("one_hot", labels)):
        expect.left_alone(function, evidence.mutated(function, argument))


@pytest.mark.public
@pytest.mark.points(0.5)
def test_one_hot_rows(evidence):
    public.one_hot_rows(evidence)


@pytest.mark.points(0.25)
@pytest.mark.depends("one_hot_rows")
def test_one_hot_classes(call, draw):
    """The number of columns is `classes`, whichever labels happen to occur."""
    dice = draw("one_hot_classes")
    labels = dice.permutation([0, 5, *dice.integers(0, 5, size=3)]).astype(np.int64)
    for classes in (6, 12):
        what = f"one_hot({labels.tolist()}, classes={classes})"
        hint = "The number of columns is `classes`, even where the last classes do not occur."
        found = expect.array(call("one_hot", labels, classes=classes), what, shape=(5, classes), hint=hint)
        expect.values(found, reference.one_hot(labels, classes), what, hint=hint)

"""head_parameters, for images of the notebook's size and of others."""

import pytest

from autograder.rubrics.transfer_learning.reference import head_counts
from cnnkit.assignments.transfer_learning import parameters as public


@pytest.mark.public
@pytest.mark.points(1)
def test_heads_of_the_notebook(evidence):
    public.heads_of_the_notebook(evidence)


@pytest.mark.points(1)
def test_flatten_grows_with_the_image(evidence):
    hint = "Flatten keeps every place of the last map. How large is that after five poolings that halve?"
    public.head_counts(evidence, head_counts(("VGG16", 224), ("VGG16", 160), ("VGG16", 64)), hint=hint)


@pytest.mark.points(0.5)
@pytest.mark.depends("flatten_grows_with_the_image")
def test_halving_rounds_down(evidence):
    hint = "A pooling of 2 × 2 on an odd number of pixels leaves the last one out: 25 becomes 12."
    public.head_counts(evidence, head_counts(("VGG16", 100), ("VGG16", 95)), hint=hint)


@pytest.mark.points(0.5)
def test_the_mean_does_not_grow(evidence):
    hint = "The mean over a map is one number for each channel, however large the map is."
    public.head_counts(evidence, head_counts(("ResNet50", 224), ("InceptionV3", 299), ("MobileNet", 160)), hint=hint)

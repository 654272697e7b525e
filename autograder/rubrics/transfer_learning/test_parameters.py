"""head_parameters, for images of the notebook's size and of others."""

import pytest

from autograder.rubrics.transfer_learning.reference import head_counts
from cnnkit.assignments.transfer_learning import parameters as public


@pytest.mark.public
@pytest.mark.points(1)
def test_heads_of_the_notebook(evidence):
    public.heads_of_the_notebook(evidence)


@pytest.mark.points(1)
def test_flatten_grows_with_the_image(evidence, draw):
    sizes = [int(32 * number) for number in draw("flatten_grows_with_the_image").permutation(range(2, 12))[:3]]
    hint = "Flatten keeps every place of the last map. How large is that after five poolings that halve?"
    wanted = head_counts(*(("VGG16", size) for size in sizes))
    public.head_counts(evidence, wanted, hint=hint)


@pytest.mark.points(0.5)
@pytest.mark.depends("flatten_grows_with_the_image")
def test_halving_rounds_down(evidence, draw):
    dice = draw("halving_rounds_down")
    few, many = (int(32 * number + dice.integers(1, 32)) for number in dice.permutation(range(2, 9))[:2])
    hint = "A pooling of 2 × 2 on an odd number of pixels leaves the last one out: 25 becomes 12."
    public.head_counts(evidence, head_counts(("VGG16", few), ("VGG16", many)), hint=hint)


@pytest.mark.points(0.5)
def test_the_mean_does_not_grow(evidence, draw):
    sizes = draw("the_mean_does_not_grow").integers(192, 320, size=3).tolist()
    cases = zip(("ResNet50", "InceptionV3", "MobileNet"), sizes, strict=True)
    hint = "The mean over a map is one number for each channel, however large the map is."
    public.head_counts(evidence, head_counts(*cases), hint=hint)

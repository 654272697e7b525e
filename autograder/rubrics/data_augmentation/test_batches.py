"""augmented_batches, iterated twice, with a pipeline of the kit's."""

import numpy as np
import pytest

from cnnkit.assignments.data_augmentation import batches as public
from cnnkit.assignments.data_augmentation.brief import images
from cnnkit.mismatch import Mismatch


@pytest.fixture
def asked(draw):
    """Labels and the pipeline's mark are the submission's own."""
    dice = draw("batches")
    labels = dice.permutation(23).astype(np.int64) + 4
    return public.Request(images(23, 5, 7, 1, seed=18), labels, 6, -float(dice.uniform(20, 35)))


@pytest.fixture
def passes(evidence, asked):
    return asked.served(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_in_batches(evidence):
    public.in_batches(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_labels_stay(evidence):
    public.labels_stay(evidence)


@pytest.mark.points(0.25)
def test_every_image_once(passes, asked):
    which, given = asked.positions(passes[0]), len(asked.pictures)
    missing = len(set(range(given)) - set(which))
    if missing or len(which) != given:
        raise Mismatch(
            f"{public.BATCHES} of {given} images, one pass",
            expected="every image once",
            found=f"{len(which)} images, {missing} of those given are not among them",
            hint="No repeat(), no take(), and no drop_remainder: fit goes through the data once in each epoch.",
        )


@pytest.mark.public
@pytest.mark.points(0.5)
def test_augmented(evidence):
    public.augmented(evidence)


@pytest.mark.points(0.75)
@pytest.mark.depends("augmented")
def test_anew_in_each_pass(passes, asked):
    public.augmented_by_the_pipeline(asked, passes[0])
    first, second = (dict(zip(one.which, one.brightness, strict=True)) for one in passes)
    if not second:
        raise Mismatch(
            f"the second pass through {public.BATCHES}(...)",
            expected="all images again",
            found="none",
            consequence="From the second epoch on there would be nothing to train on.",
            hint="A generator can be gone through once; a tf.data.Dataset again and again.",
        )
    same = sum(np.isclose(first.get(k, np.nan), second[k], atol=1e-3) for k in second)
    if same > len(second) / 2:
        raise Mismatch(
            f"two passes through {public.BATCHES}(...)",
            expected="other copies in the second one",
            found=f"{same} of {len(second)} images exactly as in the first",
            consequence="The network sees the same copies in every epoch, and learns them by heart.",
            hint="Augment in `map`, behind any cache(), not once beforehand.",
        )


@pytest.mark.points(0.25)
def test_shuffled(passes, asked):
    first, second = map(asked.positions, passes)
    in_order = first == sorted(first)
    if in_order or first == second:
        raise Mismatch(
            f"the order of the images in two passes through {public.BATCHES}(...)",
            expected="another one each time",
            found="that of the arrays" if in_order else "the same both times",
            hint="`shuffle(len(images))`, in front of batch; fit shuffles arrays, but not data sets.",
        )

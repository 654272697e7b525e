"""build_augmented_model, with an augmentation and a classifier of the kit's."""

import numpy as np
import pytest

from cnnkit.assignments.data_augmentation import model as public
from cnnkit.assignments.data_augmentation.brief import images, marking
from cnnkit.mismatch import Mismatch

AUGMENTATION, IMAGES = marking(-30.0), images(7, 28, 28, 1, seed=17)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_model_and_classifier(evidence):
    public.model_and_classifier(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_rescaled_once(evidence):
    public.rescaled_once(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_prediction_is_fixed(evidence):
    public.prediction_is_fixed(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_augments_in_training(evidence):
    public.augments_in_training(evidence)


@pytest.mark.points(0.5)
@pytest.mark.depends("augments_in_training")
def test_augmentation_first(evidence):
    """An augmentation made for pixels from 0 to 255 does something else to values from 0 to 1."""
    found, what = public.put_out(evidence, training=True, augmentation=AUGMENTATION, batch=IMAGES)
    with np.errstate(all="ignore"):
        # what the network adds to all images besides, as another layer may, is in no difference of two of them
        drawn = np.ptp(np.concatenate([public.slopes(one, IMAGES)[1] for one in found]))
    if not drawn <= 54:
        raise Mismatch(
            f"{what}, with an augmentation that adds up to 25.5 to pixels from 0 to 255",
            expected="images that are a little brighter or darker",
            found="something else",
            consequence="The augmentation was given values from 0 to 1, for which it is not made.",
            hint="First the augmentation, then Rescaling.",
        )

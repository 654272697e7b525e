"""augmentation_for_digits: a digit stays the digit that it was."""

import pytest

from autograder.rubrics.data_augmentation.reference import HIDDEN_SIZE
from cnnkit.assignments.data_augmentation import digits as public
from cnnkit.assignments.data_augmentation.pipeline import unchanged_in_prediction, varies_in_training
from cnnkit.expect import augmentation


@pytest.mark.public
@pytest.mark.points(1)
def test_orientation(evidence):
    public.orientation(evidence)


@pytest.mark.points(0.25)
def test_still_augments(evidence):
    """In training it changes the images, in prediction it does not."""
    varies_in_training(evidence, public.DIGITS, HIDDEN_SIZE)
    unchanged_in_prediction(evidence, public.DIGITS)


@pytest.mark.points(0.5)
def test_small_turns(digit_moves):
    augmentation.turns(*digit_moves, most=18, least=5, slack=1.5, hint="18° are 0.05 of a full circle.")


@pytest.mark.points(0.25)
def test_nothing_stronger(digit_moves):
    hint = "As in exercise 1, or weaker, or not at all."
    augmentation.no_other_changes(*digit_moves)
    augmentation.zooms(*digit_moves, hint=hint, needed=False)
    augmentation.contrasts(*digit_moves, hint=hint, needed=False)

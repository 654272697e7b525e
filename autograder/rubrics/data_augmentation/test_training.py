"""train_augmented as it compiles and fits, and the records of both runs."""

import pytest

from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from autograder.rubrics.data_augmentation.reference import EPOCHS, IMAGES
from cnnkit.assignments.data_augmentation import training as public
from cnnkit.assignments.data_augmentation.brief import RUNS, TRAINING

globals().update(compile_checks(TRAINING, points=0.25))
globals().update(fit_checks(TRAINING, points=0.25))


@pytest.mark.public
@pytest.mark.points(0.5)
def test_augments_as_asked(evidence):
    public.augments_as_asked(evidence)


globals().update(record_checks(RUNS, images=IMAGES, epochs=EPOCHS, hold=0.25, complete=0.25, fall=0.25))

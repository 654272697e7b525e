"""train_lenet as it compiles and fits, and the records of the two runs."""

import pytest

from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from cnnkit.assignments.lenet import training as public
from cnnkit.assignments.lenet.brief import POOLINGS, TRAINING

EPOCHS = 10
IMAGES = 55_000

globals().update(compile_checks(TRAINING, points=0.25))
globals().update(fit_checks(TRAINING, points=0.25))


@pytest.mark.public
@pytest.mark.points(0.25)
def test_pooling_passed_on(evidence):
    public.pooling_passed_on(evidence)


globals().update(record_checks(POOLINGS, images=IMAGES, epochs=EPOCHS, hold=0.25, complete=0.25, fall=0.5))

"""train_head as it compiles and fits, and the records of the runs."""

import pytest

from autograder.rubric.training_checks import compile_checks, fit_checks, record_checks
from autograder.rubrics.transfer_learning.reference import EPOCHS, IMAGES, RUNS
from cnnkit.assignments.transfer_learning import training as public
from cnnkit.assignments.transfer_learning.brief import TRAINING

globals().update(compile_checks(TRAINING, points=0.25))
globals().update(fit_checks(TRAINING, points=0.25, fresh="fresh_head"))


@pytest.mark.public
@pytest.mark.points(0.5)
def test_head_is_trained(evidence):
    public.head_is_trained(evidence)


globals().update(record_checks(RUNS, images=IMAGES, epochs=EPOCHS, hold=0.25, complete=0.25, fall=0.25))

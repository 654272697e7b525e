"""train_augmented as it compiles and fits, and the records of both runs."""

import pytest

from autograder.rubrics.data_augmentation import reference
from cnnkit.assignments.data_augmentation import training as public
from cnnkit.assignments.data_augmentation.brief import RUNS, TRAINING
from cnnkit.expect.records import complete, losses_fall, records_hold


@pytest.mark.public
@pytest.mark.points(0.25)
def test_loss_is_crossentropy(evidence):
    TRAINING.loss_is_right(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_optimizer_is_adam(evidence):
    TRAINING.optimizer_is_right(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_trains_for_epochs(evidence):
    TRAINING.trains_for_epochs(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_validates(evidence):
    TRAINING.validates(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_passes_callbacks(evidence):
    TRAINING.passes_callbacks(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_returns_history(evidence):
    TRAINING.returns_history(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_fresh_network(evidence):
    TRAINING.fresh_network(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_augments_as_asked(evidence):
    public.augments_as_asked(evidence)


@pytest.mark.points(0.25)
def test_records_hold(records, contradicted):
    """No record is contradicted by what was found when it was verified."""
    records_hold(records, contradicted, RUNS)


@pytest.mark.points(0.25)
@pytest.mark.depends("records_hold")
def test_records_complete(records):
    complete(records, RUNS, images=reference.IMAGES, epochs=reference.EPOCHS)


@pytest.mark.points(0.25)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    losses_fall(records, RUNS)

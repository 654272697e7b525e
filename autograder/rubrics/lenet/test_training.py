"""train_lenet as it compiles and fits, and the records of the two runs."""

import pytest

from cnnkit.assignments.lenet import training as public
from cnnkit.assignments.lenet.brief import POOLINGS, TRAINING
from cnnkit.expect.records import complete, losses_fall, records_hold

EPOCHS = 10
IMAGES = 55_000


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
@pytest.mark.points(0.25)
def test_pooling_passed_on(evidence):
    public.pooling_passed_on(evidence)


@pytest.mark.points(0.25)
def test_records_hold(records, contradicted):
    """No record is contradicted by what was found when it was verified."""
    records_hold(records, contradicted, POOLINGS)


@pytest.mark.points(0.25)
@pytest.mark.depends("records_hold")
def test_records_complete(records):
    complete(records, POOLINGS, images=IMAGES, epochs=EPOCHS)


@pytest.mark.points(0.5)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    """A loss that does not fall means that the network did not learn."""
    losses_fall(records, POOLINGS)

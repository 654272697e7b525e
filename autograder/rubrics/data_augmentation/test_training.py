"""train_augmented as it compiles and fits, and the records of both runs."""

import pytest

from autograder.rubrics.data_augmentation import reference
from cnnkit.checks import data_augmentation as public
from cnnkit.checks.records import complete, losses_fall

TRAINING = public.TRAINING


@pytest.mark.public
@pytest.mark.points(0.25)
def test_loss_is_crossentropy(evidence):
    public.loss_is_crossentropy(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_optimizer_is_adam(evidence):
    public.optimizer_is_adam(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_trains_for_epochs(evidence):
    TRAINING.trains_for_epochs(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
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
    public.fresh_network(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_augments_as_asked(evidence):
    public.augments_as_asked(evidence)


@pytest.mark.points(0.25)
def test_records_complete(records):
    complete(records, public.RUNS, images=reference.IMAGES, epochs=reference.EPOCHS)


@pytest.mark.points(0.25)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    losses_fall(records, public.RUNS)

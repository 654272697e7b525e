"""train_head as it compiles and fits, and the records of the runs."""

import pytest

from autograder.rubrics.transfer_learning.reference import EPOCHS, IMAGES, RUNS
from cnnkit.checks import transfer_learning as public
from cnnkit.checks.records import complete, losses_fall


@pytest.mark.public
@pytest.mark.points(0.5)
def test_loss_is_crossentropy(evidence):
    public.loss_is_crossentropy(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_optimizer_is_adam(evidence):
    public.optimizer_is_adam(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_trains_for_epochs(evidence):
    public.TWICE.trains_for_epochs(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_validates(evidence):
    public.TWICE.validates(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_passes_callbacks(evidence):
    public.TWICE.passes_callbacks(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_returns_history(evidence):
    public.TWICE.returns_history(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_fresh_head(evidence):
    public.fresh_head(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_head_is_trained(evidence):
    public.head_is_trained(evidence)


@pytest.mark.points(0.25)
def test_records_complete(records):
    complete(records, RUNS, images=IMAGES, epochs=EPOCHS)


@pytest.mark.points(0.25)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    losses_fall(records, RUNS)

"""train_convnet as it compiles and fits, and the records of the three runs."""

import pytest

from cnnkit.assignments.mnist_convnet.brief import INPUT, OPTIMIZERS, TRAINING
from cnnkit.checks import fitting
from cnnkit.checks.records import complete, losses_fall
from cnnkit.probe.watching import Asked

EPOCHS = 10
IMAGES = 55_000


@pytest.mark.public
@pytest.mark.points(0.5)
def test_loss_is_crossentropy(evidence):
    TRAINING.loss_is_right(evidence)


@pytest.mark.points(0.25)
def test_optimizer_is_the_given_one(evidence):
    TRAINING.optimizer_is_right(evidence)


@pytest.mark.points(0.25)
def test_optimizer_objects(evidence):
    """What compile takes may be an object, with settings that no name stands for."""
    asked = Asked("SGD", {"learning_rate": 0.02, "momentum": 0.5})
    (run,) = evidence.training(TRAINING.function, [asked], epochs=TRAINING.epochs, input_shape=INPUT)
    fitting.optimizer_is(run, TRAINING.function, asked)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_trains_for_epochs(evidence):
    TRAINING.trains_for_epochs(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_validates(evidence):
    TRAINING.validates(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_passes_callbacks(evidence):
    TRAINING.passes_callbacks(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_returns_history(evidence):
    TRAINING.returns_history(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_fresh_network(evidence):
    TRAINING.fresh_network(evidence)


@pytest.mark.points(0.75)
def test_records_complete(records):
    complete(records, OPTIMIZERS, images=IMAGES, epochs=EPOCHS)


@pytest.mark.points(0.75)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    """A loss that does not fall means that the network did not learn. Adadelta's falls slowly, but it falls."""
    losses_fall(records, OPTIMIZERS)

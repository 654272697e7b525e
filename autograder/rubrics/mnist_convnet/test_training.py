"""train_convnet as it compiles and fits, and the records of the three runs."""

import pytest

from cnnkit.checks import fitting
from cnnkit.checks import mnist_convnet as public
from cnnkit.checks.records import complete, losses_fall
from cnnkit.probe.watching import Asked

EPOCHS = 10
IMAGES = 55_000


@pytest.mark.public
@pytest.mark.points(0.5)
def test_loss_is_crossentropy(evidence):
    public.loss_is_crossentropy(evidence)


@pytest.mark.points(0.25)
def test_optimizer_is_the_given_one(evidence):
    for name, run in zip(public.OPTIMIZERS, public.watched(evidence), strict=True):
        fitting.optimizer_is(run, public.TRAIN, Asked(name))


@pytest.mark.points(0.25)
def test_optimizer_objects(evidence):
    """What compile takes may be an object, with settings that no name stands for."""
    asked = Asked("SGD", {"learning_rate": 0.02, "momentum": 0.5})
    (run,) = evidence.training(public.TRAIN, [asked], epochs=public.EPOCHS, input_shape=public.INPUT)
    fitting.optimizer_is(run, public.TRAIN, asked)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_trains_for_epochs(evidence):
    public.trains_for_epochs(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_validates(evidence):
    public.validates(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_passes_callbacks(evidence):
    public.passes_callbacks(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_returns_history(evidence):
    public.returns_history(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_fresh_network(evidence):
    public.fresh_network(evidence)


@pytest.mark.points(0.75)
def test_records_complete(records):
    complete(records, public.OPTIMIZERS, images=IMAGES, epochs=EPOCHS)


@pytest.mark.points(0.75)
@pytest.mark.depends("records_complete")
def test_losses_fall(records):
    """A loss that does not fall means that the network did not learn. Adadelta's falls slowly, but it falls."""
    losses_fall(records, public.OPTIMIZERS)

"""A real, small training, recorded: the numbers are Keras's own."""

import keras
import numpy as np
import pytest

import cnnkit
from cnnkit import session
from cnnkit.data import Batches

pytestmark = pytest.mark.tensorflow


@pytest.fixture(autouse=True)
def started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 11))


@pytest.fixture
def data():
    dice = np.random.default_rng(3)
    pixels, labels = dice.integers(0, 256, (100, 4, 4), dtype=np.uint8), np.arange(100) % 10
    return Batches(pixels, labels, batch_size=8, seed=3), Batches(pixels[:20], labels[:20], batch_size=8, seed=None)


def build():
    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])


def train(optimizer, train, val, epochs, callbacks):
    network = build()
    network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    train.history = network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)


def test_history_and_first_steps(data):
    found = cnnkit.record(train, keras.optimizers.SGD(0.1, momentum=0.5, nesterov=True), *data, epochs=2)
    assert found.history == {name: pytest.approx(values) for name, values in data[0].history.history.items()}
    assert found.run == "sgd"
    assert found.optimizer["name"] == "sgd"
    assert found.optimizer["learning_rate"] == 0.1
    assert (found.optimizer["momentum"], found.optimizer["nesterov"]) == (0.5, 1.0)
    assert found.loss == "categorical_crossentropy"
    assert (found.images, found.batch_size, found.seed) == (100, 8, 11)

    keras.utils.set_random_seed(11)
    network = build()
    network.compile(keras.optimizers.SGD(0.1, momentum=0.5, nesterov=True), "categorical_crossentropy")
    data[0].set_epoch(0)
    replayed = [float(network.train_on_batch(*data[0][step])) for step in range(10)]
    assert found.steps == pytest.approx(replayed, rel=1e-4)


def test_the_same_again_gives_the_same(data):
    first, second = (cnnkit.record(train, "adam", *data, epochs=2) for _ in range(2))
    assert first.history == second.history
    assert first.steps == second.steps

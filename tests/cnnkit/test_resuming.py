"""A training that was interrupted goes on after its last whole epoch, and only the same training does."""

from pathlib import Path

import keras
import numpy as np
import pytest

import cnnkit
from cnnkit import session
from cnnkit.batches import Batches
from cnnkit.resuming import FOLDER

pytestmark = pytest.mark.tensorflow


@pytest.fixture(autouse=True)
def started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_current", session.Session("toy", "s1", 11))


@pytest.fixture
def data():
    dice = np.random.default_rng(3)
    pixels, labels = dice.integers(0, 256, (100, 6, 6), dtype=np.uint8), np.arange(100) % 10
    return Batches(pixels, labels, batch_size=8, seed=11), Batches(pixels[:20], labels[:20], batch_size=8, seed=None)


class Interruption(keras.callbacks.Callback):
    """Stops a training at the beginning of an epoch, once."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.epoch = None
            raise KeyboardInterrupt


def trainer(interruption=None, *, units=16, optimizer=None, fits=1):
    def train(given, train, val, epochs, callbacks):
        network = keras.Sequential(
            [
                keras.Input((6, 6, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(units, "relu"),
                keras.layers.Dropout(0.5),
                keras.layers.Dense(10, "softmax"),
            ]
        )
        network.compile(optimizer or given, "categorical_crossentropy", metrics=["accuracy"])
        for _ in range(fits):
            extra = [interruption] if interruption else []
            done = network.fit(train, validation_data=val, epochs=epochs, callbacks=[*callbacks, *extra], verbose=0)
        return done

    return train


def interrupted(data, at=2, **how):
    with pytest.raises(KeyboardInterrupt):
        cnnkit.record(trainer(Interruption(at), **how), "adam", *data, epochs=4)


def test_it_goes_on_and_comes_to_the_same_numbers(data, capsys):
    whole = cnnkit.record(trainer(), "adam", *data, epochs=4)
    interrupted(data)
    assert "run the cell again to go on from there" in capsys.readouterr().out
    resumed = cnnkit.record(trainer(), "adam", *data, epochs=4)
    assert "goes on after epoch 2 of 4" in capsys.readouterr().out
    assert resumed.resumed == (2,)
    assert (resumed.steps, resumed.initial, resumed.draws) == (whole.steps, whole.initial, whole.draws)
    assert resumed.history == whole.history
    assert resumed.fingerprints == whole.fingerprints
    assert not Path(FOLDER).exists()


def test_interrupted_twice(data):
    interrupted(data, at=1)
    interrupted(data, at=3)
    resumed = cnnkit.record(trainer(), "adam", *data, epochs=4)
    assert resumed.resumed == (1, 3)
    assert len(resumed.history["loss"]) == 4
    assert len(resumed.fingerprints) == 5


@pytest.mark.parametrize(
    "change", [{"units": 8}, {"optimizer": "sgd"}, {"epochs": 3}, {"resume": False}, {"seed": 12}], ids=str
)
def test_another_training_begins_anew(data, change, monkeypatch):
    interrupted(data)
    if "seed" in change:
        monkeypatch.setattr(session, "_current", session.Session("toy", "s2", 12))
    how = {name: change[name] for name in ("units", "optimizer") if name in change}
    asked = {name: change[name] for name in ("resume",) if name in change}
    found = cnnkit.record(trainer(**how), "adam", *data, epochs=change.get("epochs", 4), **asked)
    assert found.resumed == ()
    assert len(found.history["loss"]) == change.get("epochs", 4)


@pytest.mark.parametrize("damage", ["record.json", "model/latest.weights.h5", "model/training_metadata.json"])
@pytest.mark.parametrize("to", [b"", b"{"])
def test_half_a_backup_is_thrown_away(data, damage, to):
    interrupted(data)
    (file,) = Path(FOLDER).glob(f"*/{damage}")
    file.write_bytes(to)
    found = cnnkit.record(trainer(), "adam", *data, epochs=4)
    assert found.resumed == ()
    assert len(found.history["loss"]) == 4


def test_a_function_that_fits_twice_is_recorded_as_before(data, capsys):
    found = cnnkit.record(trainer(fits=2), "adam", *data, epochs=2)
    assert len(found.history["loss"]) == 2
    assert "fit was called 2 times" in capsys.readouterr().out
    assert not Path(FOLDER).exists()

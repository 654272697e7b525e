"""A training that was interrupted goes on after its last whole epoch, as if nothing had happened, or begins anew."""

import hashlib
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import cnnkit
from cnnkit import session
from cnnkit.atomic_write import write_atomically
from cnnkit.data import Batches
from cnnkit.recording import checkpoint
from cnnkit.recording.checkpoint import FOLDER, TrainingCheckpoint

pytestmark = pytest.mark.tensorflow

EPOCHS = 4


SESSION = session.Session("mnist_convnet", "s1", 11)


@pytest.fixture(autouse=True)
def started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_current", SESSION)


def some_data(dice=3, batch_size=8):
    dice = np.random.default_rng(dice)
    pixels, labels = dice.integers(0, 256, (100, 6, 6), dtype=np.uint8), np.arange(100) % 10
    train = Batches(pixels, labels, batch_size=batch_size, seed=11)
    return train, Batches(pixels[:20], labels[:20], batch_size=batch_size, seed=None)


@pytest.fixture
def data():
    return some_data()


def build():
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Flatten(),
            layers.Dense(12, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_a_smaller_one():
    return keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])


def build_with_every_state():
    """Weights, moving means, and random numbers that are drawn while training, nested ones among them."""
    augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomContrast(0.2)])
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            augmentation,
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.GaussianNoise(0.1),
            layers.Dropout(0.4),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


class Interrupt(keras.callbacks.Callback):
    """Stops the training in the middle of an epoch, or in another place."""

    def __init__(self, epoch, error=KeyboardInterrupt, place="on_train_batch_end", step=5):
        super().__init__()
        self._epoch, self._now, self._error, self._step = epoch, -1, error, step
        setattr(self, place, self._stop)

    def on_epoch_begin(self, epoch, logs=None):
        self._now = epoch

    def _stop(self, number=None, logs=None):
        if self._now == self._epoch and number in (self._epoch, self._step):
            raise self._error


class Training:
    """A training function that may be interrupted, and remembers what it did."""

    def __init__(self, *more, network=build, loss="categorical_crossentropy"):
        self.more, self.network, self.loss = more, network, loss
        self.models = []

    def __call__(self, optimizer, train, val, epochs, callbacks):
        network = self.network()
        network.compile(optimizer, self.loss, metrics=["accuracy"])
        self.models.append(network)
        return network.fit(train, validation_data=val, epochs=epochs, callbacks=[*callbacks, *self.more], verbose=0)


def interrupt(data, epoch=2, error=KeyboardInterrupt, optimizer="adam", network=build, **changes):
    """Interrupt a training in this epoch (from 0)."""
    with pytest.raises(error):
        cnnkit.record(
            Training(Interrupt(epoch, error), network=network), optimizer, *data, **{"epochs": EPOCHS} | changes
        )


def again(data, training=None, optimizer="adam", **changes):
    return cnnkit.record(training or Training(), optimizer, *data, **{"epochs": EPOCHS} | changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training that nothing interrupts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("whole"))
        patched.setattr(session, "_current", SESSION)
        return again(some_data())


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """Files of a training that was interrupted in its third epoch."""
    folder = tmp_path_factory.mktemp("left")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(session, "_current", SESSION)
        interrupt(some_data())
    return folder


@pytest.fixture
def interrupted(left, tmp_path):
    """The folder of the interrupted run's backup, in this test's own folder."""
    shutil.copytree(left, tmp_path, dirs_exist_ok=True)
    (folder,) = Path(FOLDER).iterdir()
    return folder


def same(one, other):
    """The same in all that training decides."""
    names = ("history", "steps", "initial", "fingerprints", "draws", "weights", "optimizer", "loss")
    return {name for name in names if getattr(one, name) != getattr(other, name)} == set()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_it_goes_on_as_if_it_had_not_been_interrupted(data, whole, error, capsys):
    interrupt(data, error=error)
    said = capsys.readouterr().out
    assert f"adam: ended early by {error.__name__}. This is what was reached; run the cell again to go on" in said
    assert Path(FOLDER).is_dir()
    found = again(data)
    assert "adam: goes on after epoch 2 of 4, where it was interrupted." in capsys.readouterr().out
    assert found.resumed == (2,)
    assert len(found["loss"]) == len(found["val_loss"]) == EPOCHS
    assert len(found.fingerprints) == EPOCHS + 1
    assert same(found, whole)
    assert not Path(FOLDER).exists()


def test_every_state_of_a_network_goes_on(data):
    found = again(data, Training(network=build_with_every_state))
    interrupt(data, network=build_with_every_state)
    on = again(data, Training(network=build_with_every_state))
    assert on.resumed == (2,)
    assert same(on, found)


@pytest.mark.parametrize("optimizer", ["sgd", "adadelta", "rmsprop"])
def test_any_optimizer_goes_on(data, optimizer):
    found = again(data, optimizer=optimizer)
    interrupt(data, optimizer=keras.optimizers.get(optimizer))
    on = again(data, optimizer=keras.optimizers.get(optimizer))
    assert on.resumed == (2,)
    assert same(on, found)


def test_more_than_once(data, whole):
    for epoch in (1, 1, 3):
        interrupt(data, epoch)
    found = again(data)
    assert found.resumed == (1, 3)  # the second time came no further
    assert same(found, whole)


def test_what_was_reached_is_in_the_files(interrupted, whole):
    (record,) = (json.loads(path.read_text()) for path in Path("records").glob("*.json"))
    assert record["history"]["loss"] == whole["loss"][:2]
    assert record["fingerprints"] == whole.fingerprints[:3]
    data = Path("records/adam.npz").read_bytes()
    assert record["weights"] == f"sha256:{hashlib.sha256(data).hexdigest()}" != whole.weights


def test_in_its_first_epoch_there_is_nothing_to_go_on_from(data, capsys):
    interrupt(data, 0)
    assert capsys.readouterr().out == ""
    assert not Path("records").exists()
    assert again(data).resumed == ()


def test_after_its_last_epoch_that_one_is_repeated(data, whole):
    with pytest.raises(KeyboardInterrupt):
        again(data, Training(Interrupt(EPOCHS - 1, place="on_epoch_end")))
    found = again(data)
    assert found.resumed == (EPOCHS - 1,)
    assert same(found, whole)


CHANGES = {
    "epochs": lambda data: again(data, epochs=3),
    "optimizer": lambda data: again(data, optimizer=keras.optimizers.Adam(0.01), run="adam"),
    "loss": lambda data: again(data, Training(loss="mean_squared_error")),
    "network": lambda data: again(data, Training(network=build_a_smaller_one)),
    "initial weights": lambda data: again(data, Training(network=lambda: [build(), build()][1])),
    "pixels": lambda data: again(some_data(dice=4)),
    "batch size": lambda data: again(some_data(batch_size=16)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_training_begins_anew(data, interrupted, change):
    found = CHANGES[change](data)
    assert found.resumed == ()
    assert len(found["loss"]) == found.epochs
    assert not Path(FOLDER).exists()


def test_another_seed_begins_anew(data, interrupted, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s2", 12))
    assert again(data).resumed == ()


def test_data_that_cannot_be_told_apart_begin_anew(data):
    arrays = tuple(np.concatenate(part) for part in zip(*(data[1][k] for k in range(len(data[1]))), strict=True))
    interrupt((data[0], arrays))
    assert not Path(FOLDER).exists()
    assert again((data[0], arrays)).resumed == ()


def test_not_to_go_on_can_be_asked_for(data, interrupted, capsys):
    interrupt(data, resume=False)
    assert "run the cell again for all" in capsys.readouterr().out
    assert not Path(FOLDER).exists()
    assert again(data).resumed == ()


def test_nbgrader_s_validation_leaves_it_alone(data, interrupted, whole, monkeypatch):
    files = {path: path.read_bytes() for path in Path("records").iterdir()}
    with monkeypatch.context() as validating:
        validating.setenv("NBGRADER_EXECUTION", "validate")
        assert again(data).epochs == 1
    assert {path: path.read_bytes() for path in Path("records").iterdir()} == files
    assert same(again(data), whole)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("damage", [cut, Path.unlink, lengthen, lambda path: path.write_bytes(b"{}")])
@pytest.mark.parametrize("name", ["record.json", "2.npy"])
def test_from_half_a_file_it_begins_anew(data, interrupted, whole, name, damage):
    damage(interrupted / name)
    found = again(data)
    assert found.resumed == ()
    assert same(found, whole)


@pytest.mark.parametrize("name", ["values", "draws", "resumed"])
def test_a_state_that_lacks_something_is_not_taken_up(data, interrupted, whole, name):
    kept = json.loads((interrupted / "record.json").read_text())
    del kept["state"][name]
    (interrupted / "record.json").write_text(json.dumps(kept))
    found = again(data)
    assert found.resumed == ()
    assert same(found, whole)


def test_weights_of_another_network_leave_this_one_as_it_was(data, interrupted, whole):
    with (interrupted / "2.npy").open("rb") as file:
        values = [np.load(file) for _ in range(15)]
        assert not file.read()
    with (interrupted / "2.npy").open("wb") as file:
        for value in [*values[:-1], np.zeros((3, 3), np.float32)]:
            np.save(file, value)
    found = again(data)
    assert found.resumed == ()
    assert same(found, whole)


@pytest.mark.parametrize("suffix", [".npy", ".json"])
def test_where_nothing_can_be_kept_the_training_goes_on(data, whole, suffix, monkeypatch):
    def full(path, data):
        if path.suffix == suffix:
            raise OSError(28, "No space left on device")
        write_atomically(path, data)

    monkeypatch.setattr(checkpoint, "write_atomically", full)
    found = again(data)
    assert same(found, whole)
    assert not Path(FOLDER).exists()


def test_interrupted_while_it_is_kept_the_epoch_before_is_there(data, whole, monkeypatch):
    def interrupted(path, data):
        if b'"epochs": 3' in bytes(data):
            raise KeyboardInterrupt
        write_atomically(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "write_atomically", interrupted)
        with pytest.raises(KeyboardInterrupt):
            again(data)
    found = again(data)
    assert found.resumed == (2,)
    assert same(found, whole)


def test_only_the_last_epoch_is_kept(data):
    interrupt(data, 3)
    (folder,) = Path(FOLDER).iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["3.npy", "record.json"]


def test_two_runs_go_on_by_themselves(data):
    interrupt(data, run="one")
    interrupt(data, 3, run="two")
    assert again(data, run="one").resumed == (2,)
    assert Path(FOLDER).is_dir()
    assert again(data, run="two").resumed == (3,)
    assert not Path(FOLDER).exists()


class Twice(Training):
    """Trains twice: a little first, then as it was asked."""

    def __call__(self, optimizer, train, val, epochs, callbacks):
        network = self.network()
        for rounds, more in ((3, self.more[:1]), (epochs, self.more[1:])):
            network.compile(optimizer, self.loss, metrics=["accuracy"])
            network.fit(train, validation_data=val, epochs=rounds, callbacks=[*callbacks, *more], verbose=0)


def test_a_function_that_trains_twice(data):
    nothing = keras.callbacks.Callback()
    whole = again(data, Twice(nothing, nothing))
    assert len(whole["loss"]) == EPOCHS
    # in its first fit: that one goes on, and the second one is whole
    with pytest.raises(KeyboardInterrupt):
        again(data, Twice(Interrupt(1), nothing))
    found = again(data, Twice(nothing, nothing))
    assert found.resumed == ()
    assert same(found, whole)
    # in its second fit: all from the start
    with pytest.raises(KeyboardInterrupt):
        again(data, Twice(nothing, Interrupt(2)))
    assert not Path(FOLDER).exists()


def test_a_later_fit_of_the_network_begins_where_it_is_told(data, interrupted):
    """Keras would begin every later fit of it at the epoch at which it once went on."""
    training = Training()
    assert again(data, training).resumed == (2,)
    assert training.models[0].fit(data[0], epochs=1, verbose=0).epoch == [0]


def test_a_subclassed_network_goes_on(data):
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.stack = [layers.Flatten(), layers.Dense(30, activation="relu"), layers.Dropout(0.5)]
            self.answer = layers.Dense(10, activation="softmax")

        def call(self, x, training=None):
            for layer in self.stack:
                x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
            return self.answer(x)

    def network():
        made = Network()
        made(np.zeros((1, 6, 6, 1), np.float32))
        return made

    whole = again(data, Training(network=network))
    interrupt(data, network=network)
    found = again(data, Training(network=network))
    assert found.resumed == (2,)
    assert same(found, whole)


def test_names_of_runs_do_not_lead_out_of_the_folder():
    for run in ("../../x", "/etc", "", "a" * 500, "\ud800"):
        assert TrainingCheckpoint(run, None).folder.parent == Path(FOLDER)

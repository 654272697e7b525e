"""A student's callbacks leave behind in a watch what they should; right functions that read it lose nothing."""

import csv
import os
import time

import keras
import pytest

from cnnkit.expect import fit as expected
from cnnkit.mismatch import Mismatch
from cnnkit.networks.describe.weightless import WeightsNeeded
from cnnkit.probe.watching import VAL_BATCHES, OptimizerSpec, watch_training
from cnnkit.probe.weightless_watching import watch_without_weights

pytestmark = pytest.mark.tensorflow

SHAPE = (None, 4, 4, 1)
ADAM, SGD = OptimizerSpec("adam"), OptimizerSpec("sgd")
C = keras.callbacks


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def network(optimizer="adam"):
    made = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    made.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return made


class Timer(C.Callback):
    """Makes its list when training begins."""

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


class Losses(C.Callback):
    """Collects losses of batches and epochs."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, logs["val_accuracy"], self.params["epochs"], self.model.name))


def checkpoint(fit):
    made, history = fit(C.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True))
    made.load_weights("best.weights.h5")
    return history


def whole_model(fit):
    _, history = fit(C.ModelCheckpoint("best.keras", save_best_only=True))
    keras.models.load_model("best.keras")
    return history


def an_epoch_each(fit):
    made, history = fit(C.ModelCheckpoint("w-{epoch:02d}-{val_loss:.2f}.weights.h5", save_weights_only=True))
    made.load_weights(sorted(name for name in os.listdir() if name.startswith("w-"))[-1])
    return history


def logger(fit):
    _, history = fit(C.CSVLogger("log.csv"))
    with open("log.csv") as file:
        assert len(list(csv.DictReader(file))) == 4
    return history


def stopping(fit):
    stop = C.EarlyStopping(patience=2)
    _, history = fit(stop)
    assert history.epoch[stop.best_epoch] == 3
    assert stop.stopped_epoch == 0
    return history


def restoring(fit):
    stop = C.EarlyStopping(monitor="val_accuracy", patience=1, restore_best_weights=True)
    made, history = fit(stop)
    made.set_weights(stop.best_weights)
    return history


def timing(fit):
    timer = Timer()
    _, history = fit(timer)
    assert sum(timer.seconds) / len(timer.seconds) >= 0
    return history


def collecting(fit):
    losses = Losses()
    _, history = fit([[losses]])
    assert len(losses.batches) == len(losses.epochs) == losses.epochs[0][2] == 4
    return history


def a_history_of_its_own(fit):
    own = C.History()
    _, history = fit(own)
    assert min(own.history["val_loss"]) == own.history["val_loss"][-1]
    return history


def a_lambda(fit):
    seen = []
    _, history = fit(C.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["loss"])))
    assert seen[-1] < seen[0]
    return history


def slower_and_slower(fit):
    _, history = fit(
        [C.LearningRateScheduler(lambda epoch, rate: rate * 0.9), C.ReduceLROnPlateau(), C.TerminateOnNaN()]
    )
    return history


def rates(fit):
    _, history = fit([C.ReduceLROnPlateau(patience=1), C.CSVLogger("log.csv")])
    assert len(history.history["learning_rate"]) == 4
    with open("log.csv") as file:
        assert "learning_rate" in next(csv.reader(file))
    return history


def a_log_of_its_own(fit):
    def add(epoch, logs):
        if epoch % 2:
            logs["odd"] = epoch

    _, history = fit(C.LambdaCallback(on_epoch_end=add))
    assert history.history["odd"] == [1, 3]
    return history


READERS = [
    *(checkpoint, whole_model, an_epoch_each, logger, stopping, restoring, timing, collecting),
    *(a_history_of_its_own, a_lambda, slower_and_slower, rates, a_log_of_its_own),
]


def training(read):
    """A training function that reads what its own callbacks left."""

    def train(optimizer, train, val, epochs=10, callbacks=()):
        made = network(optimizer)

        def fit(own):
            return made, made.fit(train, validation_data=val, epochs=epochs, callbacks=[own, *callbacks], verbose=0)

        return read(fit)

    return train


@pytest.mark.parametrize("read", READERS)
def test_a_function_that_reads_what_a_callback_left_loses_nothing(read, folder):
    runs = watch_training(training(read), [ADAM, SGD], 4, SHAPE)
    for run in runs:
        assert run.raised == ""
        expected.history_returned(run, "f")
        expected.callbacks_passed(run, "f")
        expected.trains_for(run, "f", 4)
    expected.networks_fresh(runs, "f")
    assert os.listdir(folder) == []


@pytest.mark.parametrize("read", [checkpoint, whole_model, restoring])
def test_callbacks_that_look_at_weights_need_some(read):
    with pytest.raises(WeightsNeeded):
        watch_without_weights(training(read), [ADAM], 4, SHAPE)


@pytest.mark.parametrize("read", [logger, stopping, timing, collecting, a_history_of_its_own, a_lambda])
def test_other_callbacks_need_none(read):
    (run,) = watch_without_weights(training(read), [ADAM], 4, SHAPE)
    assert (run.returned, run.raised) == ("history", "")


def test_a_file_that_is_there_is_left_as_it_is(folder):
    network().save_weights("best.weights.h5")
    before = (folder / "best.weights.h5").read_bytes()
    (run,) = watch_training(training(checkpoint), [ADAM], 4, SHAPE)
    assert run.returned == "history"
    assert (folder / "best.weights.h5").read_bytes() == before


def test_what_was_seen_before_an_exception_is_judged():
    def read(fit):
        fit(C.Callback())
        raise FileNotFoundError("training.log")

    (run,) = watch_training(training(read), [ADAM], 4, SHAPE)
    expected.trains_for(run, "f", 4)
    expected.validates_on_val(run, "f")
    expected.callbacks_passed(run, "f")
    expected.optimizer_is(run, "f", ADAM)
    with pytest.raises(Mismatch, match=r"an exception after fit: FileNotFoundError: training\.log"):
        expected.history_returned(run, "f")
    with pytest.raises(WeightsNeeded):
        watch_without_weights(training(read), [ADAM], 4, SHAPE)


def test_an_exception_before_fit_is_passed_on():
    def broken(optimizer, train, val, epochs=10, callbacks=()):
        raise KeyError("optimizer")

    with pytest.raises(KeyError):
        watch_training(broken, [ADAM], 4, SHAPE)


def test_a_callback_that_raises_is_not_the_functions_fault():
    class Broken(C.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ValueError("no such metric")

    def read(fit):
        return fit(Broken())[1]

    (run,) = watch_training(training(read), [ADAM], 4, SHAPE)
    assert (run.returned, run.raised) == ("history", "")
    with pytest.raises(WeightsNeeded):
        watch_without_weights(training(read), [ADAM], 4, SHAPE)


STEPS = [1, 2, 3, 10, 50, 100, 400, 430, 469, 1_000, 1_875, 10_000]


@pytest.mark.parametrize("steps", STEPS)
def test_a_constant_number_of_steps_is_found(steps):
    def train(optimizer, train, val, epochs=10, callbacks=()):
        most = {"steps_per_epoch": steps, "validation_steps": min(steps, len(val))}
        return network().fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, **most)

    (run,) = watch_training(train, [ADAM], 4, SHAPE)
    with pytest.raises(Mismatch, match="steps_per_epoch"):
        expected.trains_for(run, "f", 4)
    if steps < VAL_BATCHES:
        with pytest.raises(Mismatch, match="validation_steps"):
            expected.validates_on_val(run, "f")


def test_evaluating_goes_through_the_images_once():
    seen = []

    class Counter(C.Callback):
        def on_test_batch_end(self, batch, logs=None):
            seen.append(batch)

    def train(optimizer, train, val, epochs=10, callbacks=()):
        made = network()
        history = made.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks)
        made.evaluate(val, callbacks=[Counter()], verbose=0)
        assert len(made.predict(train, verbose=0)) == 16
        return history

    (run,) = watch_training(train, [ADAM], 4, SHAPE)
    assert (run.returned, run.raised, len(seen)) == ("history", "", 2)


def test_steps_that_are_read_from_the_data_are_right():
    def train(optimizer, train, val, epochs=10, callbacks=()):
        batches = sum(1 for _ in (train[k] for k in range(len(train))))
        most = {"steps_per_epoch": batches, "validation_steps": len(val)}
        return network().fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, **most)

    (run,) = watch_training(train, [ADAM], 4, SHAPE)
    expected.trains_for(run, "f", 4)
    expected.validates_on_val(run, "f")

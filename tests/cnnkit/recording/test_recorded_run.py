"""The record of a training, and what a student sees when the training fails. Without TensorFlow."""

import math
import sys
import types
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import cnnkit.recording
from autograder.intake.training_records import validated_record
from cnnkit import session
from cnnkit.recording import record_bounds, recorded_run
from cnnkit.recording.display import record_bundle, record_summary
from cnnkit.recording.record_files import record_file_name
from cnnkit.recording.recorded_run import play_back, record
from cnnkit.recording.schema import MIME, TrainingRecord

ROOT = Path(__file__).parents[3]
NAN = float("nan")
CALLBACK = "cnnkit.recording.callback"


class Callback:
    """The base class of Keras's callbacks."""

    model = None


@pytest.fixture(autouse=True)
def keras(monkeypatch, tmp_path):
    """A stand-in for Keras that notes the seeds it is given."""
    monkeypatch.chdir(tmp_path)  # records/ is written there
    losses = types.SimpleNamespace(Loss=type("Loss", (), {}), get=lambda name: name)
    fake = types.SimpleNamespace(
        Model=type("Model", (), {"fit": lambda model: None}),
        config=types.SimpleNamespace(floatx=lambda: "float32"),
        callbacks=types.SimpleNamespace(Callback=Callback),
        utils=types.SimpleNamespace(set_random_seed=lambda seed: fake.seeds.append(seed)),
        backend=types.SimpleNamespace(backend=lambda: "numpy"),
        losses=losses,
        optimizers=types.SimpleNamespace(
            schedules=types.SimpleNamespace(LearningRateSchedule=type("Schedule", (), {}))
        ),
        seeds=[],
        __version__="3.0",
    )
    monkeypatch.setitem(sys.modules, "keras", fake)
    # the callback's class is made from the stand-in here, and from Keras in other tests of this process
    monkeypatch.setitem(sys.modules, CALLBACK, types.ModuleType(CALLBACK))
    monkeypatch.setattr(cnnkit.recording, "callback", None, raising=False)
    del sys.modules[CALLBACK]
    monkeypatch.setattr(session, "_current", session.Session("toy", "s1", 42))
    monkeypatch.setattr("cnnkit.networks.describe.compiled.is_keras_own", lambda value: True)
    return fake


class Data:
    images, batch_size = 1_000, 100

    def __init__(self):
        self.epochs = []

    def set_epoch(self, epoch):
        self.epochs.append(epoch)

    def first(self, count):
        smaller = Data()
        smaller.images = count
        return smaller


class Adam:
    def get_config(self):
        return {"name": "adam", "learning_rate": 0.001, "amsgrad": False, "clipnorm": None, "beta_1": 0.9}


class Network:
    def __init__(self):
        self.optimizer, self.loss = Adam(), "categorical_crossentropy"

    def fit(self, callbacks, epochs, losses=(2.0, 1.0, 0.5), fail=None, metric="odd"):
        """Go through the callbacks as Keras does; `losses` are those of an epoch's steps."""
        odd = [1, 2] if metric == "odd" else 0.5
        for callback in callbacks:
            callback.model = self
            callback.on_train_begin()
            for epoch in range(epochs):
                if fail and epoch == 2:
                    raise fail
                callback.on_epoch_begin(epoch)
                for step in range(len(losses)):
                    callback.on_train_batch_end(step, {"loss": sum(losses[: step + 1]) / (step + 1)})
                callback.on_epoch_end(epoch, {"loss": losses[-1] / (epoch + 1), metric: odd, "val_loss": 0.25})


def train(optimizer, train, val, epochs, callbacks):
    Network().fit(callbacks, epochs)


def run(function=train, **changes):
    return record(function, changes.pop("optimizer", "adam"), Data(), Data(), **{"epochs": 3} | changes)


def test_a_run_is_recorded(keras, capsys):
    found = run()
    assert found.history == {"loss": [0.5, 0.25, 0.5 / 3], "val_loss": [0.25] * 3}
    assert found.steps == pytest.approx([2.0, 1.0, 0.5])
    assert found.optimizer == {"name": "adam", "learning_rate": 0.001, "amsgrad": 0.0, "beta_1": 0.9}
    assert (found.images, found.batch_size, found.epochs) == (1_000, 100, 3)
    assert (found.assignment, found.student, found.seed) == ("toy", "s1", 42)
    assert found.versions["keras"] == "3.0"
    assert keras.seeds == [42]
    assert validated_record(found.to_json()) == found
    printed = capsys.readouterr().out
    assert "adam  epoch 1/3  loss 0.5000  val_loss 0.2500  about 0 s left" in printed
    assert "adam: 3 epochs on 1,000 images in 0 s; loss 0.5000 → 0.1667; validation loss 0.2500 → 0.2500" in printed


def test_the_data_are_told_the_epoch():
    data = Data()
    record(train, "adam", data, Data(), epochs=3)
    assert data.epochs == [0, 1, 2]


def test_without_a_session_the_seed_is_everybody_s(keras, monkeypatch):
    monkeypatch.setattr(session, "_current", None)
    assert run().assignment == ""
    assert keras.seeds == [0]


class RMSprop:
    name = "rmsprop_1"  # what Keras calls the second one


@pytest.mark.parametrize(
    ("optimizer", "given", "name"),
    [
        ("Adam", None, "adam"),
        (RMSprop(), None, "rmsprop"),
        (Adam(), None, "adam"),
        (Adam, None, "adam"),
        ("adam", "My run\n\x00", "my run"),
        ("adam", "x" * 500, "x" * 100),
        ("\n", None, "run"),
    ],
)
def test_names_of_runs(optimizer, given, name):
    found = run(optimizer=optimizer, run=given)
    assert found.run == name
    assert validated_record(found.to_json()).run == name


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("bad"), MemoryError()])
def test_what_was_reached_is_shown_when_the_training_breaks_off(error, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(recorded_run, "show_record", shown.append)
    with pytest.raises(type(error)):
        run(lambda optimizer, train, val, epochs, callbacks: Network().fit(callbacks, epochs, fail=error), epochs=10)
    assert shown[0].history["loss"] == [0.5, 0.25]
    assert shown[0].epochs == 10
    assert f"ended early by {type(error).__name__}" in capsys.readouterr().out
    assert "2 of 10 epochs" in record_summary(shown[0])


def test_nothing_is_shown_where_nothing_was_reached(monkeypatch):
    shown = []
    monkeypatch.setattr(recorded_run, "show_record", shown.append)

    def fails(*args, **kwargs):
        raise ValueError("at once")

    with pytest.raises(ValueError, match="at once"):
        run(fails)
    assert shown == []


def test_an_error_after_the_training_does_not_lose_it(monkeypatch):
    shown = []
    monkeypatch.setattr(recorded_run, "show_record", shown.append)

    def fails_late(*args, **kwargs):
        train(*args, **kwargs)
        raise KeyError("acc")

    with pytest.raises(KeyError):
        run(fails_late)
    assert len(shown[0]["loss"]) == 3


@pytest.mark.parametrize(
    "function", [lambda *args, **kwargs: None, lambda *args, **kwargs: Network().fit(kwargs["callbacks"], 0)]
)
def test_no_training_seen(function):
    with pytest.raises(
        ValueError, match=r"expected it to pass its callbacks on, model.fit\(..., callbacks=callbacks\)"
    ):
        run(function)


@pytest.mark.parametrize("given", [None, Network(), 3])
def test_no_function(given):
    with pytest.raises(TypeError, match="pass it without brackets"):
        run(given)


def test_the_last_fit_is_recorded(capsys):
    def twice(optimizer, train, val, epochs, callbacks):
        Network().fit(callbacks, 5, losses=(9.0,))
        Network().fit(callbacks, epochs)

    found = run(twice)
    assert len(found["loss"]) == 3
    assert found.steps == pytest.approx([2.0, 1.0, 0.5])
    assert "fit was called 2 times; the last one is recorded" in capsys.readouterr().out


def test_an_optimizer_of_one_s_own_does_not_stop_the_training():
    class Broken:
        def get_config(self):
            raise RuntimeError("no")

    def own(optimizer, train, val, epochs, callbacks):
        network = Network()
        network.optimizer, network.loss = Broken(), object()
        network.fit(callbacks, epochs)

    assert len(run(own)["loss"]) == 3


def test_first_steps_are_those_of_the_first_epoch():
    from cnnkit.recording.callback import Recorder

    recorder = Recorder("adam", 2, None)
    Network().fit([recorder], 2, losses=tuple(range(1, 31)))
    assert recorder.observed.steps == pytest.approx(list(range(1, 11)))


def test_what_is_recorded_at_the_bounds_is_what_a_grader_reads():
    losses = tuple(range(1, 2 * record_bounds.FIRST_STEPS))

    def with_long_names(optimizer, train, val, epochs, callbacks):
        Network().fit(callbacks, epochs, losses=losses, metric="m" * 500)

    found = run(with_long_names, run="x" * 500)
    assert found.run == "x" * record_bounds.LONGEST_NAME
    assert len(found.steps) == record_bounds.FIRST_STEPS
    assert "m" * record_bounds.LONGEST_NAME in found
    assert validated_record(Path("records").joinpath(record_file_name(found.run, "json")).read_bytes()) == found


def test_played_back_runs_train_nothing():
    kept = TrainingRecord(run="adam", history={"loss": [1.0]})
    play_back({"adam": kept})
    try:
        assert record(None, "Adam", None, None) is kept
        assert record(None, "sgd", None, None) == TrainingRecord(run="sgd", history={})
    finally:
        play_back(None)
    assert run().history["loss"] != [1.0]


def test_nbgrader_validates_with_a_short_epoch(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    found = run(epochs=10)
    assert (found.epochs, found.images) == (1, 256)
    assert "one short epoch" in capsys.readouterr().out


def test_a_diverged_run_is_kept_as_text():
    diverged = TrainingRecord(run="sgd", history={"loss": [2.0, NAN, math.inf]}, steps=[NAN])
    found = record_bundle(diverged)
    assert isinstance(found[MIME], str)
    assert repr(validated_record(found[MIME])) == repr(diverged)
    assert record_bundle(TrainingRecord(run="sgd", history={"loss": [2.0]}))[MIME]["history"] == {"loss": [2.0]}


def test_saved_in_a_notebook_and_read_again(tmp_path):
    """JSON knows no NaN, and Jupyter replaces it by text: the record has to survive that."""
    cell = (
        "from cnnkit.recording.recorded_run import show_record\nfrom cnnkit.recording.schema import TrainingRecord\n"
        "for run, last in (('adam', 1.0), ('sgd', float('nan'))):\n"
        "    show_record(TrainingRecord(run=run, history={'loss': [2.0, last]}, student='<b>', epochs=2))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
    nbformat.write(notebook, tmp_path / "saved.ipynb")
    saved = nbformat.read(tmp_path / "saved.ipynb", 4)
    nbformat.validate(saved)
    adam, sgd = (validated_record(output["data"][MIME]) for output in saved.cells[0].outputs)
    assert adam.history == {"loss": [2.0, 1.0]}
    assert sgd.history["loss"][0] == 2.0
    assert math.isnan(sgd.history["loss"][1])
    first = saved.cells[0].outputs[0]["data"]
    assert first["text/plain"] == "adam: 2 epochs on 0 images in 0 s; loss 2.0000 → 1.0000"
    assert "<svg" in first["text/html"]


@pytest.mark.parametrize(
    ("ours", "others", "seed", "said"),
    [
        ({"name": "mnist", "images": 8}, {"name": "mnist", "images": 2}, 42, {"name": "mnist", "images": 8}),
        ({"name": "mnist", "images": 8}, {"name": "mnist", "images": 2}, 43, {}),
        ({"name": "mnist", "images": 8}, {"name": "fashion_mnist", "images": 2}, 42, {}),
        ({"name": "mnist", "images": 8, "size": 32}, {"name": "mnist", "images": 2, "size": 0}, 42, {}),
        ({"name": "mnist", "images": 8}, None, 42, {}),
        (None, None, 42, {}),
        ({}, {}, 42, {}),
        ("mnist", "mnist", 42, {}),
    ],
)
def test_data_are_named_where_they_are_the_course_s_own_in_the_order_of_the_seed(ours, others, seed, said):
    train_data, val = Data(), Data()
    train_data.origin, val.origin, train_data.seed = ours, others, seed
    found = record(train, "adam", train_data, val, epochs=1)
    assert found.data == (said | {"validation": 2} if said else {})


def test_an_interrupted_run_is_in_the_files_too():
    with pytest.raises(KeyboardInterrupt):
        run(lambda *args, callbacks, **kwargs: Network().fit(callbacks, 10, fail=KeyboardInterrupt()), epochs=10)
    found = validated_record(Path("records/adam.json").read_bytes())
    assert (len(found["loss"]), found.epochs) == (2, 10)


def test_nbgrader_s_validation_writes_no_files(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    run(epochs=10)
    assert not Path("records").exists()


def test_a_watcher_s_line_ends_before_anything_else_is_said(monkeypatch):
    said = []
    monkeypatch.setattr("cnnkit.recording.progress.Progress.breaks_off", lambda self: said.append("line ends"))
    monkeypatch.setattr(recorded_run, "show_record", said.append)
    with pytest.raises(ValueError, match="bad"):
        run(lambda *args, callbacks, **kwargs: Network().fit(callbacks, 3, fail=ValueError("bad")))
    assert said[0] == "line ends"
    assert len(said) == 2

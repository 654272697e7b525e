"""`cnnkit.record`: run a training function and record the run, inside the notebook's own output."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnnkit.execution import runs_under_nbgrader
from cnnkit.recording.checkpoint import TrainingCheckpoint
from cnnkit.recording.display import record_views, show_record
from cnnkit.recording.fingerprint import PROBES, weights_digest
from cnnkit.recording.fit_calls import FitCalls
from cnnkit.recording.plain_values import plain_name
from cnnkit.recording.progress import Progress
from cnnkit.recording.record_bounds import LONGEST_NAME
from cnnkit.recording.record_files import write_record
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.seed_stream import with_positions
from cnnkit.session import current_session

if TYPE_CHECKING:
    from cnnkit.recording.observed import ObservedTraining

_VALIDATION_IMAGES = 256

_played_back: Mapping[str, TrainingRecord] | None = None


def record(
    train_function: Callable[..., Any],
    optimizer: Any,
    train: Any,
    val: Any,
    epochs: int = 10,
    run: str | None = None,
    resume: bool = True,
) -> TrainingRecord:
    """Train with `train_function(optimizer, train, val, epochs=..., callbacks=[...])` and record the run.

    The record shows itself as a curve and travels with the notebook when it is saved: the loss curves are marked from
    it. The final weights are written to `records/` beside the notebook; `cnnkit.submit()` puts both into one file. If
    fit is called more than once, the last call is recorded. If the training is interrupted, what was reached is shown
    and saved in the notebook, and the same call made again resumes it after the last complete epoch.

    Args:
        train_function: yours; it builds a fresh network, trains it and returns the History.
        optimizer: what `compile` takes: "adam", "sgd", or an optimizer object.
        train: the dataset for training, of `cnnkit.data.batches`.
        val: the dataset for validation, of the same kind.
        epochs: passed on to the function.
        run: the run's name; the optimizer's unless given.
        resume: True to continue an interrupted run of the same training after its last complete epoch; with False its
            checkpoint is deleted.

    Returns:
        TrainingRecord with `.history`, a dictionary of per-epoch values as in Keras's History.

    Raises:
        TypeError: `train_function` is no function.
        ValueError: the function did not train, or did not pass the callbacks on to fit.

    Example:
        >>> adam = record(train_convnet, "adam", train, val, epochs=2)  # trains  # doctest: +SKIP
        >>> len(adam.history["val_loss"])  # of that training  # doctest: +SKIP
        2
    """
    name = _name(run or optimizer)
    if _played_back is not None:
        return _played_back.get(name) or TrainingRecord(run=name, history={})
    if not callable(train_function):
        raise TypeError(
            f"expected your training function, found {type(train_function).__name__}: pass it without brackets, as in "
            'cnnkit.record(train_convnet, "adam", train, val)'
        )
    validating = runs_under_nbgrader() and hasattr(train, "first") and hasattr(val, "first")
    if validating:
        # `nbgrader validate` runs the whole notebook with a time limit: it asks whether cells run, not how well
        epochs, train, val = 1, train.first(_VALIDATION_IMAGES), val.first(_VALIDATION_IMAGES)
        print("nbgrader is validating: one short epoch instead of the full training.")
    running = _RecordedRun(name, train, val, epochs, resume, validating)
    try:
        with running.fit_calls.watched():
            train_function(optimizer, train, val, epochs=epochs, callbacks=[running.recorder])
    except BaseException as error:  # KeyboardInterrupt above all: minutes of training should not be lost without trace
        running.break_off(error)
        raise
    return running.finish()


class _RecordedRun:
    """One call of `record` while it trains.

    Args:
        name: the run's.
        train, val, epochs, resume: as in `record`.
        validating: True if nbgrader only looks whether the notebook runs: then nothing is saved.

    Attributes:
        recorder: the callback to train with.
        fit_calls: to be watched while it trains.
    """

    def __init__(self, name: str, train: Any, val: Any, epochs: int, resume: bool, validating: bool) -> None:
        from cnnkit.recording.callback import Recorder  # imports Keras

        self._name, self._validating = name, validating
        self._context = _seeded_context(train, val, epochs)
        key = None
        if not validating:
            if resume:
                key = _key(train, val, self._context)
            else:
                TrainingCheckpoint(name, None).delete()
        self._progress = Progress(
            name, epochs, _length(train), lambda observed: record_views(record_of(name, observed, self._context))
        )
        self.fit_calls = FitCalls(train, val)
        self.recorder = Recorder(name, epochs, train, val, key=key, watcher=self._progress, fit_calls=self.fit_calls)

    def break_off(self, error: BaseException) -> None:
        """Save and show what was reached, if anything was."""
        self._progress.breaks_off()
        if not self.recorder.observed.values:
            return
        checkpoint = self.recorder.checkpoint
        resumable = checkpoint is not None and checkpoint.exists
        again = "run the cell again to go on from there" if resumable else "run the cell again for all"
        print(f"{self._name}: ended early by {type(error).__name__}. This is what was reached; {again}.")
        self._save_and_show()

    def finish(self) -> TrainingRecord:
        """Save and show the record.

        Raises:
            ValueError: no epoch was seen.
        """
        if not self.recorder.observed.values:
            raise ValueError(
                "the training function came to its end, but no epoch was seen: expected it to pass its callbacks on, "
                "model.fit(..., callbacks=callbacks), and to train for at least one epoch"
            )
        if self.recorder.fits > 1:
            print(f"{self._name}: fit was called {self.recorder.fits} times; the last one is recorded.")
        return self._save_and_show()

    def _save_and_show(self) -> TrainingRecord:
        result = record_of(self._name, self.recorder.observed, self._context)
        if not self._validating:  # a run that only validates must not replace the files of one that counts
            result = write_record(result, self.recorder.final_weights)
        if not self._progress.ends(record_views(result)):
            show_record(result)
        return result


def record_of(name: str, observed: ObservedTraining, context: Mapping[str, Any]) -> TrainingRecord:
    """The record of a training as far as it was observed.

    Args:
        name: the run's.
        observed: by the recorder; the record shares no list with it.
        context: the fields of `TrainingRecord` that were known before the training began.
    """
    return TrainingRecord(
        run=name,
        history={metric: list(values) for metric, values in observed.values.items()},
        optimizer=observed.optimizer,
        loss=observed.loss,
        seconds=round(observed.seconds, 1),
        steps=list(observed.steps),
        settings=observed.settings,
        network=observed.network.spec if observed.network else None,
        draws=with_positions(observed.draws, context["seed"]),
        initial=observed.initial,
        fingerprints=[list(numbers) for numbers in observed.fingerprints],
        resumed=observed.resumed,
        image_losses=observed.image_losses,
        image_right=observed.image_right,
        step_rates=list(observed.step_rates),
        epoch_rates=list(observed.epoch_rates),
        fit=observed.fit,
        class_weight=observed.class_weight,
        earlier_fits=observed.earlier_fits,
        loss_settings=observed.loss_settings,
        dtypes=observed.dtypes,
        floatx=observed.floatx,
        unclear={part: plain_name(reason) for part, reason in observed.unclear.items()},
        **context,
    )


def _seeded_context(train: Any, val: Any, epochs: int) -> dict[str, Any]:
    """Seed all random numbers; the fields of the record that are known before the training begins."""
    import keras

    session = current_session()
    seed = session.seed if session else 0
    keras.utils.set_random_seed(seed)
    _make_deterministic()
    return {
        "images": _count(train, "images"),
        "batch_size": _count(train, "batch_size"),
        "epochs": epochs,
        "assignment": session.assignment if session else "",
        "student": session.student if session else "",
        "seed": seed,
        "versions": _versions(),
        "device": _device(),
        "data": _origin(train, val, seed),
    }


def play_back(records: Mapping[str, TrainingRecord] | None) -> None:
    """Make `record` return these runs instead of training, as the grader does; None ends it."""
    global _played_back
    _played_back = records


def _name(given: Any) -> str:
    """A run's name from what was given for it: text, an optimizer object, or an optimizer class."""
    if not isinstance(given, str):
        # not the object's own name: Keras calls the second SGD of a notebook "sgd_1"
        given = (given if isinstance(given, type) else type(given)).__name__
    name = "".join(letter for letter in given.strip().lower() if letter.isprintable())
    return name[:LONGEST_NAME] or "run"


def _count(data: Any, attribute: str) -> int:
    """An attribute of a dataset that is an integer, such as `images`; 0 if it has none."""
    found = getattr(data, attribute, 0)
    return int(found) if isinstance(found, int) else 0


def _length(data: Any) -> int:
    """Number of batches in an epoch; 0 if the dataset does not know."""
    try:
        return len(data)
    except TypeError:  # a stream of batches
        return 0


def _origin(train: Any, val: Any, seed: int) -> dict[str, float | str]:
    """Origin of the data, if they are the course's own in the order of this seed; else {}."""
    ours, others = (getattr(data, "origin", None) for data in (train, val))
    if not (ours and others and isinstance(ours, dict) and isinstance(others, dict)):
        return {}
    if ours | {"images": 0} != others | {"images": 0} or train.seed != seed:
        return {}
    return {**ours, "validation": others["images"]}


def _key(train: Any, val: Any, context: Mapping[str, Any]) -> Any:
    """JSON data that identify this training; None if its data cannot be identified."""
    identities = [_data_identity(data) for data in (train, val)]
    return (
        None
        if None in identities
        else [identities, *(context[name] for name in ("seed", "epochs", "data", "versions", "device"))]
    )


def _data_identity(data: Any) -> list[Any] | None:
    """Number, batch size, order and a digest of the first images, which identify the data; None for other data."""
    try:
        some = data.first(PROBES)
        first = [array for number in range(len(some)) for array in some[number]]
        return [data.images, data.batch_size, data.seed, weights_digest(first)]
    except Exception:  # data of a different kind
        return None


def _make_deterministic() -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        tf.config.experimental.enable_tensor_float_32_execution(False)


def _device() -> str:
    """Device that trains: "CPU", or the accelerator's name; "" for a backend that is not asked."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return ""
    import tensorflow as tf

    found = tf.config.list_logical_devices("GPU")
    if not found:
        return "CPU"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return f"GPU {details.get('device_name', '')}".strip()[:LONGEST_NAME]


def _versions() -> dict[str, str]:
    import keras
    import numpy

    import cnnkit

    found = {"cnnkit": cnnkit.__version__, "keras": keras.__version__, "numpy": numpy.__version__}
    found["backend"] = keras.backend.backend()
    if found["backend"] == "tensorflow":
        import tensorflow as tf

        found["tensorflow"] = tf.__version__
    found["python"] = platform.python_version()
    return found

"""`cnnkit.record`: run a training function and keep what happened, inside the notebook's own output."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnnkit.recording.display import record_views, show_record
from cnnkit.recording.files import write_record
from cnnkit.recording.fingerprint import PROBES, weights_digest
from cnnkit.recording.schema import LONGEST_NAME, TrainingRecord

if TYPE_CHECKING:
    from cnnkit.recording.callback import ObservedTraining
    from cnnkit.recording.progress import Progress

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
    and kept in the notebook, and the same call made again goes on after the last whole epoch.

    Args:
        train_function: yours; it builds a fresh network, trains it and returns the History.
        optimizer: what `compile` takes: "adam", "sgd", or an optimizer object.
        train: the dataset for training, of `cnnkit.data.batches`.
        val: the dataset for validation, of the same kind.
        epochs: passed on to the function.
        run: the run's name; the optimizer's unless given.
        resume: whether to go on where an interrupted run of the same training stood; otherwise it is forgotten.

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
    short = bool(os.environ.get("NBGRADER_EXECUTION")) and hasattr(train, "first") and hasattr(val, "first")
    if short:
        # `nbgrader validate` runs the whole notebook with a time limit: it asks whether cells run, not how well
        epochs, train, val = 1, train.first(_VALIDATION_IMAGES), val.first(_VALIDATION_IMAGES)
        print("nbgrader is validating: one short epoch instead of the full training.")
    import keras

    from cnnkit.recording.callback import recorder
    from cnnkit.recording.checkpoint import TrainingCheckpoint
    from cnnkit.recording.progress import Progress
    from cnnkit.session import current_session

    session = current_session()
    seed = session.seed if session else 0
    keras.utils.set_random_seed(seed)
    _make_deterministic()
    known: dict[str, Any] = {
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

    def kept(seen: ObservedTraining) -> TrainingRecord:
        return TrainingRecord(
            run=name,
            history={metric: list(values) for metric, values in seen.values.items()},
            optimizer=seen.optimizer,
            loss=seen.loss,
            seconds=round(seen.seconds, 1),
            steps=list(seen.steps),
            settings=seen.settings,
            network=seen.network.spec if seen.network else None,
            draws=seen.draws,
            initial=seen.initial,
            fingerprints=[list(numbers) for numbers in seen.fingerprints],
            resumed=seen.resumed,
            **known,
        )

    key = _key(train, val, known) if resume and not short else None
    if not resume and not short:
        TrainingCheckpoint(name, None).forget()
    progress = Progress(name, epochs, _count(train, "__len__"), lambda seen: record_views(kept(seen)))
    watching = recorder(name, epochs, train, val, key=key, watcher=progress)
    try:
        train_function(optimizer, train, val, epochs=epochs, callbacks=[watching])
    except BaseException as error:  # KeyboardInterrupt above all: minutes of training should not be lost without trace
        progress.breaks_off()
        if watching.seen.values:
            goes_on = watching.backup is not None and watching.backup.there
            again = "run the cell again to go on from there" if goes_on else "run the cell again for all"
            print(f"{name}: ended early by {type(error).__name__}. This is what was reached; {again}.")
            _show(_written(kept(watching.seen), watching.final, short), progress)
        raise
    if not watching.seen.values:
        raise ValueError(
            "the training function came to its end, but no epoch was seen: expected it to pass its callbacks on, "
            "model.fit(..., callbacks=callbacks), and to train for at least one epoch"
        )
    if watching.fits > 1:
        print(f"{name}: fit was called {watching.fits} times; the last one is recorded.")
    result = _written(kept(watching.seen), watching.final, short)
    _show(result, progress)
    return result


def _written(result: TrainingRecord, weights: Any, short: bool) -> TrainingRecord:
    """The record as it was written to its files; one that only validates must not replace them."""
    return result if short else write_record(result, weights)


def _show(result: TrainingRecord, progress: Progress) -> None:
    if not progress.ends(record_views(result)):
        show_record(result)


def play_back(records: Mapping[str, TrainingRecord] | None) -> None:
    """From now on `record` trains nothing and returns these runs (the grader's use); None ends it."""
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
    """How many images a dataset says it has; 0 where it does not say."""
    found = getattr(data, attribute, 0)
    if attribute == "__len__":
        try:
            return len(data)
        except TypeError:  # a stream of batches does not know
            return 0
    return int(found) if isinstance(found, int) else 0


def _origin(train: Any, val: Any, seed: int) -> dict[str, float | str]:
    """What the data are, where they are the course's own, in the order of this seed; else nothing."""
    ours, others = (getattr(data, "origin", None) for data in (train, val))
    if not (ours and others and isinstance(ours, dict) and isinstance(others, dict)):
        return {}
    if ours | {"images": 0} != others | {"images": 0} or train.seed != seed:
        return {}
    return {**ours, "validation": others["images"]}


def _key(train: Any, val: Any, known: Mapping[str, Any]) -> Any:
    """What tells this training from another one, as JSON data; None where the data cannot be told from others."""
    told = [_marks(data) for data in (train, val)]
    return None if None in told else [told, *(known[name] for name in ("seed", "epochs", "data", "versions", "device"))]


def _marks(data: Any) -> list[Any] | None:
    """What tells data apart: how many there are, in which batches and order, and the first ones themselves."""
    try:
        some = data.first(PROBES)
        first = [array for number in range(len(some)) for array in some[number]]
        return [data.images, data.batch_size, data.seed, weights_digest(first)]
    except Exception:  # data of another kind
        return None


def _make_deterministic() -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        tf.config.experimental.enable_tensor_float_32_execution(False)


def _device() -> str:
    """What the training runs on: "CPU", or the accelerator's name."""
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

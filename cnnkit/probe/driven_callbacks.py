"""Letting a student's callbacks see a training that is only watched.

A training function may read what its callbacks left: a file of ModelCheckpoint or CSVLogger, the best epoch of
EarlyStopping, a list of a class of its own. So each callback is led once through the epochs of the invented History.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

MOST_EPOCHS = 50
"""Epochs that callbacks see, at most."""


def rises(metric: str) -> bool:
    """True for a metric that rises in a training that goes well; a loss falls.

    Example:
        >>> rises("val_accuracy"), rises("loss")
        (True, False)
    """
    return any(part in metric.lower() for part in ("acc", "auc", "precision", "recall"))


def own(callbacks: Any, ours: Any) -> list[Any]:
    """The student's callbacks among those of a fit.

    Args:
        callbacks: argument of fit: one, nested lists of them, or a CallbackList.
        ours: the callback that the function was given, which is left out.

    Returns:
        Those that may leave something behind. Keras's that only write logs, or send them, are left out.
    """
    import keras

    silent = (
        *(keras.callbacks.BackupAndRestore, keras.callbacks.TensorBoard, keras.callbacks.RemoteMonitor),
        *(keras.callbacks.ProgbarLogger, keras.callbacks.TerminateOnNaN),
    )
    try:
        leaves = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks))
    except Exception:  # objects that keras.tree cannot walk through
        return []
    return [
        leaf
        for leaf in leaves
        if isinstance(leaf, keras.callbacks.Callback)
        and leaf is not ours
        and (not isinstance(leaf, silent) or not type(leaf).__module__.startswith("keras."))
    ]


@dataclass
class Driven:
    """Result of `drive`.

    Attributes:
        raised: names of the exceptions that the callbacks raised.
        files: paths of the files that they wrote, to be removed behind the watch.
    """

    raised: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def drive(model: Any, callbacks: Sequence[Any], history: Any) -> Driven:
    """Lead callbacks through the epochs of a History, as fit would, one batch in each.

    What a callback adds to the logs of an epoch, as ReduceLROnPlateau adds the learning rate, is seen by the callbacks
    behind it and stands in the History.

    A callback whose file is there already is left alone, as the file is: in a notebook it is the student's, and holds
    what the real training left.

    Args:
        model: the `keras.Model` that is fitted.
        callbacks: they are not asked for anything; what they raise is not the function's fault.
        history: epochs and metrics that they see.
    """
    driven = Driven()
    epochs = history.epoch[:MOST_EPOCHS]
    logs = [{name: values[epoch] for name, values in history.history.items()} for epoch in epochs]
    for callback in callbacks:
        path = _file(callback)
        folder, name = os.path.split(path)
        before = _files_in(folder) if path else set()
        # a name may have places for the epoch: best-{epoch:02d}.keras
        if any(one == name or ("{" in name and one.startswith(name.partition("{")[0])) for one in before):
            continue
        try:
            _lead(callback, model, logs)
        except Exception as error:
            driven.raised.append(type(error).__name__)
        if path:
            driven.files += [os.path.join(os.path.abspath(folder), one) for one in sorted(_files_in(folder) - before)]
    for name in dict.fromkeys(name for one in logs for name in one if name not in history.history):
        values = [one[name] for one in logs if name in one]
        history.history[name] = values + values[-1:] * (len(history.epoch) - len(epochs))
    return driven


def remove(files: Sequence[str]) -> None:
    """Remove files that driven callbacks wrote, those that are still there."""
    for path in files:
        with suppress(OSError):
            os.remove(path)


def _files_in(folder: str) -> set[str]:
    try:
        return {one.name for one in os.scandir(folder or ".") if one.is_file(follow_symlinks=False)}
    except OSError:  # it does not exist yet
        return set()


def _lead(callback: Any, model: Any, logs: Sequence[dict[str, Any]]) -> None:
    callback.set_params({"verbose": 0, "epochs": len(logs), "steps": 1})
    callback.set_model(model)
    with _direction(callback), _stop_training(model):
        callback.on_train_begin({})
        last: dict[str, Any] = {}
        for epoch, last in enumerate(logs):
            callback.on_epoch_begin(epoch, {})
            callback.on_train_batch_begin(0, {})
            callback.on_train_batch_end(0, {name: value for name, value in last.items() if not name.startswith("val_")})
            callback.on_epoch_end(epoch, last)
            if model.stop_training:
                break
        callback.on_train_end(dict(last))


@contextmanager
def _direction(callback: Any) -> Iterator[None]:
    """Context in which a callback knows which values of its metric are good; Keras asks metrics that were computed."""
    monitor = getattr(callback, "monitor", None)
    if getattr(callback, "mode", None) != "auto" or not isinstance(monitor, str):
        yield
        return
    callback.mode = "max" if rises(monitor) else "min"
    try:
        yield
    finally:
        callback.mode = "auto"


@contextmanager
def _stop_training(model: Any) -> Iterator[None]:
    """Context in which a callback may set `model.stop_training`, which `fit` sets to False at its beginning."""
    before = getattr(model, "stop_training", False)
    model.stop_training = False
    try:
        yield
    finally:
        with suppress(Exception):  # a student's own class
            model.stop_training = before


def _file(callback: Any) -> str:
    """Path that one of Keras's callbacks writes to; "" for any other."""
    for name in ("filepath", "filename"):
        path = getattr(callback, name, "")
        if isinstance(path, str | os.PathLike):
            text = os.fspath(path)
            if isinstance(text, str) and text:
                return text
    return ""

"""`cnnkit.record`: run a training function and keep what happened, inside the notebook's own output."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any

from cnnkit.training import MIME, TrainingRecord

FIRST_STEPS = 10
"""Training steps whose losses are kept one by one."""

_played_back: Mapping[str, TrainingRecord] | None = None


def record(
    train_function: Callable[..., Any],
    optimizer: Any,
    train: Any,
    val: Any,
    epochs: int = 10,
    run: str | None = None,
) -> TrainingRecord:
    """Train with `train_function(optimizer, train, val, epochs=..., callbacks=[...])` and record the run.

    The record shows itself as a curve and travels with the notebook when it is saved: the loss curves are marked from it.

    Args:
        train_function: yours; it builds a fresh network, trains it and returns the History.
        optimizer: what `compile` takes: "adam", "sgd", or an optimizer object.
        train, val: the datasets of `cnnkit.data.batches`.
        epochs: passed on to the function.
        run: the run's name; the optimizer's unless given.

    Returns:
        TrainingRecord with `.history`, a dictionary of per-epoch values as in Keras's History.

    Raises:
        ValueError: the function did not train, or did not pass the callbacks on to fit.
    """
    name = run or (optimizer if isinstance(optimizer, str) else getattr(optimizer, "name", type(optimizer).__name__))
    name = str(name).lower()
    if _played_back is not None:
        return _played_back.get(name) or TrainingRecord(run=name, history={})
    if os.environ.get("NBGRADER_EXECUTION"):
        # `nbgrader validate` runs the whole notebook with a time limit; it asks whether cells run, not how well one trains
        epochs, train, val = 1, train.first(256), val.first(256)
        print("nbgrader is validating: one short epoch instead of the full training.")
    import keras

    from cnnkit.session import current

    session = current()
    seed = session.seed if session else 0
    keras.utils.set_random_seed(seed)
    _make_deterministic()
    recorder = _recorder(name, epochs)
    started = time.perf_counter()
    train_function(optimizer, train, val, epochs=epochs, callbacks=[recorder])
    seconds = time.perf_counter() - started
    if recorder.model is None:
        raise ValueError(
            "the training function finished, but its callbacks were never called: expected it to pass `callbacks` on to "
            "model.fit(..., callbacks=callbacks)"
        )
    result = TrainingRecord(
        run=name,
        history={metric: list(values) for metric, values in recorder.values.items()},
        optimizer=_optimizer(recorder.model),
        loss=_loss(recorder.model),
        images=int(getattr(train, "images", 0)),
        batch_size=int(getattr(train, "batch_size", 0)),
        epochs=epochs,
        seconds=round(seconds, 1),
        steps=recorder.steps,
        assignment=session.assignment if session else "",
        student=session.student if session else "",
        seed=seed,
        versions=_versions(),
    )
    show(result)
    return result


def play_back(records: Mapping[str, TrainingRecord] | None) -> None:
    """From now on `record` trains nothing and returns these runs (the grader's use); None ends it."""
    global _played_back
    _played_back = records


def show(result: TrainingRecord) -> None:
    """Show a record as notebook output (data, picture and text), or as text in a terminal."""
    text = summary(result)
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(text)
        return
    if get_ipython() is None:
        print(text)
        return
    display({MIME: result.to_json(), "text/plain": text, "text/html": _html(result, text)}, raw=True)


def summary(result: TrainingRecord) -> str:
    """The record in one line: optimizer, epochs, first and last losses, time."""
    loss, val = result.history.get("loss", []), result.history.get("val_loss", [])
    parts = [f"{result.run}: {len(loss)} epochs on {result.images:,} images in {result.seconds:,.0f} s"]
    for label, values in (("loss", loss), ("validation loss", val)):
        if values:
            parts.append(f"{label} {values[0]:.4f} → {values[-1]:.4f}")
    return "; ".join(parts)


def _html(result: TrainingRecord, text: str) -> str:
    from html import escape

    from cnnkit.plots import curve_svg

    return f"<figure>{curve_svg(result)}<figcaption>{escape(text)}</figcaption></figure>"


def _recorder(name: str, epochs: int) -> Any:
    """A Keras callback that keeps per-epoch values and the first steps' losses, and says how long is left."""
    import keras

    class Recorder(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.values: dict[str, list[float]] = {}
            self.steps: list[float] = []
            self._sum = 0.0
            self._started = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
            # Keras reports the mean of the epoch so far; the step's own loss is what it adds to the sum
            if len(self.steps) < FIRST_STEPS and logs and batch == len(self.steps):
                total = float(logs["loss"]) * (batch + 1)
                self.steps.append(total - self._sum)
                self._sum = total

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            for metric, value in (logs or {}).items():
                self.values.setdefault(metric, []).append(float(value))
            spent = time.perf_counter() - self._started
            left = spent / (epoch + 1) * (epochs - epoch - 1)
            shown = "  ".join(f"{metric} {values[-1]:.4f}" for metric, values in self.values.items())
            print(f"{name}  epoch {epoch + 1}/{epochs}  {shown}  about {left:,.0f} s left", flush=True)

        @property
        def model(self) -> Any:
            return getattr(self, "_model", None)

    return Recorder()


def _make_deterministic() -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _optimizer(model: Any) -> dict[str, float | str]:
    optimizer = model.optimizer
    found: dict[str, float | str] = {"name": type(optimizer).__name__.lower()}
    rate = getattr(optimizer, "learning_rate", None)
    if rate is not None:
        found["learning_rate"] = float(rate)
    return found


def _loss(model: Any) -> str:
    loss = model.loss
    return loss if isinstance(loss, str) else str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))


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

"""`cnnkit.record`: run a training function and keep what happened, inside the notebook's own output."""

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from cnnkit.training import MIME, TrainingRecord

LONGEST_NAME = 100
"""Characters of a run's name."""

_VALIDATION_IMAGES = 256

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

    The record shows itself as a curve and travels with the notebook when it is saved: the loss curves are marked from
    it. If fit is called more than once, the last call is recorded. If the training is interrupted or breaks off, what
    was reached is shown and kept in the notebook all the same.

    Args:
        train_function: yours; it builds a fresh network, trains it and returns the History.
        optimizer: what `compile` takes: "adam", "sgd", or an optimizer object.
        train: the dataset for training, of `cnnkit.data.batches`.
        val: the dataset for validation, of the same kind.
        epochs: passed on to the function.
        run: the run's name; the optimizer's unless given.

    Returns:
        TrainingRecord with `.history`, a dictionary of per-epoch values as in Keras's History.

    Raises:
        TypeError: `train_function` is no function.
        ValueError: the function did not train, or did not pass the callbacks on to fit.

    Example:
        >>> adam = record(train_convnet, "adam", train, val, epochs=2)  # doctest: +SKIP
        >>> len(adam.history["val_loss"])  # doctest: +SKIP
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
    if os.environ.get("NBGRADER_EXECUTION") and hasattr(train, "first") and hasattr(val, "first"):
        # `nbgrader validate` runs the whole notebook with a time limit: it asks whether cells run, not how well
        epochs, train, val = 1, train.first(_VALIDATION_IMAGES), val.first(_VALIDATION_IMAGES)
        print("nbgrader is validating: one short epoch instead of the full training.")
    import keras

    from cnnkit.recorder import recorder
    from cnnkit.session import current

    session = current()
    seed = session.seed if session else 0
    keras.utils.set_random_seed(seed)
    _make_deterministic()
    watching = recorder(name, epochs, train)
    started = time.perf_counter()

    def kept() -> TrainingRecord:
        return TrainingRecord(
            run=name,
            history={metric: list(values) for metric, values in watching.values.items()},
            optimizer=watching.optimizer,
            loss=watching.loss,
            images=_count(train, "images"),
            batch_size=_count(train, "batch_size"),
            epochs=epochs,
            seconds=round(time.perf_counter() - started, 1),
            steps=list(watching.steps),
            assignment=session.assignment if session else "",
            student=session.student if session else "",
            seed=seed,
            versions=_versions(),
        )

    try:
        train_function(optimizer, train, val, epochs=epochs, callbacks=[watching])
    except BaseException as error:  # KeyboardInterrupt above all: minutes of training should not be lost without trace
        if watching.values:
            print(
                f"{name}: ended early by {type(error).__name__}. This is what was reached; run the cell again for all."
            )
            show(kept())
        raise
    if not watching.values:
        raise ValueError(
            "the training function came to its end, but no epoch was seen: expected it to pass its callbacks on, "
            "model.fit(..., callbacks=callbacks), and to train for at least one epoch"
        )
    if watching.fits > 1:
        print(f"{name}: fit was called {watching.fits} times; the last one is recorded.")
    result = kept()
    show(result)
    return result


def play_back(records: Mapping[str, TrainingRecord] | None) -> None:
    """From now on `record` trains nothing and returns these runs (the grader's use); None ends it."""
    global _played_back
    _played_back = records


def bundle(result: TrainingRecord) -> dict[str, Any]:
    """The record as the data of a notebook output, by MIME type: for programs and as one line of text.

    JSON knows no NaN and Jupyter would replace it by the text "nan", so a record of a training that diverged is written
    as text of its own.
    """
    numbers = [*result.steps, *(value for values in result.history.values() for value in values)]
    plain = result.to_json()
    return {MIME: plain if all(map(math.isfinite, numbers)) else json.dumps(plain), "text/plain": summary(result)}


def show(result: TrainingRecord) -> None:
    """Show a record as notebook output (data, picture and text), or as text in a terminal."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(summary(result))
        return
    if get_ipython() is None:
        print(summary(result))
        return
    display({**bundle(result), "text/html": _html(result)}, raw=True)


def summary(result: TrainingRecord) -> str:
    """The record in one line: optimizer, epochs, first and last losses, time."""
    loss, val = result.history.get("loss", []), result.history.get("val_loss", [])
    epochs = f"{len(loss)} epoch{'s' if len(loss) != 1 else ''}"
    if len(loss) < result.epochs:
        epochs = f"{len(loss)} of {result.epochs} epochs"
    parts = [f"{result.run}: {epochs} on {result.images:,} images in {result.seconds:,.0f} s"]
    for label, values in (("loss", loss), ("validation loss", val)):
        if values:
            parts.append(f"{label} {values[0]:.4f} → {values[-1]:.4f}")
    return "; ".join(parts)


def _html(result: TrainingRecord) -> str:
    from cnnkit.plots import curve_svg

    return f"<figure>{curve_svg(result)}<figcaption>{escape(summary(result))}</figcaption></figure>"


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
    return int(found) if isinstance(found, int) else 0


def _make_deterministic() -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


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

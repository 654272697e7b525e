"""While a notebook is graded it does not train: a stray `fit` is cut to one step, and `cnnkit.record` plays back.

Training takes minutes and proves nothing that the recorded histories do not show. One real step shows that it runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from cnnkit.training import TrainingRecord

_MOST_STEPS = 3


def cap_training(records: Mapping[str, TrainingRecord], note: Callable[[str], None]) -> None:
    """Replace `keras.Model.fit` by one that trains a single step, and let `cnnkit.record` return the recorded runs.

    Args:
        records: the runs recorded in the student's notebook.
        note: called with a plain sentence the first time a fit was cut.
    """
    import keras

    from cnnkit import recording

    recording.play_back(records)
    real = keras.Model.fit
    signature = inspect.signature(real)
    done = 0

    @wraps(real)  # whoever watches fit reads its signature
    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal done
        bound = signature.bind(model, *args, **kwargs)
        if done == 0:
            note("A call of fit was cut to one training step while grading; the recorded histories are used instead.")
        done += 1
        if done > _MOST_STEPS:
            history = keras.callbacks.History()
            history.set_model(model)
            model.history = history
            return history
        given = bound.arguments
        given.update(epochs=1, steps_per_epoch=1, verbose=0)
        given.pop("callbacks", None)
        if given.get("validation_data") is not None:
            given["validation_steps"] = 1
        model.run_eagerly = True  # building one step's graph costs three times the step
        return real(*bound.args, **bound.kwargs)

    keras.Model.fit = fit

"""The calls of `fit` while a training function runs: how many there were, and the settings of the last one.

A callback sees neither: a warm-up without the callback, `steps_per_epoch` or `class_weight` change a training, and a
grader who does not know of them would call an honest record a forgery. Imports Keras only when it is used.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cnnkit.recording.plain_values import plain_name, plain_settings
from cnnkit.recording.record_bounds import MOST_METRICS

_NUMBERS = (
    "epochs",
    "initial_epoch",
    "shuffle",
    "batch_size",
    "steps_per_epoch",
    "validation_split",
    "validation_freq",
    "validation_steps",
    "validation_batch_size",
)


class FitCalls:
    """Number and settings of the calls of `keras.Model.fit`, while they are watched.

    Args:
        train, val: the data that the training function is given.

    Attributes:
        count: number of calls that have begun.
        settings: of the last one, as in `TrainingRecord.fit`; empty before the first.
        class_weight: of the last one, as in `TrainingRecord.class_weight`.
    """

    def __init__(self, train: Any, val: Any) -> None:
        self._train, self._val = train, val
        self.count = 0
        self.settings: dict[str, float | str] = {}
        self.class_weight: dict[str, float] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Context in which each call of `keras.Model.fit` is seen before it begins. It trains as ever."""
        import keras

        own = "fit" in vars(keras.Model)
        before = keras.Model.fit
        signature = inspect.signature(before)

        @functools.wraps(before)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                bound = signature.bind(model, *args, **kwargs)
                bound.apply_defaults()
                self._begin(bound.arguments)
            except Exception:  # arguments that fit will refuse itself
                self._begin({})
            return before(model, *args, **kwargs)

        keras.Model.fit = fit
        try:
            yield
        finally:
            if own:
                keras.Model.fit = before
            else:
                del keras.Model.fit

    def _begin(self, arguments: Mapping[str, Any]) -> None:
        self.count += 1
        self.settings, self.class_weight = {}, {}
        if not arguments:
            return
        found = plain_settings({name: _plain(arguments.get(name)) for name in _NUMBERS})
        weights = arguments.get("class_weight")
        found["sample_weight"] = float(arguments.get("sample_weight") is not None)
        found["class_weight"] = float(weights is not None)
        found["data"] = self._name_of(arguments.get("x"))
        found["validation_data"] = self._name_of(arguments.get("validation_data"))
        self.settings = found
        if isinstance(weights, Mapping):
            self.class_weight = _numbers(weights)

    def _name_of(self, data: Any) -> str:
        if data is None:
            return "none"
        return "train" if data is self._train else "val" if data is self._val else "other"


def _plain(value: Any) -> Any:
    """A setting as a number or text: NumPy's numbers too, and a list of epochs ("1, 5") for `validation_freq`."""
    if isinstance(value, list | tuple | set):
        return ", ".join(str(one) for one in list(value)[:MOST_METRICS])
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def _numbers(weights: Mapping[Any, Any]) -> dict[str, float]:
    found = {}
    for key, value in list(weights.items())[:MOST_METRICS]:
        try:
            number = float(value)
        except (TypeError, ValueError):  # then fit refuses it
            continue
        if math.isfinite(number):
            found[plain_name(key)] = number
    return found

"""The Keras callback behind `cnnkit.record`: what is kept of a training while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

FIRST_STEPS = 10
"""Training steps whose losses are kept one by one."""


def recorder(name: str, epochs: int, data: Any) -> Any:
    """A callback that keeps per-epoch values and the first steps' losses, and says how long is left.

    It has the attributes `values` (lists by metric), `steps`, `optimizer`, `loss`, and `fits`: how often a training
    began. Each call of fit begins the record anew.

    Args:
        name: the run's, for the line printed after each epoch.
        epochs: how many there will be, for the time that is left.
        data: the training data. If it has `set_epoch`, it is told each epoch's number, so that the order of the
            images depends on nothing else.
    """
    import keras

    class Recorder(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.fits = 0
            self._begin()

        def _begin(self) -> None:
            self.values: dict[str, list[float]] = {}
            self.steps: list[float] = []
            self.optimizer: dict[str, float | str] = {}
            self.loss = ""
            self._sum = 0.0
            self._started = time.perf_counter()

        def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
            self.fits += 1
            self._begin()
            # now, because a schedule or a callback may change the learning rate
            self.optimizer, self.loss = compiled(self.model)

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            if hasattr(data, "set_epoch"):
                data.set_epoch(epoch)

        def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
            # Keras reports the mean of the epoch so far; the step's own loss is what it adds to the sum
            if len(self.steps) < FIRST_STEPS and batch == len(self.steps) and not self.values:
                mean = _number((logs or {}).get("loss"))
                if mean is not None:
                    self.steps.append(mean * (batch + 1) - self._sum)
                    self._sum = mean * (batch + 1)

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            for metric, value in (logs or {}).items():
                found = _number(value)
                if found is not None:
                    self.values.setdefault(metric, []).append(found)
            done = epoch + 1
            left = (time.perf_counter() - self._started) / done * max(epochs - done, 0)
            shown = "  ".join(f"{metric} {values[-1]:.4f}" for metric, values in self.values.items())
            print(f"{name}  epoch {done}/{epochs}  {shown}  about {left:,.0f} s left", flush=True)

    return Recorder()


def compiled(model: Any) -> tuple[dict[str, float | str], str]:
    """The optimizer's name and numbers, as {"name": "adam", "learning_rate": 0.001, ...}, and the loss's name."""
    from cnnkit.spec.compiled import loss_settings, optimizer_settings

    try:
        name, settings = optimizer_settings(getattr(model, "optimizer", None))
        loss, _ = loss_settings(getattr(model, "loss", None))
    except Exception:  # an optimizer or a loss of the student's own must not stop the training
        return {}, ""
    found: dict[str, float | str] = {"name": name}
    for key, value in settings.items():
        if isinstance(value, str):
            found[key] = value
        elif isinstance(value, int | float) and math.isfinite(value):
            found[key] = float(value)  # a switch such as nesterov is 0.0 or 1.0
    return found, loss


def _number(value: Any) -> float | None:
    """A logged value as a number; None where it is none, as a student's own metric may be."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None

"""Progress of a training in the notebook: a line with loss and time left, and the curve so far."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Bundle = Mapping[str, Any]
"""The data of a notebook output, by MIME type."""

_EVERY = 0.5
"""Seconds between two updates of the line."""

_CLEAR = "\r\x1b[K"
"""Clears the line of a terminal."""


class Progress:
    """Progress display of a run: in a notebook in place, on a terminal on one line, elsewhere a line for each epoch.

    Args:
        name: the run's.
        epochs: how many there will be.
        steps: steps in an epoch; 0 if that is not known.
        curve: converts an `ObservedTraining` to the data of a notebook output.
    """

    def __init__(self, name: str, epochs: int, steps: int, curve: Callable[[Any], Bundle]) -> None:
        self._name, self._epochs, self._steps, self._curve = name, epochs, steps, curve
        self._show = _shower()
        self._line: Any = None
        self._picture: Any = None
        self._unfinished = False
        self._began = time.perf_counter()
        self._from = 0
        self._last = 0.0

    def begins(self, done: int) -> None:
        """Begin to measure time; a training that is resumed has `done` epochs behind it."""
        self._began, self._from = time.perf_counter(), done
        if done:
            print(f"{self._name}: goes on after epoch {done} of {self._epochs}, where it was interrupted.", flush=True)

    def step(self, epoch: int, batch: int, loss: Any) -> None:
        """Show that step `batch` of epoch `epoch` (both from 0) is done; `loss` is the mean of the epoch so far."""
        now = time.perf_counter()
        if now - self._last < _EVERY or not self._steps or (self._show is None and not sys.stdout.isatty()):
            return
        self._last = now
        loss_text = f"loss {float(loss):.4f}" if isinstance(loss, int | float) else ""
        done = epoch + min((batch + 1) / self._steps, 1.0)
        position = f"epoch {epoch + 1}/{self._epochs}  step {batch + 1}/{self._steps}"
        self._say(_joined(self._name, position, loss_text, self._left(done)))

    def epoch(self, observed: Any) -> None:
        """Show that an epoch has ended; `observed` is a `cnnkit.recording.observed.ObservedTraining`."""
        shown = [f"{metric} {values[-1]:.4f}" for metric, values in observed.values.items()]
        left = self._left(observed.epochs) if observed.epochs < self._epochs else ""
        text = _joined(self._name, f"epoch {observed.epochs}/{self._epochs}", *shown, left)
        if self._show is None:
            print((_CLEAR if sys.stdout.isatty() else "") + text, flush=True)
            self._unfinished = False
            return
        self._say(text)
        self._draw(self._curve(observed))

    def breaks_off(self) -> None:
        """End the line on a terminal, so that what is printed next begins on its own."""
        if self._unfinished:
            print(_CLEAR, end="", flush=True)
            self._unfinished = False

    def ends(self, bundle: Bundle) -> bool:
        """Replace the picture by the last one, which has the record in it; False outside a notebook."""
        if self._show is None:
            return False
        self._draw(bundle)
        return True

    def _left(self, done: float) -> str:
        gone = time.perf_counter() - self._began
        here = done - self._from
        if here <= 0:
            return ""
        left = gone / here * max(self._epochs - done, 0)
        return f"about {left / 60:,.0f} min left" if left >= 120 else f"about {left:,.0f} s left"

    def _say(self, text: str) -> None:
        if self._show is None:
            print(f"{_CLEAR}{text}", end="", flush=True)
            self._unfinished = True
        elif self._line is None:
            self._line = self._show({"text/plain": text})
        else:
            self._line.update({"text/plain": text}, raw=True)

    def _draw(self, bundle: Bundle) -> None:
        if self._picture is None:
            assert self._show is not None
            self._picture = self._show(bundle)
        else:
            self._picture.update(dict(bundle), raw=True)


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)


def _shower() -> Callable[[Bundle], Any] | None:
    """A function that displays an output which can be updated later; None outside a notebook."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return lambda bundle: display(dict(bundle), raw=True, display_id=True)

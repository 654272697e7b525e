"""What a student sees while a training runs: a line with loss and time left, and the curve as far as it goes."""

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
"""Makes a terminal's line empty."""


class Progress:
    """Shows how a run goes: in a notebook in place, on a terminal on one line, elsewhere a line for each epoch.

    Args:
        name: the run's.
        epochs: how many there will be.
        steps: steps in an epoch; 0 where that is not known.
        curve: the record so far as the data of a notebook output, given what was seen.
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
        """The training begins, or, after `done` epochs, goes on."""
        self._began, self._from = time.perf_counter(), done
        if done:
            print(f"{self._name}: goes on after epoch {done} of {self._epochs}, where it was interrupted.", flush=True)

    def step(self, epoch: int, batch: int, loss: Any) -> None:
        """Step `batch` of epoch `epoch` (both from 0) is done; `loss` is the mean of the epoch so far."""
        now = time.perf_counter()
        if now - self._last < _EVERY or not self._steps or (self._show is None and not sys.stdout.isatty()):
            return
        self._last = now
        said = f"loss {float(loss):.4f}" if isinstance(loss, int | float) else ""
        done = epoch + min((batch + 1) / self._steps, 1.0)
        place = f"epoch {epoch + 1}/{self._epochs}  step {batch + 1}/{self._steps}"
        self._say(_joined(self._name, place, said, self._left(done)))

    def epoch(self, seen: Any) -> None:
        """An epoch is over; `seen` is what was seen so far, a `cnnkit.recording.observed.ObservedTraining`."""
        shown = [f"{metric} {values[-1]:.4f}" for metric, values in seen.values.items()]
        left = self._left(seen.epochs) if seen.epochs < self._epochs else ""
        text = _joined(self._name, f"epoch {seen.epochs}/{self._epochs}", *shown, left)
        if self._show is None:
            print((_CLEAR if sys.stdout.isatty() else "") + text, flush=True)
            self._unfinished = False
            return
        self._say(text)
        self._draw(self._curve(seen))

    def breaks_off(self) -> None:
        """The training was interrupted: what is printed next begins on a line of its own."""
        if self._unfinished:
            print(_CLEAR, end="", flush=True)
            self._unfinished = False

    def ends(self, bundle: Bundle) -> bool:
        """The last picture, with the record in it; whether it could be shown."""
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
    """Shows an output that can be changed afterwards; None outside a notebook."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return lambda bundle: display(dict(bundle), raw=True, display_id=True)

"""Memory of all child processes, sampled while something runs."""

from __future__ import annotations

import contextlib
import threading
from typing import Self

import psutil

_INTERVAL = 2.0
"""Seconds between samples; a sample of a dozen processes takes a tenth of a second."""


class PeakMemory:
    """Context manager that samples the proportional set sizes (PSS) of all child processes.

    Attributes:
        peak: the largest sum of a sample, in MB of 10**6 bytes.
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._done.wait(_INTERVAL):
            total = 0.0
            for one in me.children(recursive=True):
                with contextlib.suppress(psutil.Error, OSError):
                    total += one.memory_full_info().pss / 1e6
            self.peak = max(self.peak, total)

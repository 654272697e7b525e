"""A Dask scheduler and workers on this machine, as docs/cluster.md starts them, with the processor time of all."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from class_folder import grading_environment
from processor_time import Counter, TaskClock, new_counter

_LONGEST_START = 120.0


class LocalCluster:
    """Context manager that runs a scheduler and workers of one thread each.

    Args:
        folder: for their files.
        workers: number of worker processes.

    Attributes:
        processor: after the end, processor seconds of scheduler and workers; None if not measurable.
    """

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder, self._workers = folder, workers
        self._running: list[tuple[subprocess.Popen[bytes], Counter | None]] = []
        self.processor: float | None = None

    @property
    def address(self) -> str:
        """The scheduler's address, "tcp://..."."""
        return str(json.loads(self._file.read_text(encoding="utf-8"))["address"])

    @property
    def _file(self) -> Path:
        return self._folder / "scheduler.json"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file.unlink(missing_ok=True)
        common = ["--scheduler-file", str(self._file), "--no-dashboard"]
        try:
            self._start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
            self._wait_for_scheduler()
            for _ in range(self._workers):
                one = ["--nworkers", "1", "--nthreads", "1", "--host", "127.0.0.1", "--no-nanny"]
                self._start("worker", *one, "--local-directory", str(self._folder), *common)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def _start(self, *words: str) -> None:
        command = [str(Path(sys.executable).with_name("dask")), *words]
        counter = new_counter()
        process = subprocess.Popen(
            command if counter is None else counter.wrapped(command),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=grading_environment(),
        )
        self._running.append((process, counter))

    def _wait_for_scheduler(self) -> None:
        deadline = time.monotonic() + _LONGEST_START
        while not (self._file.exists() and self._file.stat().st_size):
            if time.monotonic() > deadline or self._running[0][0].poll() is not None:
                raise SystemExit("the Dask scheduler has not started; `dask scheduler` says why")
            time.sleep(0.1)

    def _stop(self) -> None:
        for process, counter in reversed(self._running):
            _terminate(process, counter)
        counted: list[float | None] = []
        for process, counter in self._running:
            process.wait()
            counted.append(_seconds(counter))
        self._running.clear()
        self.processor = _sum(counted)


def _terminate(process: subprocess.Popen[bytes], counter: Counter | None) -> None:
    """End a command; perf itself has to stay, because it reports when its command has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        own = psutil.Process(process.pid)
        for one in own.children() if isinstance(counter, TaskClock) else [own]:
            one.terminate()


def _seconds(counter: Counter | None) -> float | None:
    if counter is None:
        return None
    try:
        return counter.seconds()
    except ValueError:
        return None
    finally:
        counter.close()


def _sum(counted: Sequence[float | None]) -> float | None:
    known = [one for one in counted if one is not None]
    return sum(known) if len(known) == len(counted) else None

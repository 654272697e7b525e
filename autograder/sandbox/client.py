"""The grader's side of the sandbox: start the zygote once, then open a child for each submission."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course import Limits
from autograder.sandbox import wire
from autograder.sandbox.isolation.choose import Asked, NoIsolation, choose
from autograder.sandbox.limits import WALL_FACTOR
from cnnkit.training import TrainingRecord

_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV")


class SandboxError(Exception):
    """The sandbox itself could not be started. `str(error)` says why and what to do."""


class Zygote:
    """The process that submissions are forked from: a context manager.

    Args:
        asked: how submissions are to be kept away from this machine.

    Attributes:
        address: where children are asked for; may be given to other processes.
        isolation: what was chosen.
        withheld: a variable of this process's environment that it does not get, if there is one.

    Raises:
        SandboxError: this machine does not allow the isolation that was asked for.
    """

    def __init__(self, asked: Asked = "auto") -> None:
        try:
            self.isolation = choose(asked)
        except NoIsolation as error:
            raise SandboxError(str(error)) from error
        self.withheld = next((name for name in os.environ if name not in _KEPT_ENVIRONMENT), "")
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-")
        self.address = str(Path(self._folder.name) / "zygote")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.address)
        listener.listen(128)
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.sandbox.zygote", str(listener.fileno()), self.isolation],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        listener.close()

    def wait(self) -> None:
        """Wait until it has imported everything (children may be asked for earlier; they wait too).

        Raises:
            SandboxError: it ended instead; the message holds the end of what it said.
        """
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != b"ready":
            _, said = self._process.communicate()
            last = said.decode(errors="replace").strip()[-1500:]
            raise SandboxError(f"the sandbox did not start; `autograder doctor` tells more. It said:\n{last}")

    def close(self) -> None:
        """End it and all its children."""
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ChildDied(Exception):
    """The child ended or fell silent. `cell` is the cell it was running, or 0 while it was answering a question."""

    def __init__(self, reason: str, cell: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cell = cell


class Child:
    """One conversation with the process that holds one submission's code."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.limits = limits
        self._end = time.monotonic() + limits.submission_seconds * WALL_FACTOR
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(address)

    def run(
        self, cells: Sequence[wire.CellSource], records: dict[str, TrainingRecord]
    ) -> tuple[list[wire.CellDone], wire.Ready]:
        """Run the cells.

        Raises:
            ChildDied: in a cell, whose number it carries (0 after the last one).
            SandboxError: before the first cell: that is not the notebook's fault.
        """
        self._begin(cells, records)
        done: list[wire.CellDone] = []
        try:
            while True:
                message = self._hear()
                if isinstance(message, wire.Ready):
                    return done, message
                if not isinstance(message, wire.CellDone) or len(done) >= len(cells):
                    raise ChildDied("it sent an answer where none was asked for", _next(cells, done))
                done.append(message)
        except ChildDied as error:
            raise ChildDied(error.reason, _next(cells, done)) from error
        except (OSError, wire.WireError) as error:
            raise ChildDied(str(error), _next(cells, done)) from error

    def ask(self, question: wire.Question) -> wire.Answer:
        """Ask one question.

        Raises:
            ChildDied: it did not answer, or said something outside the protocol.
        """
        try:
            wire.send(self._socket, question)
            answer = self._hear()
        except (OSError, wire.WireError) as error:
            raise ChildDied(str(error)) from error
        if isinstance(answer, wire.Begun | wire.CellDone | wire.Ready | wire.Probed):
            raise ChildDied("it sent an answer to another question")
        return answer

    def close(self) -> None:
        """Hang up; the zygote ends the process."""
        self._socket.close()

    def _begin(self, cells: Sequence[wire.CellSource], records: dict[str, TrainingRecord]) -> None:
        start = wire.Start(cells=list(cells), records=records, limits=wire_limits(self.limits))
        try:
            wire.send(self._socket, start)
            first = self._hear()
        except (OSError, wire.WireError, ChildDied) as error:
            raise SandboxError(f"the process for the notebook could not be set up: {error}") from error
        if not isinstance(first, wire.Begun):
            raise SandboxError(f"the process for the notebook began with {type(first).__name__}, expected Begun")

    def probe(self, targets: wire.Probe) -> wire.Probed:
        """Let this process, instead of running a notebook, try what isolation must prevent.

        Raises:
            SandboxError: it gave no answer.
        """
        try:
            wire.send(self._socket, targets)
            answer = self._hear()
        except (OSError, wire.WireError, ChildDied) as error:
            raise SandboxError(
                f"the process that tries whether isolation holds could not be set up: {error}"
            ) from error
        if not isinstance(answer, wire.Probed):
            raise SandboxError(f"asked whether isolation holds, a process answered with {type(answer).__name__}")
        return answer

    def _hear(self) -> wire.Message:
        left = self._end - time.monotonic()
        if left <= 0:
            raise ChildDied("the time for this submission is used up")
        self._socket.settimeout(left)
        try:
            return wire.decode_message(wire.receive(self._socket))
        except TimeoutError as error:
            raise ChildDied("the time for this submission is used up") from error


def wire_limits(limits: Limits) -> wire.Limits:
    """The limits as they are sent."""
    return wire.Limits(
        cell_seconds=limits.cell_seconds,
        submission_seconds=limits.submission_seconds,
        memory_mb=limits.memory_mb,
        output_kb=limits.output_kb,
    )


def _next(cells: Sequence[wire.CellSource], done: Sequence[wire.CellDone]) -> int:
    return cells[len(done)].number if len(done) < len(cells) else 0

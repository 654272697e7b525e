"""The grader's side of the zygote: started with the first request for a child, opened once isolation is proved."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from autograder.sandbox.client.sandbox_error import SandboxError
from autograder.sandbox.isolation.backends import BackendName
from autograder.sandbox.isolation.selection import IsolationChoice, NoIsolation, select_isolation

if TYPE_CHECKING:
    from autograder.sandbox.client.proof import Proof

_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV")


class Zygote:
    """The process that submissions are forked from: a context manager.

    It starts with the first request for a child, unless `start` is called before.

    Args:
        asked: the isolation that was requested.
        hidden: files and folders that no submission may reach, by their names ("the rubric"). If they are given, no
            child is served before a probe has tried them in vain.
        data: data sets that notebooks will read; they are read once, for all.
        services: functions that a connection may ask for instead of a notebook, each as "MODULE:FUNCTION" by its name:
            {"examine_records": "autograder.records.worker:serve_examinations"}. The function is called with the
            connection, in a fork of the zygote that is isolated, sees the grader's package and never runs student code.

    Attributes:
        address: of the socket that gives children; may be passed to other processes.
        isolation: the backend that was selected. It is tried in the background; who reads it waits for that.
        expected_isolation: the backend that will probably be selected; it can be read at once.
        started: True once the process has been launched.
        proof: result of the probe; None if there was none.

    """

    def __init__(
        self,
        asked: IsolationChoice = "auto",
        hidden: Mapping[str, Path] | None = None,
        data: Sequence[str] = (),
        services: Mapping[str, str] | None = None,
    ) -> None:
        self._asked = asked
        self._selected: Future[BackendName] = Future()
        self._selection = threading.Thread(target=self._select, daemon=True)
        self._selection.start()
        self.proof: Proof | None = None
        self._hidden = dict(hidden or {})
        self._options = [
            *(f"--service={name}={target}" for name, target in (services or {}).items()),
            *(f"--data={name}" for name in data),
        ]
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-")
        self.address = str(Path(self._folder.name) / "zygote")
        self._private = str(Path(self._folder.name) / "private")
        self._listeners = [_listening(path) for path in (self.address, self._private)]
        self._process: subprocess.Popen[bytes] | None = None
        self._launched: BackendName | None = None
        self._lock = threading.RLock()
        self._failure: SandboxError | None = None
        self._imported = self._ready = False
        self._stopped, self._stop = os.pipe()
        self._watch = threading.Thread(target=self._start_on_demand, daemon=True)
        self._watch.start()

    @property
    def isolation(self) -> BackendName:
        """The backend that was selected.

        Raises:
            SandboxError: this machine does not allow the isolation that was asked for.
        """
        try:
            return self._selected.result()
        except NoIsolation as error:
            raise SandboxError(str(error)) from error

    @property
    def expected_isolation(self) -> BackendName:
        """The backend that was selected, or the one that will be unless this machine does not allow it."""
        if self._selected.done() and self._selected.exception() is None:
            return self._selected.result()
        return "namespaces" if self._asked == "auto" else self._asked

    @property
    def started(self) -> bool:
        """True once the zygote process has been launched."""
        return self._process is not None

    @property
    def failure(self) -> SandboxError | None:
        """Error that keeps the zygote from serving children; None if there was none."""
        return self._failure

    @property
    def pid(self) -> int | None:
        """Process id; None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process without waiting for it, nor for the selection of the isolation."""
        with self._lock:
            if self._process is not None:
                return
            self._launched = self.expected_isolation
            environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
            descriptors = [listener.fileno() for listener in self._listeners]
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "autograder.sandbox.server.zygote",
                    *map(str, descriptors),
                    self._launched,
                    *self._options,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=descriptors,
                env=environment,
                cwd=Path(__file__).parents[3],
            )

    def wait(self) -> None:
        """Start the process if necessary and block until it serves children; connections made earlier are queued.

        Raises:
            SandboxError: the process ended, or isolation does not hold; the message says what to do.
        """
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._ready:
                return
            try:
                isolation = self.isolation
                self.start()
                if self._launched != isolation:
                    self._end()
                    self._process = None
                    self.start()
                self._await_ready()
                if self._hidden and isolation != "none":
                    from autograder.sandbox.client.proof import prove

                    withheld = next((name for name in os.environ if name not in _KEPT_ENVIRONMENT), "")
                    self.proof = prove(self._private, self.address, withheld, self._hidden)
                    self.proof.require()
                self._open()
            except SandboxError as error:
                self._failure = error
                self._end()  # who has asked for a child hears that there is none
                raise
            finally:
                self._close_listeners()

    def close(self) -> None:
        """End the process and all its children."""
        self._selection.join()
        os.close(self._stop)
        self._watch.join()
        os.close(self._stopped)
        self._close_listeners()
        self._end()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _select(self) -> None:
        try:
            self._selected.set_result(select_isolation(self._asked))
        except Exception as error:
            self._selected.set_exception(error)

    def _end(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if not self._imported:  # it has no children yet, and would go on importing
            self._process.kill()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _start_on_demand(self) -> None:
        with self._lock:
            public = self._listeners[0]
        try:
            ready, _, _ = select.select([public.fileno(), self._stopped], [], [])
        except (OSError, ValueError):  # it was started and opened meanwhile
            return
        if ready and self._stopped not in ready:
            try:
                self.wait()
            except SandboxError:  # kept in `failure`; whoever asked finds the door shut
                return

    def _await_ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != b"ready":
            _, said = self._process.communicate()
            last = said.decode(errors="replace").strip()[-1500:]
            raise SandboxError(f"the sandbox did not start; `autograder doctor` tells more. It said:\n{last}")
        self._imported = True

    def _open(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"open")
        self._process.stdin.flush()
        self._ready = True

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            listener.close()


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(128)
    return listener

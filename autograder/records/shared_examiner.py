"""One process that examines records, for all grading processes of a machine.

It keeps a live network of each kind in the class, and takes 200 MB for that: one is enough as long as an examination
takes less time than the rest of a grading. Requests are served in the order in which they come. A record over which the
process ends or falls silent costs its own submission only: the next request starts another process, and where an
examination takes long, others do not wait for it.
"""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.records.examiner import ExaminerClient
from autograder.records.requests import Examination, ExaminationRequest, decode_response, encode_message
from autograder.sandbox.client.sandbox_error import SandboxError
from autograder.sandbox.protocol import framing

PATIENCE = 30.0
"""Seconds of wall time that an examination may keep others waiting before another process is started for them."""


class SharedExaminer:
    """Serves `SharedExaminerClient`s: a context manager, to be entered by the process that starts the others.

    Args:
        zygote: path of the zygote's socket.
        most: processes at most, where one alone keeps others waiting.
        patience: see `PATIENCE`.

    Attributes:
        address: path of the socket for clients.
    """

    def __init__(self, zygote: str, most: int, patience: float = PATIENCE) -> None:
        self._zygote, self._most, self._patience = zygote, most, patience
        self._folder = tempfile.TemporaryDirectory(prefix="examiner-")
        self.address = str(Path(self._folder.name) / "examiner")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.address)
        self._listener.listen()
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._idle: list[ExaminerClient] = []
        self._busy: dict[ExaminerClient, float] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End the process, and serve nobody any more; one that is examining ends with the zygote."""
        with suppress(OSError):  # wakes the thread that accepts
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            for examiner in self._idle:
                examiner.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Serve one client until it closes the connection; it is closed here where no process can be started."""
        with connection, suppress(OSError, framing.ProtocolError, SandboxError):
            while True:
                request = framing.receive_frame(connection)
                with self._examiner() as examiner:
                    response = examiner.exchange(request)
                framing.send_frame(connection, response)

    @contextmanager
    def _examiner(self) -> Iterator[ExaminerClient]:
        """An examiner for one request, when its turn has come."""
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            while self._waiting[0] is not turn or not self._available():
                self._changed.wait(self._until_another())
            self._waiting.popleft()
            examiner = self._idle.pop() if self._idle else ExaminerClient(lambda: self._zygote)
            self._busy[examiner] = time.monotonic()
            self._changed.notify_all()
        try:
            yield examiner
        finally:
            with self._changed:
                del self._busy[examiner]
                if self._idle:  # one is enough again
                    examiner.close()
                else:
                    self._idle.append(examiner)
                self._changed.notify_all()

    def _available(self) -> bool:
        """True if an examiner is idle, or another one may be started."""
        return bool(self._idle) or not self._busy or self._until_another() == 0

    def _until_another(self) -> float | None:
        """Seconds until all running examinations have taken too long for others to wait; None if no more may run."""
        if not self._busy or len(self._busy) >= self._most:
            return None
        return max(0.0, max(self._busy.values()) + self._patience - time.monotonic())


class SharedExaminerClient:
    """Client of a `SharedExaminer`; it connects with the first request.

    Args:
        address: of the SharedExaminer.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def examine(self, request: ExaminationRequest) -> Examination:
        """Examine one run, as `ExaminerClient` does. The time limit holds from when its turn has come.

        Raises:
            SandboxError: no process can be started.
        """
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.connect(self._address)
            framing.send_frame(self._socket, encode_message(request))
            return decode_response(framing.receive_frame(self._socket))
        except (OSError, framing.ProtocolError) as error:
            self.close()
            raise SandboxError(
                f"the process that examines training records cannot be reached ({error}); grade again"
            ) from error

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

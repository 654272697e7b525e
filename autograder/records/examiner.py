"""Client of the worker that examines training records."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from autograder.records.requests import Examination, ExaminationRequest, decode_response, encode_message
from autograder.sandbox.protocol import framing

_SERVICE = "examine_records"

SERVICES = {_SERVICE: "autograder.records.worker:serve_examinations"}
"""The service that `ExaminerClient` asks for: whoever starts the zygote passes this table."""

LONGEST_WAIT = 300.0
"""Seconds of wall time for one examination; the first one of a class builds and traces its network."""


class Examiner(Protocol):
    """Anything that examines training records: the client here, or a cache in front of it."""

    def examine(self, request: ExaminationRequest) -> Examination:
        """Examine one run."""
        ...


class ExaminerClient:
    """Client that starts the worker with the first request, and another one if it dies.

    Args:
        address: returns the path of the zygote's socket.
    """

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def examine(self, request: ExaminationRequest) -> Examination:
        """Send a request and wait for the examination; if the worker dies over it, `problems` says so.

        Raises:
            SandboxError: no worker can be started.
        """
        return decode_response(self.exchange(encode_message(request)))

    def exchange(self, request: bytes) -> bytes:
        """The same with the bytes of both messages.

        Raises:
            SandboxError: no worker can be started.
        """
        from autograder.sandbox.client.connection import open_service, require_zygote

        try:
            if self._socket is None:
                self._socket = open_service(self._address(), _SERVICE, LONGEST_WAIT)
            framing.send_frame(self._socket, request)
            return framing.receive_frame(self._socket)
        except (OSError, framing.ProtocolError) as error:
            self.close()
            require_zygote(self._address())
            ended = f"the process that examines records ended ({error})"
            return encode_message(Examination(problems={"process": ended}))

    def close(self) -> None:
        """Close the connection, on which the worker ends."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

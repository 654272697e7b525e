"""The grader's side of the process that examines records."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from autograder.records.requests import Examination, ExaminationRequest, receive_response, send_message
from autograder.sandbox.client.connection import open_service, require_zygote
from autograder.sandbox.protocol import framing

_SERVICE = "examine_records"

SERVICES = {_SERVICE: "autograder.records.worker:serve_examinations"}
"""The service that `ExaminerClient` asks for: whoever starts the zygote passes this table."""

LONGEST_WAIT = 300.0
"""Seconds of wall time for one run; the first one of a class builds and traces its network."""


class Examines(Protocol):
    """What examines training records."""

    def examine(self, question: ExaminationRequest) -> Examination:
        """What comes out."""
        ...


class ExaminerClient:
    """Opens the process with the first question, and again if it should die.

    Args:
        address: gives the zygote's address.
    """

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def examine(self, question: ExaminationRequest) -> Examination:
        """What comes out; where the process dies over the question, `problems` says so.

        Raises:
            SandboxError: no process can be had.
        """
        try:
            if self._socket is None:
                self._socket = open_service(self._address(), _SERVICE, LONGEST_WAIT)
            send_message(self._socket, question)
            return receive_response(self._socket)
        except (OSError, framing.ProtocolError) as error:
            self.close()
            require_zygote(self._address())
            return Examination(problems={"process": f"the process that examines records ended ({error})"})

    def close(self) -> None:
        """End the process."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

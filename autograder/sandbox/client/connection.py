"""The grader's side of a conversation with one child of the zygote."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from autograder.sandbox.client.sandbox_error import SandboxError as SandboxError
from autograder.sandbox.client.submission_budget import ChildTimer, SubmissionBudget
from autograder.sandbox.client.timed_socket import TimedSocket
from autograder.sandbox.processor_load import FairTimer
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.limits import WALL_FACTOR
from cnnkit.errors import KitError
from cnnkit.recording.schema import TrainingRecord


class ChildDied(KitError):
    """The child ended or fell silent. `cell` is the cell it was running, or 0 while it was answering a question."""

    def __init__(self, reason: str, cell: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cell = cell


class ChildConnection:
    """One conversation with the process that holds one submission's code.

    Args:
        address: of the zygote.
        budget: of the submission; what the process takes is subtracted from it.
    """

    def __init__(self, address: str, budget: SubmissionBudget) -> None:
        self._budget = budget
        self._ticket = b""
        self._most = messages.MAX_PLAIN
        self._figure = False
        self._timer: ChildTimer | None = None
        self._socket = TimedSocket(_connected(address), FairTimer(budget.limits.submission_seconds * WALL_FACTOR))

    def run(
        self,
        cells: Sequence[messages.CellSource],
        records: dict[str, TrainingRecord],
        *,
        exercises: Mapping[str, Sequence[str]] | None = None,
        files: Mapping[str, bytes] | None = None,
        plain: bool = False,
        forbid: Mapping[str, list[str]] | None = None,
    ) -> tuple[list[messages.CellFinished], messages.NotebookFinished]:
        """Run the cells.

        Args:
            cells: the cells, in order.
            records: training runs that `cnnkit.record` plays back.
            exercises: for each exercise the functions that its check is called with.
            files: content by path of what is put into the folder in which the cells run.
            plain: True for code that imports nothing from that folder, so that nothing can be imported from it.
            forbid: by function, the modules and functions that it may not use.

        Raises:
            ChildDied: in a cell, whose number it carries (0 after the last one).
            SandboxError: before the first cell: that is not the notebook's fault.
        """
        self._begin(
            messages.StartRequest(
                cells=list(cells),
                records=records,
                limits=self._budget.child_limits(),
                exercises={name: list(functions) for name, functions in (exercises or {}).items()},
                files=dict(files or {}),
                plain=plain,
                forbid=dict(forbid or {}),
            )
        )
        done: list[messages.CellFinished] = []
        try:
            while True:
                message = self._receive()
                if isinstance(message, messages.NotebookFinished):
                    return done, message
                if not isinstance(message, messages.CellFinished) or len(done) >= len(cells):
                    raise ChildDied("it sent an answer where none was asked for", _next(cells, done))
                done.append(message)
        except ChildDied as error:
            raise ChildDied(error.reason, _next(cells, done)) from error
        except (OSError, framing.ProtocolError) as error:
            raise ChildDied(str(error), _next(cells, done)) from error

    def ask(self, question: messages.SubmissionRequest) -> messages.Response:
        """Ask one question.

        Raises:
            ChildDied: it did not answer, or said something outside the protocol.
        """
        try:
            self._send(question)
            answer = self._receive()
        except (OSError, framing.ProtocolError) as error:
            raise ChildDied(str(error)) from error
        if isinstance(
            answer, messages.Started | messages.CellFinished | messages.NotebookFinished | messages.ProbeResponse
        ):
            raise ChildDied("it sent an answer to another question")
        return answer

    def close(self) -> None:
        """Charge the budget and hang up; the zygote ends the process."""
        if self._timer is not None:
            self._timer.settle()
            self._timer = None
        self._socket.close()

    def _begin(self, start: messages.StartRequest) -> None:
        try:
            self._send(start)
            first = self._receive()
        except (OSError, framing.ProtocolError, ChildDied) as error:
            raise SandboxError(f"the process for the notebook could not be set up: {error}") from error
        if not isinstance(first, messages.Started):
            raise SandboxError(f"the process for the notebook began with {type(first).__name__}, expected Started")
        # waiting for the zygote was not the notebook's doing
        self._timer = self._socket.timer = ChildTimer(self._budget, first.process)
        self._timer.begin_step()

    def probe(self, targets: messages.ProbeRequest) -> messages.ProbeResponse:
        """Let this process, instead of running a notebook, try what isolation must prevent.

        Raises:
            SandboxError: it gave no answer.
        """
        try:
            self._send(targets)
            answer = self._receive()
        except (OSError, framing.ProtocolError, ChildDied) as error:
            raise SandboxError(
                f"the process that tries whether isolation holds could not be set up: {error}"
            ) from error
        if not isinstance(answer, messages.ProbeResponse):
            raise SandboxError(f"asked whether isolation holds, a process answered with {type(answer).__name__}")
        return answer

    def _send(self, request: messages.Request) -> None:
        self._most, self._figure = messages.most_bytes(request), isinstance(request, messages.DrawRequest)
        if self._timer is not None:
            self._timer.begin_step()
        self._ticket = messages.send_request(self._socket, request)

    def _receive(self) -> messages.Message:
        frame = framing.receive_frame(self._socket, self._most)
        if frame[: messages.TICKET] != self._ticket:
            raise ChildDied("it sent something that nobody had asked for")
        data = frame[messages.TICKET :]
        self._budget.charge_message(messages.measured(data, figure=self._figure).memory)
        if self._timer is not None:
            self._timer.begin_step()  # with a cell's end the next one begins
        return messages.decode_measured(data)


def open_service(address: str, name: str, seconds: float) -> socket.socket:
    """Open a connection to a process that runs one of the zygote's services.

    Args:
        address: of the zygote.
        name: of the service, as `Zygote` was given it.
        seconds: wall time to wait for it, and later for each read and write on the connection.

    Returns:
        The connection; the service's own protocol begins with the next frame. Closing it ends the process.

    Raises:
        SandboxError: the process could not be set up, or the zygote has no service of that name.
    """
    connection = _connected(address)
    try:
        connection.settimeout(seconds)
        ticket = messages.send_request(connection, messages.ServiceRequest(name=name))
        frame = framing.receive_frame(connection)
        response = messages.decode_message(frame[messages.TICKET :])
    except (OSError, framing.ProtocolError) as error:
        connection.close()
        raise SandboxError(f"the process for the service {name!r} could not be set up: {error}") from error
    if frame[: messages.TICKET] == ticket and isinstance(response, messages.Started):
        return connection
    connection.close()
    reason = response.reason if isinstance(response, messages.UnusableResponse) else type(response).__name__
    raise SandboxError(f"the process for the service {name!r} could not be set up: {reason}")


def _connected(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(address)
    except OSError as error:
        connection.close()
        raise SandboxError(f"the process that notebooks are started from is not there ({error})") from error
    return connection


def require_zygote(address: str) -> None:
    """Make sure that the zygote is there. If it has ended, a child's end was not its notebook's doing.

    Raises:
        SandboxError: it has ended.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(address)
        except OSError as error:
            raise SandboxError(
                f"the process that notebooks are started from has ended ({error}); grade again"
            ) from error


def _next(cells: Sequence[messages.CellSource], done: Sequence[messages.CellFinished]) -> int:
    return cells[len(done)].number if len(done) < len(cells) else 0

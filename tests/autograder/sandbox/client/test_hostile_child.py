"""A child that says what it was not asked, or nothing, is not believed and not waited for; no TensorFlow is needed."""

import socket
import threading
import time

import pytest

from autograder.sandbox.client.connection import ChildConnection, ChildDied, SandboxError
from autograder.sandbox.client.submission_budget import SubmissionBudget
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.limits import Limits

QUICK = Limits(cell_seconds=0.05, submission_seconds=0.1)
CELLS = [messages.CellSource(3, "a = 1"), messages.CellSource(5, "b = 2")]
CALL = messages.CallRequest(function="f", args=[], kwargs={})


class Child:
    """Stands for the process of a submission; `act` says what it does with each request."""

    def __init__(self, connection):
        self.connection = connection

    def ticket(self):
        """Wait for a request, and give its ticket."""
        return framing.receive_frame(self.connection)[: messages.TICKET]

    def send(self, message, ticket):
        messages.send_response(self.connection, message, ticket)


@pytest.fixture
def connect(tmp_path):
    """`connect(act)`: a connection to a child that does `act(child)` and then waits for the end."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "zygote"))
    listener.listen()
    opened = []

    def open_with(act, limits=QUICK):
        def serve():
            served, _ = listener.accept()
            with served:
                try:
                    act(Child(served))
                    framing.receive_frame(served)
                except (OSError, framing.ProtocolError):
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        opened.append((ChildConnection(str(tmp_path / "zygote"), SubmissionBudget(limits)), thread))
        return opened[-1][0]

    yield open_with
    for connection, thread in opened:
        connection.close()
        thread.join(10)
    listener.close()


def begin(child):
    ticket = child.ticket()
    child.send(messages.Started(), ticket)
    return ticket


def finish(child):
    """Run all cells as an honest child does."""
    ticket = begin(child)
    for cell in CELLS:
        child.send(messages.CellFinished(number=cell.number), ticket)
    child.send(messages.NotebookFinished(), ticket)


def test_an_honest_child_is_believed(connect):
    def act(child):
        finish(child)
        child.send(messages.CallResponse(value=42, type="int"), child.ticket())

    child = connect(act)
    done, _ = child.run(CELLS, {})
    assert [cell.number for cell in done] == [3, 5]
    assert child.ask(CALL).value == 42


@pytest.mark.parametrize("ticket", [b"", b"\0" * messages.TICKET, b"x" * 100])
def test_a_response_under_another_ticket_is_refused(connect, ticket):
    def act(child):
        finish(child)
        child.ticket()
        child.send(messages.CallResponse(value=42, type="int"), ticket)

    child = connect(act)
    child.run(CELLS, {})
    with pytest.raises(ChildDied, match="nobody had asked for"):
        child.ask(CALL)


def test_a_response_under_the_ticket_before_is_refused(connect):
    def act(child):
        finish(child)
        first = child.ticket()
        child.send(messages.CallResponse(value=1, type="int"), first)
        child.ticket()
        child.send(messages.CallResponse(value=2, type="int"), first)

    child = connect(act)
    child.run(CELLS, {})
    assert child.ask(CALL).value == 1
    with pytest.raises(ChildDied, match="nobody had asked for"):
        child.ask(CALL)


@pytest.mark.parametrize(
    "message",
    [
        messages.Started(),
        messages.CellFinished(number=1),
        messages.NotebookFinished(),
        messages.ProbeResponse({}),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_that_answers_no_request_is_refused(connect, message):
    def act(child):
        finish(child)
        child.send(message, child.ticket())

    child = connect(act)
    child.run(CELLS, {})
    with pytest.raises(ChildDied, match="another question"):
        child.ask(CALL)


def test_more_cells_than_there_are_end_it(connect):
    def act(child):
        ticket = begin(child)
        for number in range(10):
            child.send(messages.CellFinished(number=number), ticket)

    with pytest.raises(ChildDied, match="where none was asked for") as death:
        connect(act).run(CELLS, {})
    assert death.value.cell == 0


def test_a_child_that_falls_silent_names_the_cell(connect):
    def act(child):
        ticket = begin(child)
        child.send(messages.CellFinished(number=3), ticket)

    begun = time.monotonic()
    with pytest.raises(ChildDied, match="time for this submission is used up") as death:
        connect(act).run(CELLS, {})
    assert death.value.cell == 5
    assert time.monotonic() - begun >= 0.4


def test_a_child_that_is_silent_over_a_request_ends(connect):
    def act(child):
        finish(child)
        child.ticket()  # the request is read, and nothing said

    child = connect(act)
    child.run(CELLS, {})
    with pytest.raises(ChildDied, match="time for this submission is used up"):
        child.ask(CALL)


def test_a_child_that_reads_nothing_ends(connect):
    given_up = threading.Event()

    def act(child):
        finish(child)
        given_up.wait(300)  # a busy machine stretches the time that it is given

    child = connect(act)
    child.run(CELLS, {})
    large = messages.CallRequest(function="f", args=["x" * 1_000_000] * 20, kwargs={})
    try:
        with pytest.raises(ChildDied, match="time for this submission is used up"):
            child.ask(large)
    finally:
        given_up.set()


def test_waiting_for_the_zygote_is_not_the_notebook_s_time(connect):
    """Its process may have to wait until the libraries are imported."""

    def act(child):
        ticket = child.ticket()
        time.sleep(0.9)
        child.send(messages.Started(), ticket)
        time.sleep(0.5)
        for cell in CELLS:
            child.send(messages.CellFinished(number=cell.number), ticket)
        child.send(messages.NotebookFinished(), ticket)

    done, _ = connect(act, Limits(submission_seconds=0.3)).run(CELLS, {})
    assert len(done) == 2


def test_a_child_that_never_begins_is_the_sandbox_s_failure(connect):
    with pytest.raises(SandboxError, match="could not be set up"):
        connect(lambda child: None).run(CELLS, {})

"""All grading processes share one examiner, in turn; one record that takes long or kills it costs nobody else."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from autograder.records import shared_examiner as module
from autograder.records.requests import Examination, ExaminationRequest, encode_message
from autograder.records.shared_examiner import SharedExaminer, SharedExaminerClient
from autograder.sandbox.client.sandbox_error import SandboxError
from cnnkit.recording.schema import TrainingRecord


class FakeExaminer:
    """Examiner whose record's run says what happens: "blocks" until it is let go, "fails", or anything else."""

    started: list["FakeExaminer"]
    served: list[str]
    let_go: threading.Event

    def __init__(self, address):
        self.closed = False
        self.busy = False
        self.started.append(self)

    def exchange(self, frame):
        assert not self.busy, "one examiner serves two at once"
        self.busy = True
        run = msgspec.msgpack.decode(frame, type=ExaminationRequest).record.run
        self.served.append(run)
        if run == "blocks":
            assert self.let_go.wait(30)
        self.busy = False
        if run == "fails":
            raise SandboxError("the zygote has ended")
        return encode_message(Examination(initial=run))

    def close(self):
        self.closed = True


@pytest.fixture
def fake(monkeypatch):
    fake = type("Fake", (FakeExaminer,), {"started": [], "served": [], "let_go": threading.Event()})
    monkeypatch.setattr(module, "ExaminerClient", fake)
    yield fake
    fake.let_go.set()


def ask(shared, *runs):
    """Examine runs one after the other, as one grading process does."""
    client = SharedExaminerClient(shared.address)
    try:
        return [client.examine(request(run)).initial for run in runs]
    finally:
        client.close()


def request(run):
    return ExaminationRequest(record=TrainingRecord(run, {}), seed=1, weights=b"x" * 10_000, replay=False)


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_all_processes_are_served_by_one_examiner(fake):
    runs = [[f"{process}{number}" for number in range(20)] for process in "abc"]
    with SharedExaminer("zygote", most=3) as shared, ThreadPoolExecutor(3) as processes:
        assert list(processes.map(lambda own: ask(shared, *own), runs)) == runs
    assert len(fake.started) == 1
    assert fake.started[0].closed


def test_nobody_is_served_twice_while_another_waits(fake):
    with SharedExaminer("zygote", most=1) as shared, ThreadPoolExecutor(3) as processes:
        first = processes.submit(ask, shared, "blocks", "a1", "a2")
        until(lambda: fake.served == ["blocks"])
        second = processes.submit(ask, shared, "b1", "b2")
        until(lambda: len(shared._waiting) == 1)
        third = processes.submit(ask, shared, "c1", "c2")
        until(lambda: len(shared._waiting) == 2)
        fake.let_go.set()
        assert [each.result()[-1] for each in (first, second, third)] == ["a2", "b2", "c2"]
    assert fake.served[1:3] == ["b1", "c1"]


def test_one_that_takes_long_does_not_keep_the_others_waiting(fake):
    with SharedExaminer("zygote", most=2, patience=0.05) as shared, ThreadPoolExecutor(2) as processes:
        slow = processes.submit(ask, shared, "blocks")
        until(lambda: fake.served == ["blocks"])
        assert ask(shared, "b1", "b2") == ["b1", "b2"]
        assert not slow.done()
        assert len(fake.started) == 2
        fake.let_go.set()
        assert slow.result() == ["blocks"]
        until(lambda: fake.started[0].closed)  # one is enough again
        assert ask(shared, "c") == ["c"]
    assert len(fake.started) == 2


def test_there_are_never_more_than_were_allowed(fake):
    with SharedExaminer("zygote", most=1, patience=0.0) as shared, ThreadPoolExecutor(2) as processes:
        slow = processes.submit(ask, shared, "blocks")
        until(lambda: fake.served == ["blocks"])
        waiting = processes.submit(ask, shared, "b")
        until(lambda: len(shared._waiting) == 1)
        fake.let_go.set()
        assert (slow.result(), waiting.result()) == (["blocks"], ["b"])
    assert len(fake.started) == 1


def test_where_no_process_can_be_started_the_client_hears_of_it_and_others_are_served(fake):
    with SharedExaminer("zygote", most=2) as shared:
        with pytest.raises(SandboxError, match="grade again"):
            ask(shared, "fails")
        assert ask(shared, "a") == ["a"]


def test_a_client_that_dies_costs_the_others_nothing(fake):
    with SharedExaminer("zygote", most=2) as shared, ThreadPoolExecutor(1) as processes:
        client = SharedExaminerClient(shared.address)
        asking = processes.submit(client.examine, request("blocks"))
        until(lambda: fake.served == ["blocks"])
        client._socket.shutdown(2)
        with pytest.raises(SandboxError):
            asking.result()
        fake.let_go.set()
        assert ask(shared, "a") == ["a"]


def test_afterwards_nobody_is_served(fake):
    with SharedExaminer("zygote", most=2) as shared:
        pass
    with pytest.raises(SandboxError, match="cannot be reached"):
        ask(shared, "a")

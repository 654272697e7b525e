"""A record examined by a fork of the zygote, and what is said where that process dies."""

import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.requests import ExaminationRequest
from autograder.records.shared_examiner import SharedExaminer, SharedExaminerClient
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.networks.brief import sequence
from tests.autograder.records.test_self_consistency import RECORD

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def zygote():
    with Zygote(services=SERVICES) as started:
        started.wait()
        yield started


RECORD = replace(RECORD, loss="categorical_crossentropy")


def question(record=RECORD, weights=None):
    return ExaminationRequest(record=record, seed=record.seed, weights=weights, replay=True)


def test_it_answers_one_after_the_other(zygote):
    with ExaminerClient(lambda: zygote.address) as examiner:
        first, second = (examiner.examine(question()) for _ in range(2))
    assert first.problems == {"replay": "the optimizer 'None'", "weights": "no final weights came with the record"}
    assert first.initial == second.initial
    assert second.seconds < first.seconds  # the network is kept


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"network": None}, "network", "does not say what was trained"),
        ({"draws": ()}, "weights", "no final weights"),
        ({"data": {"name": "mnist"}}, "data", "the course's own data"),
        ({"data": {**RECORD.data, "name": "chess"}}, "data", "chess"),
        ({"data": {**RECORD.data, "images": 10**6}, "images": 10**6}, "data", "not so many"),
        ({"data": {**RECORD.data, "size": 3}}, "data", "a size"),
        ({"loss": "custom loss x"}, "loss", "custom loss x"),
        ({"optimizer": {"name": "adam", "learning_rate": -1.0, "epsilon": 1e-7, "odd": 3.0}}, "replay", "adam"),
    ],
)
def test_what_cannot_be_had_is_said(zygote, changes, name, words):
    with ExaminerClient(lambda: zygote.address) as examiner:
        found = examiner.examine(question(replace(RECORD, **changes)))
    assert words in found.problems[name]


def test_the_process_has_limits_on_memory_and_processor_time(zygote):
    with ExaminerClient(lambda: zygote.address) as examiner:
        examiner.examine(question())
        processes = psutil.Process(zygote.pid).children(recursive=True)
        limits = [Path(f"/proc/{process.pid}/limits").read_text() for process in processes]
    assert all(re.search(r"Max address space +\d+ +\d+ ", text) for text in limits)
    assert any(re.search(r"Max cpu time +\d+ ", text) for text in limits)  # of the one that examines


@pytest.mark.parametrize(
    ("layers", "batch_size", "words"),
    [(8, 4_096, "too many for 4,096 images at once"), (100, 16, "too many for 250 images at once")],
)
def test_a_record_of_a_huge_network_costs_nothing(zygote, layers, batch_size, words):
    convolution = ("Conv2D", {"filters": 32, "kernel_size": (3, 3), "padding": "same"})
    rows = [*[convolution] * layers, ("Flatten", {}), ("Dense", {"units": 10, "activation": "softmax"})]
    record = replace(RECORD, network=sequence((None, 28, 28, 1), rows), batch_size=batch_size, steps=[1.0] * 10)
    with ExaminerClient(lambda: zygote.address) as examiner:
        found = examiner.examine(question(record))
    assert words in found.problems["network"]
    assert found.seconds < 1


def test_bad_weights_are_said(zygote):
    with ExaminerClient(lambda: zygote.address) as examiner:
        assert "no .npz file" in examiner.examine(question(weights=b"x")).problems["weights"]


def test_a_process_that_dies_is_replaced(zygote):
    examiner = ExaminerClient(lambda: zygote.address)
    examiner.examine(question())
    examiner._socket.shutdown(2)
    assert "ended" in examiner.examine(question()).problems["process"]
    assert "process" not in examiner.examine(question()).problems
    examiner.close()


def test_two_clients_share_one_process_that_is_replaced_when_it_dies(zygote):
    clients = []
    with SharedExaminer(zygote.address, most=2) as shared:
        clients = [SharedExaminerClient(shared.address) for _ in range(2)]
        first, second = (client.examine(question()) for client in clients)
        assert first.initial == second.initial
        (examining,) = psutil.Process(zygote.pid).children()
        for one in [*examining.children(recursive=True), examining]:
            os.kill(one.pid, signal.SIGKILL)
        assert "ended" in clients[0].examine(question()).problems["process"]
        assert clients[1].examine(question()).initial == first.initial
        assert len(psutil.Process(zygote.pid).children()) == 1
    for client in clients:
        client.close()

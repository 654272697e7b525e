"""Which runs are examined, with what, and which of them is replayed."""

from dataclasses import replace

import pytest

from autograder.records.requests import Examination
from autograder.records.verdicts import verdicts
from cnnkit.session import seed_of
from tests.autograder.records.test_judge import GOOD

RECORDS = {run: replace(GOOD, run=run) for run in ("adam", "adadelta", "sgd")}


class FakeExaminer:
    """Keeps the requests; every examination fails for the same reason."""

    def __init__(self):
        self.requests = []

    def examine(self, question):
        self.requests.append(question)
        return Examination(problems={"process": "It was not looked at."})


def asked(records=RECORDS, **changes):
    examiner = FakeExaminer()
    found = verdicts(records, {"sgd": b"weights"}, examiner, assignment="mnist_convnet", student="s1", **changes)
    assert list(found) == list(records)
    return found, {request.record.run: request for request in examiner.requests}


def replayed(lot, **changes):
    return {run for run, request in asked(lot=lot, **changes)[1].items() if request.replay}


def test_one_run_is_replayed_and_the_lot_decides_which():
    lots = [f"submission {number}" for number in range(60)]
    drawn = [replayed(lot) for lot in lots]
    assert {len(runs) for runs in drawn} == {1}
    assert [replayed(lot) for lot in lots] == drawn
    assert all(drawn.count({run}) >= 10 for run in RECORDS)


def test_all_runs_may_be_replayed():
    assert replayed("", replays="all") == set(RECORDS)


def test_each_is_examined_with_its_own_weights_and_the_seed_of_the_student_it_names():
    _, requests = asked({**RECORDS, "adam": replace(RECORDS["adam"], student="s2")})
    assert {run: request.weights for run, request in requests.items()} == {
        "adam": None,
        "adadelta": None,
        "sgd": b"weights",
    }
    assert requests["adam"].seed == seed_of("mnist_convnet", "s2")
    assert requests["sgd"].seed == seed_of("mnist_convnet", "s1")


@pytest.mark.parametrize("changes", [{"schema": 1}, {"fingerprints": []}, {"network": None}])
def test_what_cannot_be_examined_is_neither_examined_nor_drawn(changes):
    records = {**RECORDS, "adam": replace(RECORDS["adam"], **changes), "sgd": replace(RECORDS["sgd"], **changes)}
    found, requests = asked(records)
    assert set(requests) == {"adadelta"}
    assert requests["adadelta"].replay
    assert {verdict.verdict for verdict in found.values()} == {"inconclusive"}


def test_nothing_to_examine_opens_no_process():
    assert asked({})[1] == {}
    assert asked({"adam": replace(GOOD, schema=1)})[1] == {}


def test_a_classmate_is_told_from_a_stranger():
    records = {"adam": replace(GOOD, student="s2", seed=seed_of("mnist_convnet", "s2"))}
    assert asked(records)[0]["adam"].verdict == "inconclusive"
    assert asked(records, is_classmate=lambda name: name == "s2")[0]["adam"].verdict == "contradicted"

"""Which runs are examined, with what, and which of them is replayed."""

from dataclasses import replace

import msgspec
import pytest

from autograder.records.image_draw import chosen_images
from autograder.records.requests import Examination
from autograder.records.verdicts import FEW_STEPS, examined_findings, verdicts
from cnnkit.session import seed_of
from tests.autograder.records.test_judge import AROUND, EXAMINED, EXAMINED_3, GOOD, GOOD_3

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


class HonestExaminer:
    """Finds what the record says, except in some fields, and in all requests or in brief ones only."""

    def __init__(self, changes=None, *, only_in_brief=False):
        self.requests, self.changes, self.only_in_brief = [], changes or {}, only_in_brief

    def examine(self, request):
        self.requests.append(request)
        found = msgspec.structs.replace(
            EXAMINED_3 if not request.whole else EXAMINED,
            steps=[2.3] * (request.steps if request.replay else 0),
            image_losses=[0.1] * len(request.images),
            image_losses_clipped=[0.1] * len(request.images),
            image_right=[position < 4_901 for position in request.images],
        )
        changes = self.changes if not request.whole or not self.only_in_brief else {}
        return msgspec.structs.replace(found, **changes)


def examined(record=GOOD_3, examiner=None, **how):
    examiner = examiner or HonestExaminer()
    findings = examined_findings(record, examiner, AROUND, lot="lot", **how)
    return [(finding.check, finding.against) for finding in findings], examiner.requests


def test_an_honest_record_is_examined_in_brief():
    found, (request,) = examined()
    assert found == []
    assert (request.steps, request.whole, request.hidden, request.replay) == (FEW_STEPS, False, 0, True)
    assert request.images == chosen_images(GOOD_3, "lot")


@pytest.mark.parametrize(
    "changes",
    [{"steps": [2.4] * 4}, {"end": [0.4]}, {"image_losses": [0.2] * 600, "image_losses_clipped": [0.2] * 600}],
)
def test_any_doubt_is_cleared_in_full(changes):
    found, (brief, full) = examined(examiner=HonestExaminer(changes, only_in_brief=True))
    assert found == []
    assert not brief.whole
    assert (full.steps, full.whole, full.hidden, full.images) == (10, True, 1, brief.images)


def test_a_doubt_that_stays_is_told_from_the_full_examination():
    found, requests = examined(
        examiner=HonestExaminer({"validation_loss": 0.2, "validation_loss_clipped": 0.2, "end": [1]})
    )
    assert len(requests) == 2
    assert found == [("final weights", True), ("fingerprints", True)]


@pytest.mark.parametrize(
    "changes",
    [
        {"problems": {"weights": "no final weights came with the record"}, "image_losses": [], "end": []},
        {"problems": {"process": "it died"}, "initial": ""},
    ],
)
def test_what_no_examination_would_change_is_examined_once(changes):
    found, requests = examined(examiner=HonestExaminer(changes))
    assert len(requests) == 1
    assert [against for _, against in found] == [False]


@pytest.mark.parametrize(
    ("record", "how"),
    [
        (GOOD_3, {"thorough": True}),
        (GOOD, {}),
        (replace(GOOD_3, image_losses="", image_right="", unclear={"images": "it has none"}), {}),
        (replace(GOOD_3, schema=2), {}),
    ],
)
def test_records_that_are_examined_in_full_at_once(record, how):
    found, (request,) = examined(record, **how)
    assert found == []
    assert (request.steps, request.whole, request.hidden) == (10, True, 1)


def test_with_all_replays_every_run_is_examined_in_full():
    examiner = HonestExaminer()
    verdicts({"adam": GOOD_3}, {}, examiner, assignment="mnist_convnet", student="s1", replays="all")
    assert [request.is_brief for request in examiner.requests] == [False]


@pytest.mark.parametrize("assignment", ["data_augmentation", "transfer_learning"])
def test_without_a_specified_network_nothing_is_examined(assignment):
    changes = {"assignment": assignment, "seed": seed_of(assignment, GOOD.student)}
    records = {run: replace(record, **changes) for run, record in RECORDS.items()}
    found = verdicts(records, {}, None, assignment=assignment, student="s1", replays="all")
    assert {verdict.reason for verdict in found.values() if verdict.verdict == "contradicted"} == set()
    assert {verdict.open for verdict in found.values()} == {"not repeated in this assignment"}

"""Honest records are never contradicted, forged ones never verified, whatever they have in common."""

from pathlib import Path

import msgspec
import pytest

from autograder.records.examination import examine
from autograder.records.findings import combined_verdict
from autograder.records.judge import RecordContext
from autograder.records.verdicts import examined_findings
from cnnkit.recording.schema import TrainingRecord
from tests.autograder.records.forgeries import FORGERIES

OTHER_KERAS = Path(__file__).with_name("other_keras")

pytestmark = pytest.mark.tensorflow

FEW = {"images": 3_000}
"""A quarter of quick mode's images, for which there are no reference runs: it is the form of these runs that counts."""

HONEST = {
    "adam": {},
    "adadelta": {"optimizer": "adadelta"},
    "sgd": {"optimizer": "sgd"},
    "another student": {"student": "s2"},
    "another student, sgd": {"student": "s2", "optimizer": "sgd", **FEW},
    "optimizer as an object": {"optimizer": "sgd", "classes": True, **FEW},
    "functional": {"model": "functional", **FEW},
    "a class of one's own": {"model": "subclassed", **FEW},
    "activations apart": {"model": "separate", **FEW},
    "eagerly": {"eager": True, "optimizer": "sgd", **FEW},
    "interrupted and resumed": {"resume_after": 2, **FEW},
    "one thread": {"threads": 1, **FEW},
    "oneDNN off": {"environment": {"TF_ENABLE_ONEDNN_OPTS": "0"}, **FEW},
    "AVX2": {"environment": {"ONEDNN_MAX_CPU_ISA": "AVX2"}, "optimizer": "sgd", **FEW},
    "more epochs": {"epochs": 6},
    "another learning rate": {
        "optimizer": "adadelta",
        "settings": {"learning_rate": 1.0},
        "run": "adadelta_that_learns",
    },
}

THOROUGHLY = ("adam", "sgd", "another student", "functional", "interrupted and resumed", "oneDNN off", "more epochs")
"""Those that are examined in full as well, which costs as much again as their training."""


class DirectExaminer:
    """Examines in this process, and keeps the requests."""

    def __init__(self):
        self.requests = []

    def examine(self, request):
        self.requests.append(request)
        return examine(request)


def found_in(record, weights, student="s1", examiner=None, **how):
    around = RecordContext(
        "mnist_convnet", student, is_classmate=lambda name: name in ("s1", "s2") and name != student, weights=weights
    )
    return examined_findings(record, examiner or DirectExaminer(), around, lot="corpus", **how)


@pytest.mark.parametrize("name", HONEST)
def test_honest(name, trained):
    how = {"student": "s1", **HONEST[name]}
    run = trained(**how)
    assert run.record.resumed == (() if "resume_after" not in how else (how["resume_after"],))
    examiner = DirectExaminer()
    found = found_in(run.record, run.weights, how["student"], examiner)
    assert [finding.text for finding in found] == []
    assert [request.whole for request in examiner.requests] == [False]
    if name in THOROUGHLY:
        assert [finding.text for finding in found_in(run.record, run.weights, how["student"], thorough=True)] == []


@pytest.mark.parametrize("file", sorted(OTHER_KERAS.glob("*.json")), ids=lambda file: f"Keras {file.stem}")
def test_honest_with_another_keras(file, monkeypatch):
    # a narrow network keeps the files small; no assignment specifies it
    monkeypatch.setattr("autograder.records.verdicts.is_specified", lambda *_: True)
    record = msgspec.json.decode(file.read_bytes(), type=TrainingRecord)
    assert record.versions["keras"] == file.stem
    assert [finding.text for finding in found_in(record, file.with_name("adam.npz").read_bytes())] == []


def test_without_a_student_id_it_is_left_open(trained):
    run = trained("", **FEW)
    found = found_in(run.record, run.weights, "s1")
    assert combined_verdict(found, "").verdict == "inconclusive"
    assert "student id" in found[0].text


def test_a_network_of_ones_own_is_left_open_and_not_built_again(trained):
    run, examiner = trained("s1", model="wider"), DirectExaminer()
    found = found_in(run.record, run.weights, examiner=examiner)
    assert [(finding.check, finding.against) for finding in found] == [("network", False)]
    assert "not one that the assignment specifies" in found[0].text
    assert not examiner.requests


def test_a_run_of_another_name_than_its_optimizer_is_left_open(trained):
    run = trained("s1", "adadelta", settings={"learning_rate": 1.0})
    found = found_in(run.record, run.weights)
    assert [(finding.check, finding.against) for finding in found] == [("name", False)]
    assert "Keras's settings of adadelta; its learning_rate is 1.0, not 0.001" in found[0].text


def test_without_weights_it_is_left_open(trained):
    found = found_in(trained("s1").record, None)
    assert [(finding.check, finding.against) for finding in found] == [("weights", False)]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_forged(forgery, trained):
    record, weights = forgery.make(trained)
    found = found_in(record, weights)
    against = {finding.check for finding in found if finding.against}
    said = combined_verdict(found, "")
    print(forgery.name, said.verdict, sorted(against), said.reason)
    if forgery.left_open:
        assert said.verdict == "inconclusive", said
        assert forgery.left_open in said.reason
    else:
        assert said.verdict == "contradicted", said
        assert against & set(forgery.caught), said


def test_there_are_enough():
    assert len(HONEST) >= 12
    assert len(list(OTHER_KERAS.glob("*.json"))) >= 3
    assert len(FORGERIES) >= 45

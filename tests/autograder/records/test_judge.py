"""What speaks against a record and what leaves it open, from numbers alone."""

from dataclasses import replace

import pytest

from autograder.records.findings import RecordFinding, combined_verdict
from autograder.records.judge import RecordContext, examinable, judge_record, record_findings
from autograder.records.requests import Examination
from tests.autograder.records.test_self_consistency import RECORD

GOOD = replace(RECORD, initial="sha256:" + "1" * 64, device="CPU")
EXAMINED = Examination(
    versions={"keras": "3.15.1", "tensorflow": "2.21.0"},
    initial=GOOD.initial,
    steps=[2.3] * 10,
    end=[0.3],
    validation_loss=GOOD.history["val_loss"][-1],
    validation_loss_clipped=GOOD.history["val_loss"][-1],
    validation_accuracy=GOOD.history["val_accuracy"][-1],
    probe_loss=0.2,
)
GOOD = replace(GOOD, versions={**GOOD.versions, "keras": "3.15.1", "tensorflow": "2.21.0"})
AROUND = RecordContext("mnist_convnet", "s1", is_classmate=lambda name: name == "s2")


def found(record=GOOD, examined=EXAMINED, around=AROUND):
    return {(finding.check, finding.against) for finding in record_findings(record, examined, around)}


def changed(**changes):
    import msgspec

    return msgspec.structs.replace(EXAMINED, **changes)


def test_an_honest_record():
    assert found() == set()
    assert judge_record(GOOD, EXAMINED, AROUND).verdict == "verified"
    assert judge_record(GOOD, EXAMINED, AROUND).reason.startswith(
        "The first steps come out the same again; the final weights"
    )
    assert judge_record(GOOD, EXAMINED, replace(AROUND, replayed=False)).reason.startswith("The final weights give")


@pytest.mark.parametrize(
    ("examined", "wanted"),
    [
        ({"steps": [2.3] * 9 + [2.3005]}, set()),
        ({"steps": [2.3] * 9 + [2.305]}, {("replay", False)}),
        ({"steps": [2.3] * 9 + [2.33]}, {("replay", True)}),
        ({"steps": [float("nan")] * 10}, {("replay", True)}),
        ({"steps": [2.3] * 4}, {("replay", True)}),
        ({"initial": "sha256:" + "2" * 64}, {("beginning", True)}),
        ({"initial": "sha256:" + "2" * 64, "beginning": [0.1001]}, set()),
        ({"validation_loss": 0.1008, "validation_loss_clipped": 0.1008}, {("final weights", False)}),
        ({"validation_loss": 0.12, "validation_loss_clipped": 0.12}, {("final weights", True)}),
        ({"validation_loss": 0.12}, set()),
        ({"validation_accuracy": 4_903 / 5_000}, set()),
        ({"validation_accuracy": 4_910 / 5_000}, {("final weights", False)}),
        ({"validation_accuracy": 4_960 / 5_000}, {("final weights", True)}),
        ({"end": [0.31]}, {("fingerprints", True)}),
        ({"end": []}, {("fingerprints", True)}),
        ({"probe_loss": 0.22}, {("fingerprints", True)}),
        ({"problems": {"weights": "no final weights came with the record"}}, {("weights", False)}),
        ({"problems": {"replay": "the optimizer 'lion'"}, "steps": []}, {("replay", False)}),
    ],
)
def test_what_came_out(examined, wanted):
    assert found(examined=changed(**examined)) == wanted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "GPU Tesla T4"}, "GPU Tesla T4"),
        ({"versions": {**GOOD.versions, "keras": "3.8.0"}}, "keras 3.8.0 (here 3.15.1)"),
        ({"settings": {"jit_compile": 1.0}}, "XLA"),
    ],
)
def test_steps_that_differ_elsewhere_are_left_open(changes, said):
    other = changed(steps=[2.4] * 10)
    result = judge_record(replace(GOOD, **changes), other, AROUND)
    assert result.verdict == "inconclusive"
    assert said in result.reason
    assert "2.40000" in result.reason


def test_a_gpu_explains_nothing_about_the_final_loss():
    record = replace(GOOD, device="GPU Tesla T4")
    assert found(record, changed(validation_loss=0.5, validation_loss_clipped=0.5)) == {("final weights", True)}


@pytest.mark.parametrize(
    ("student", "around", "wanted"),
    [
        ("S1 ", AROUND, set()),
        ("", AROUND, {("whose", False)}),
        ("s9", AROUND, {("whose", False)}),
        ("s2", AROUND, {("whose", True)}),
    ],
)
def test_whose_it_is(student, around, wanted):
    from cnnkit.session import seed_of

    record = replace(GOOD, student=student, seed=seed_of("mnist_convnet", student))
    assert found(record, EXAMINED, around) == wanted


def test_of_another_assignment_or_of_none():
    assert ("whose", True) in found(replace(GOOD, assignment="chess"))
    assert found(replace(GOOD, assignment="")) == {("whose", False)}


def test_an_unfinished_run_is_left_open():
    short = replace(GOOD, epochs=5)
    assert found(short) == {("epochs", False)}


def test_weights_of_a_later_run_are_left_open():
    assert ("weights", False) in found(around=replace(AROUND, weights=b"others"))


@pytest.mark.parametrize(
    "changes",
    [{"schema": 1}, {"network": None}, {"initial": ""}, {"data": {}}, {"history": {"loss": GOOD.history["loss"]}}],
)
def test_what_cannot_be_examined_says_why(changes):
    record = replace(GOOD, **changes)
    assert examinable(record)
    said = judge_record(record, None, AROUND)
    assert (said.verdict, said.reason) == ("inconclusive", examinable(record))


def test_one_finding_against_it_outweighs_all_that_is_open():
    said = combined_verdict(
        [RecordFinding("a", "Open.", against=False), RecordFinding("b", "Bad."), RecordFinding("b", "Bad.")], "good"
    )
    assert (said.verdict, said.reason) == ("contradicted", "Bad.")
    many = combined_verdict([RecordFinding("a", f"{number}.") for number in range(5)], "good")
    assert many.reason == "0. 1. 2. And 2 more."

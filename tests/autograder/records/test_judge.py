"""Findings that contradict a record and findings that make it inconclusive, from numbers alone."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from autograder.records.findings import RecordFinding, combined_verdict
from autograder.records.image_draw import hard_images
from autograder.records.judge import RecordContext, judge_record, reason_not_examinable, record_findings
from autograder.records.requests import Examination
from cnnkit.recording.validation_losses import packed_losses
from tests.autograder.records.test_self_consistency import LAYOUT_3, RECORD, single

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
IMAGES = tuple(range(0, 5_000, 10))
GOOD_3 = replace(LAYOUT_3, epochs=2)
EXAMINED_3 = msgspec.structs.replace(
    EXAMINED,
    versions={"keras": "3.15.1", "tensorflow": "2.21.0"},
    steps=[2.3] * 4,
    validation_loss=None,
    validation_loss_clipped=None,
    validation_accuracy=None,
    probe_loss=None,
    image_losses=[0.1] * 500,
    image_losses_clipped=[0.1] * 500,
    image_right=[position < 4_901 for position in IMAGES],
)
AROUND = RecordContext("mnist_convnet", "s1", is_classmate=lambda name: name == "s2")


def found(record=GOOD, examined=EXAMINED, around=AROUND):
    return {(finding.check, finding.against) for finding in record_findings(record, examined, around)}


def changed(**changes):
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
        ({"versions": {**GOOD.versions, "tensorflow": "2.16.1"}}, "tensorflow 2.16.1 (here 2.21.0)"),
        ({"versions": {}}, "keras unknown (here 3.15.1), tensorflow unknown (here 2.21.0)"),
        ({"device": ""}, "an unknown device"),
        ({"settings": {"jit_compile": 1.0}}, "XLA"),
    ],
)
def test_steps_that_differ_elsewhere_are_left_open(changes, said):
    other = changed(steps=[2.4] * 10)
    result = judge_record(replace(GOOD, **changes), other, AROUND)
    assert result.verdict == "inconclusive"
    assert said in result.reason
    assert "2.40000" in result.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"device": "GPU Tesla T4"},
        {"versions": {**GOOD.versions, "keras": "3.8.0"}},
        {"versions": {**GOOD.versions, "tensorflow": "2.16.1"}},
        {"settings": {"jit_compile": 1.0}},
    ],
)
def test_a_beginning_that_differs_elsewhere_is_left_open(changes):
    other = changed(initial="sha256:" + "2" * 64, beginning=[0.2])
    assert found(replace(GOOD, **changes), other) == {("beginning", False)}


@pytest.mark.parametrize(
    "changes", [{"versions": {**GOOD.versions, "numpy": "1.26"}}, {"settings": {"jit_compile": 0.0, "threads": 8.0}}]
)
def test_what_does_not_change_the_steps_explains_nothing(changes):
    other = changed(steps=[2.4] * 10, versions={**EXAMINED.versions, "numpy": "2.3"})
    assert found(replace(GOOD, **changes), other) == {("replay", True)}


OK, LEFT_OPEN, AGAINST = None, False, True


def check_of(name, outcome):
    return set() if outcome is OK else {(name, outcome)}


@pytest.mark.parametrize(
    ("difference", "outcome"),
    [(0.00099, OK), (0.00101, LEFT_OPEN), (0.0099, LEFT_OPEN), (0.0101, AGAINST)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_bounds_of_the_steps_losses(difference, outcome, sign):
    steps = [2.3] * 9 + [2.3 + sign * difference]
    assert found(examined=changed(steps=steps)) == check_of("replay", outcome)


@pytest.mark.parametrize(
    ("claimed", "loss", "outcome"),
    [
        (0.1, 0.10040, OK),
        (0.1, 0.10041, LEFT_OPEN),
        (0.1, 0.10151, LEFT_OPEN),
        (0.1, 0.10152, AGAINST),
        (2.0, 2.0042, OK),
        (2.0, 2.0043, LEFT_OPEN),
        (2.0, 2.0207, LEFT_OPEN),
        (2.0, 2.0208, AGAINST),
    ],
)
def test_bounds_of_the_final_loss(claimed, loss, outcome):
    record = replace(GOOD, history={**GOOD.history, "val_loss": single(0.3, claimed)})
    examined = changed(validation_loss=loss, validation_loss_clipped=loss)
    assert found(record, examined) == check_of("final weights", outcome)


@pytest.mark.parametrize(("images", "outcome"), [(5, OK), (6, LEFT_OPEN), (25, LEFT_OPEN), (26, AGAINST)])
@pytest.mark.parametrize("sign", [1, -1])
def test_bounds_of_the_final_accuracy(images, outcome, sign):
    examined = changed(validation_accuracy=(4_901 + sign * images) / 5_000)
    assert found(examined=examined) == check_of("final weights", outcome)


@pytest.mark.parametrize(("difference", "outcome"), [(0.00099, OK), (0.00101, AGAINST)])
def test_bounds_of_fingerprints(difference, outcome):
    assert found(examined=changed(end=[0.3 - difference])) == check_of("fingerprints", outcome)
    drawn = changed(initial="sha256:" + "2" * 64, beginning=[0.1 + difference])
    assert found(examined=drawn) == check_of("beginning", outcome)


@pytest.mark.parametrize(
    ("mark", "loss", "outcome"),
    [(0.2, 0.2069, OK), (0.2, 0.2071, AGAINST), (2.0, 1.9391, OK), (2.0, 1.9389, AGAINST)],
)
def test_bounds_of_the_probe_loss(mark, loss, outcome):
    record = replace(GOOD, fingerprints=[*GOOD.fingerprints[:-1], [mark, 0.3]])
    assert found(record, changed(probe_loss=loss)) == check_of("fingerprints", outcome)


def test_what_the_record_could_not_tell_is_left_open():
    record = replace(GOOD, fingerprints=[*GOOD.fingerprints[:-1], [float("nan"), 0.3]])
    assert found(record) == {("fingerprints", False)}


def test_a_record_that_was_not_examined_is_left_open():
    assert found(examined=None) == {("process", False)}


def test_an_unfinished_run_is_not_held_against_its_last_weights():
    short = replace(GOOD, epochs=3)
    assert found(short, changed(validation_loss=0.5, validation_loss_clipped=0.5)) == {("epochs", False)}


@pytest.mark.parametrize("initial", ["", GOOD.initial], ids=["before", "after"])
@pytest.mark.parametrize("problem", ["network", "loss", "data", "process"])
def test_a_problem_that_ends_an_examination_is_told_and_left_open(problem, initial):
    """Before or after the initial weights were drawn: what comes later was not computed."""
    examined = Examination(problems={problem: "this is why"}, initial=initial)
    (finding,) = record_findings(GOOD, examined, AROUND)
    assert (finding.check, finding.against) == (problem, False)
    assert "this is why" in finding.text


@pytest.mark.parametrize("problem", ["replay", "weights"])
def test_every_problem_is_told_and_left_open(problem):
    examined = Examination(problems={problem: "this is why"})
    (finding,) = record_findings(GOOD, examined, AROUND)
    assert (finding.check, finding.against) == (problem, False)
    assert "this is why" in finding.text


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
        ("S1", replace(AROUND, is_classmate=lambda name: name == "S1"), {("whose", True)}),
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
    [
        {"schema": 1},
        {"network": None},
        {"initial": ""},
        {"data": {}},
        {"fingerprints": []},
        {"history": {"loss": GOOD.history["loss"]}},
    ],
)
def test_what_cannot_be_examined_says_why(changes):
    record = replace(GOOD, **changes)
    assert reason_not_examinable(record)
    said = judge_record(record, None, AROUND)
    assert (said.verdict, said.reason) == ("inconclusive", reason_not_examinable(record))


@pytest.mark.parametrize("changes", [{}, {"data": {}}, {"network": None}])
def test_where_no_run_is_repeated_that_is_the_reason(changes):
    context = replace(AROUND, repeated=False)
    said = judge_record(replace(GOOD, **changes), None, context)
    assert (said.verdict, said.open) == ("inconclusive", "not repeated in this assignment")
    assert said.reason.startswith("Runs of this assignment are not repeated")
    assert (
        judge_record(replace(GOOD, student="s9"), None, context).verdict
        == judge_record(replace(GOOD, student="s9"), None, AROUND).verdict
    )


def test_one_finding_against_it_outweighs_all_that_is_open():
    said = combined_verdict(
        [RecordFinding("a", "Open.", against=False), RecordFinding("b", "Bad."), RecordFinding("b", "Bad.")], "good"
    )
    assert (said.verdict, said.reason) == ("contradicted", "Bad.")
    three = combined_verdict([RecordFinding("a", f"{number}.") for number in range(3)], "good")
    assert three.reason == "0. 1. 2."
    many = combined_verdict([RecordFinding("a", f"{number}.") for number in range(5)], "good")
    assert many.reason == "0. 1. 2. And 2 more."


BRIEFLY = replace(AROUND, images=IMAGES, steps=4)


def found_in_brief(record=GOOD_3, around=BRIEFLY, **changes):
    return found(record, msgspec.structs.replace(EXAMINED_3, **changes), around)


def losses_with(count, change):
    """Losses on the images that were looked at, of which so many are changed."""
    return {"image_losses": [0.1 + change] * count + [0.1] * (500 - count), "image_losses_clipped": [9.0] * 500}


def test_an_honest_record_examined_in_brief():
    assert found_in_brief() == set()


@pytest.mark.parametrize(
    ("count", "change", "outcome"),
    [(1, 0.010, OK), (1, 0.012, LEFT_OPEN), (1, 0.11, LEFT_OPEN), (1, 0.13, AGAINST), (1, -0.0999, LEFT_OPEN)],
)
def test_bounds_of_the_loss_on_a_single_image(count, change, outcome):
    assert found_in_brief(**losses_with(count, change)) == check_of("images", outcome)


@pytest.mark.parametrize(
    ("change", "outcome"), [(0.0003, OK), (0.0005, LEFT_OPEN), (0.0012, LEFT_OPEN), (0.0017, AGAINST)]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_bounds_of_the_loss_on_all_images_that_were_looked_at(change, sign, outcome):
    """Half precision makes 0.09998 of 0.1."""
    assert found_in_brief(**losses_with(500, sign * change)) == check_of("images", outcome)


@pytest.mark.parametrize("turned", [1, 100])
def test_an_answer_that_turned_is_a_doubt_until_all_are_counted(turned):
    right = [not answer if number < turned else answer for number, answer in enumerate(EXAMINED_3.image_right)]
    assert found_in_brief(image_right=right) == {("images", False)}
    counted = {"validation_loss": 0.1, "validation_loss_clipped": 0.1, "validation_accuracy": 4_901 / 5_000}
    assert found_in_brief(image_right=right, **counted) == set()


@pytest.mark.parametrize(("change", "outcome"), [(0.0, OK), (0.0003, LEFT_OPEN), (0.001, AGAINST)])
def test_drawn_images_are_compared_apart_from_the_hard_ones(change, outcome):
    """Beside the losses of the hard ones it would not show that all others are understated."""
    hard = set(hard_images("mnist"))
    images = tuple(sorted({*hard, *IMAGES}))
    true = np.array([2.0 if position in hard else 0.01 for position in range(5_000)])
    said = np.array([2.0 if position in hard else 0.01 - change for position in range(5_000)])
    mean = float(np.float32(said.mean()))
    record = replace(GOOD_3, image_losses=packed_losses(said), history={**GOOD_3.history, "val_loss": [0.5, mean]})
    looked_at = {"image_losses": true[list(images)].tolist(), "image_losses_clipped": true[list(images)].tolist()}
    right = [position < 4_901 for position in images]
    around = replace(BRIEFLY, images=images)
    assert found_in_brief(record, around, image_right=right, **looked_at) == check_of("images", outcome)


def test_losses_of_an_eager_training_are_the_clipped_ones():
    assert found_in_brief(image_losses=[9.0] * 500) == set()


def test_a_loss_that_differs_elsewhere_is_left_open_but_not_the_mean():
    elsewhere = replace(GOOD_3, device="GPU Tesla T4")
    assert found_in_brief(elsewhere, **losses_with(1, 0.5)) == {("images", False)}
    assert found_in_brief(elsewhere, **losses_with(500, 0.5)) == {("images", False), ("images", True)}


@pytest.mark.parametrize("changes", [{"image_losses": []}, {"image_losses": [0.1] * 499}])
def test_images_that_do_not_exist_speak_against_it(changes):
    assert found_in_brief(**changes) == {("images", True)}


def test_only_the_replayed_steps_are_compared():
    assert found_in_brief(replace(GOOD_3, steps=[2.3] * 9 + [7.0])) == set()
    assert found_in_brief(replace(GOOD_3, steps=[2.3] * 3 + [7.0] * 7)) == {("replay", True)}
    assert found_in_brief(steps=[2.3] * 3) == {("replay", True)}


def test_the_fingerprint_is_compared_in_brief_too():
    assert found_in_brief(end=[0.31]) == {("fingerprints", True)}


def test_without_weights_no_image_is_looked_at():
    problems = {"weights": "no final weights came with the record"}
    assert found_in_brief(problems=problems, image_losses=[], end=[]) == {("weights", False)}

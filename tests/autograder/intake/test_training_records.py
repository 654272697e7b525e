import json
import math

import numpy as np
import pytest

from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.training_records import BadRecord, collect_records, safe_outputs, validated_record
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.networks.model_spec import to_json
from cnnkit.recording.schema import MIME, TrainingRecord
from cnnkit.recording.validation_losses import packed_answers, packed_losses

GOOD = TrainingRecord(
    run="adam",
    history={"loss": [0.19, 0.07], "val_loss": [0.05, 0.04]},
    optimizer={"name": "adam", "learning_rate": 0.001},
    loss="categorical_crossentropy",
    images=55_000,
    batch_size=128,
    epochs=2,
    seconds=42.0,
    steps=[2.3, 2.2],
    assignment="toy",
    student="s01",
    seed=7,
    versions={"keras": "3.15.1"},
).to_json()


LOSSES = packed_losses(np.ones(60))
DRAW = {"layer": 0, "what": "generator", "kind": "", "seed": [1, 2]}
NETWORK = to_json(BRIEF)


def cell(number, *records):
    outputs = tuple({"output_type": "display_data", "data": {MIME: record}, "metadata": {}} for record in records)
    return SubmittedCell(number, "code", "", outputs=outputs)


@pytest.mark.parametrize(
    "data",
    [GOOD, json.dumps(GOOD), json.dumps(GOOD).encode(), json.dumps(GOOD, indent=1).splitlines(keepends=True)],
    ids=["object", "text", "bytes", "lines"],
)
def test_a_record_in_any_form_comes_back_whole(data):
    assert validated_record(data).to_json() == GOOD


def test_a_record_of_only_what_is_needed():
    assert validated_record({"run": "sgd", "history": {"loss": [1]}})["loss"] == [1.0]


def test_training_that_diverged_is_a_record():
    data = json.dumps({**GOOD, "history": {"loss": [1.0, math.nan, math.inf, -math.inf]}})
    assert "NaN" in data
    assert math.isnan(validated_record(data)["loss"][1])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"run": 3}, "not a record"),
        ({"run": ""}, "no name"),
        ({"run": "x" * 101}, "101 characters"),
        ({"run": "a\x1b[31m"}, "cannot be printed"),
        ({"history": [1]}, "not a record"),
        ({"history": {"loss": ["0.1"]}}, "not a record"),
        ({"history": {"loss": [True]}}, "not a record"),
        ({"history": {"loss": [10**400]}}, "out of range|not a record"),
        ({"history": {"loss": [0.1] * 1_001}}, "1,001 epochs"),
        ({"history": {str(i): [] for i in range(51)}}, "51 metrics"),
        ({"history": {"lo\nss": []}}, "cannot be printed"),
        ({"steps": [1.0] * 11}, "11 first steps"),
        ({"optimizer": {"learning_rate": math.nan}}, "not finite"),
        ({"optimizer": {"a": {"b": 1}}}, "not a record"),
        ({"images": -1}, "images"),
        ({"epochs": 10**10}, "epochs"),
        ({"seconds": math.nan}, "seconds"),
        ({"seconds": math.inf}, "seconds"),
        ({"seed": 2**70}, "seed|not a record"),
        ({"schema": 4}, "layout 4"),
        ({"schema": 0}, "layout 0"),
        ({"image_losses": "A"}, "cannot be read"),
        ({"image_losses": "é" * 8}, "cannot be read"),
        ({"image_losses": 3}, "not a record"),
        ({"image_losses": "A" * 10**6}, "more than 10,000"),
        ({"image_losses": "fHw="}, "negative or not finite"),
        ({"image_losses": LOSSES, "image_right": ""}, "expected 60 answers"),
        ({"image_losses": packed_losses(np.ones(49)), "image_right": packed_answers(np.ones(49, bool))}, "of 49"),
        ({"image_right": "AAAA"}, "cannot be read"),
        ({"image_right": "A" * 10**6}, "more than 10,000"),
        ({"step_rates": [0.1] * 11}, "11 learning rates"),
        ({"epoch_rates": [0.1] * 1_001}, "1,001 learning rates"),
        ({"epoch_rates": [math.inf]}, "epoch_rates is not finite"),
        ({"fit": {"x" * 101: 1.0}}, "101 characters"),
        ({"fit": {str(i): 1.0 for i in range(51)}}, "fit has 51 entries"),
        ({"class_weight": {"0": math.nan}}, "class_weight is not finite"),
        ({"class_weight": {"0": "many"}}, "not a record"),
        ({"loss_settings": {"a": {}}}, "not a record"),
        ({"unclear": {"network": "x" * 101}}, "101 characters"),
        ({"unclear": {"network": 3.0}}, "not a record"),
        ({"earlier_fits": -1}, "earlier_fits"),
        ({"dtypes": ["x"] * 2_001}, "2,001 names"),
        ({"dtypes": ["\n"]}, "cannot be printed"),
        ({"floatx": "x" * 101}, "101 characters"),
        ({"draws": [{**DRAW, "position": -2}]}, "draw is out of range"),
        ({"draws": [{**DRAW, "position": 10**9}]}, "draw is out of range"),
        ({"student": "\u202e"}, "student"),
        ({"versions": {"keras": 3}}, "not a record"),
        ({"versions": {str(i): "" for i in range(51)}}, "versions has 51 entries"),
        ({"device": "x" * 101}, "device has 101 characters"),
        ({"initial": "sha256:0"}, "initial is no digest"),
        ({"weights": "md5:" + "0" * 64}, "weights is no digest"),
        ({"fingerprints": [[]] * 1_002}, "fingerprints"),
        ({"fingerprints": [[0.0] * 2_001]}, "fingerprints"),
        ({"draws": [DRAW] * 2_001}, "random draws"),
        ({"resumed": [1] * 1_001}, "resumed more often"),
        ({"draws": [{**DRAW, "layer": 2_001}]}, "draw is out of range"),
        ({"draws": [{**DRAW, "layer": -1}]}, "draw is out of range"),
        ({"draws": [{**DRAW, "seed": [1, 2, 3]}]}, "draw is out of range"),
        ({"draws": [{**DRAW, "seed": [-1]}]}, "draw is out of range"),
        ({"draws": [{**DRAW, "kind": "\x1b[31m"}]}, "a draw holds characters"),
        ({"network": {**NETWORK, "parameters": -1}}, "its network cannot be one"),
        ({"epochs": 10**9 + 1}, "epochs is not between 0 and 1,000,000,000"),
        ({"seed": -1}, "seed is out of range"),
    ],
)
def test_a_bad_record_is_refused_with_the_reason(change, why):
    with pytest.raises(BadRecord, match=why):
        validated_record({**GOOD, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"run": "x" * 100, "student": "x" * 100, "device": "x" * 100},
        {"history": {"loss": [0.1] * 1_000}},
        {"history": {str(i): [] for i in range(50)}},
        {"steps": [1.0] * 10},
        {"versions": {str(i): "" for i in range(50)}},
        {"initial": "sha256:" + "0" * 64, "weights": ""},
        {"fingerprints": [[]] * 1_001},
        {"fingerprints": [[0.0] * 2_000]},
        {"draws": [{**DRAW, "layer": 2_000, "seed": [0, 2**64 - 1]}] * 2_000},
        {"resumed": [1] * 1_000},
        {"images": 0, "batch_size": 10**9, "seconds": 0, "seed": 2**64 - 1},
        {"network": NETWORK},
    ],
)
def test_at_its_bounds_a_record_is_taken(change):
    assert validated_record({**GOOD, **change}).run


@pytest.mark.parametrize("data", [None, 3, [], {}, "", "{", b"\xff\xfe\x00", "[" * 100_000, [1, 2], "x" * 3_000_000])
def test_garbage_is_refused_in_words(data):
    with pytest.raises(BadRecord):
        validated_record(data)


def test_the_last_record_of_a_run_counts_and_outputs_come_after_files():
    def run(name, loss):
        return {**GOOD, "run": name, "history": {"loss": [loss]}}

    files = [("records/adam.json", json.dumps(run("adam", 1.0)).encode())]
    cells = [cell(3, run("adam", 2.0), run("sgd", 3.0)), cell(9, run("adam", 4.0))]
    records, notes = collect_records(files, cells)
    assert {name: record["loss"] for name, record in records.items()} == {"sgd": [3.0], "adam": [4.0]}
    assert notes == []


def test_bad_records_are_named_and_the_good_ones_stay():
    records, notes = collect_records([("records/x.json", b"null")], [cell(4, {"run": 3}, GOOD)])
    assert list(records) == ["adam"]
    assert "records/x.json was ignored" in notes[0]
    assert "cell 4 was ignored" in notes[1]


def test_at_most_twenty_runs():
    records, notes = collect_records([], [cell(1, *({**GOOD, "run": f"r{i}"} for i in range(25)))])
    assert len(records) == 20
    assert len(notes) == 5


def test_outputs_keep_the_record_and_nothing_that_a_browser_would_run():
    data = {
        MIME: GOOD,
        "text/plain": ["adam\n", "2 epochs"],
        "text/html": "<script>alert(1)</script>",
        "image/png": 'iVBORw0KGgo=" onload="alert(1)',
        "application/javascript": "alert(1)",
    }
    outputs = [
        {"output_type": "execute_result", "data": data, "execution_count": 3, "metadata": {"a": 1}},
        {"output_type": "stream", "text": "noise"},
        {"output_type": "display_data", "data": {MIME: {"run": 3}}},
    ]
    (kept,) = safe_outputs(outputs)
    assert kept == {"output_type": "display_data", "data": {MIME: GOOD, "text/plain": "adam\n2 epochs"}, "metadata": {}}
    data["image/png"] = "iVBORw0KGgo=\n"
    assert safe_outputs(outputs)[0]["data"]["image/png"] == "iVBORw0KGgo=\n"


@pytest.mark.parametrize(("length", "kept"), [(500_000, True), (500_004, False)])
def test_a_picture_beside_a_record_is_bounded(length, kept):
    (found,) = safe_outputs([{"data": {MIME: GOOD, "image/png": "A" * length}}])
    assert ("image/png" in found["data"]) == kept


def test_outputs_keep_at_most_twenty_records():
    assert len(safe_outputs([{"data": {MIME: GOOD}}] * 21)) == 20


def test_a_diverged_record_is_kept_as_text_since_json_has_no_nan():
    (kept,) = safe_outputs([{"data": {MIME: {**GOOD, "history": {"loss": [math.nan]}}}}])
    text = kept["data"][MIME]
    assert math.isnan(validated_record(text)["loss"][0])

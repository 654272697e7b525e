"""A record as a notebook's output: every reader finds its face, and JSON is JSON."""

import json
import math
from xml.etree import ElementTree

import pytest

from autograder.intake.training_records import validated_record
from cnnkit.recording import display
from cnnkit.recording.display import record_bundle, record_summary, record_views, show_record
from cnnkit.recording.schema import MIME, TrainingRecord

NAN = float("nan")
RECORD = TrainingRecord(
    run="adam",
    history={"loss": [2.0, 1.0], "val_loss": [1.5, 1.25]},
    epochs=2,
    images=12_000,
    seconds=61.5,
    steps=[2.3],
    fingerprints=[[2.3, 0.5], [1.5, 0.25]],
)


def changed(**changes):
    return TrainingRecord(**{**vars(RECORD), **changes})


def test_a_record_is_data():
    found = record_bundle(RECORD)
    assert json.loads(json.dumps(found[MIME], allow_nan=False)) == RECORD.to_json()
    assert validated_record(found[MIME]) == RECORD


@pytest.mark.parametrize("value", [NAN, math.inf, -math.inf])
@pytest.mark.parametrize(
    "change",
    [
        lambda value: {"history": {"loss": [1.0, value]}},
        lambda value: {"steps": [value]},
        lambda value: {"fingerprints": [[1.0, value]]},
    ],
)
def test_where_json_has_no_number_it_is_text(value, change):
    record = changed(**change(value))
    found = record_bundle(record)
    json.dumps(found, allow_nan=False)
    assert isinstance(found[MIME], str)
    assert repr(validated_record(found[MIME])) == repr(record)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "adam: 2 epochs on 12,000 images in 62 s; loss 2.0000 → 1.0000; validation loss 1.5000 → 1.2500"),
        ({"epochs": 10}, "adam: 2 of 10 epochs on 12,000 images in 62 s; loss 2.0000 → 1.0000; validation loss 1.5000"),
        ({"history": {"loss": [2.0]}, "epochs": 1}, "adam: 1 epoch on 12,000 images in 62 s; loss 2.0000 → 2.0000"),
        ({"history": {}, "epochs": 0}, "adam: 0 epochs on 12,000 images in 62 s"),
    ],
)
def test_in_words(change, said):
    assert record_summary(changed(**change)).startswith(said)


def test_as_a_picture_with_a_table():
    page = record_views(RECORD)["text/html"]
    root = ElementTree.fromstring(page)
    assert root.tag == "figure"
    cells = [[cell.text for cell in row] for row in root.iter("tr")]
    assert cells == [["epoch", "loss", "val_loss"], ["1", "2.0000", "1.5000"], ["2", "1.0000", "1.2500"]]


def test_names_are_escaped():
    page = record_views(changed(run="<script>", history={"<b>": [1.0], "loss": [1.0]}))["text/html"]
    assert "<script>" not in page
    assert "<b>" not in page
    ElementTree.fromstring(page)


def test_metrics_of_different_lengths_and_many_epochs():
    long = changed(history={"loss": [1.0] * 500, "val_loss": [2.0], "none": []})
    rows = [list(row) for row in ElementTree.fromstring(record_views(long)["text/html"]).iter("tr")]
    assert len(rows) == 201
    assert {len(row) for row in rows} == {3}
    assert rows[2][2].text in (None, "")


def test_nothing_to_show():
    assert "<table" not in record_views(changed(history={}))["text/html"]


def test_outside_a_notebook_it_is_a_line_of_text(capsys, monkeypatch):
    show_record(RECORD)
    assert capsys.readouterr().out == record_summary(RECORD) + "\n"
    monkeypatch.setitem(display.__dict__, "record_summary", lambda record: "said")
    monkeypatch.setitem(__import__("sys").modules, "IPython", None)
    show_record(RECORD)
    assert capsys.readouterr().out == "said\n"

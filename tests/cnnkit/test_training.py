"""The record as data."""

import json

import msgspec
import pytest

from cnnkit.training import TrainingRecord

RECORD = TrainingRecord(
    run="adam",
    history={"loss": [0.2, 0.1], "val_loss": [0.3, 0.2]},
    optimizer={"name": "adam", "learning_rate": 0.001},
    images=55_000,
    steps=[2.3],
    versions={"keras": "3.15.1"},
)


def test_values_are_read_as_from_a_history():
    assert RECORD["loss"] == RECORD.history["loss"] == [0.2, 0.1]
    with pytest.raises(KeyError):
        RECORD["accuracy"]
    assert "loss" in RECORD
    assert "accuracy" not in RECORD
    assert list(RECORD) == ["loss", "val_loss"]
    assert dict(RECORD) == RECORD.history


def test_json_gives_the_record_back():
    assert msgspec.convert(json.loads(json.dumps(RECORD.to_json())), TrainingRecord, strict=True) == RECORD
    assert msgspec.json.decode(msgspec.json.encode(RECORD), type=TrainingRecord) == RECORD


def test_changing_the_json_does_not_change_the_record():
    RECORD.to_json()["history"]["loss"].clear()
    assert RECORD["loss"] == [0.2, 0.1]

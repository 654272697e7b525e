"""A grader reads all that the recorder may write and `cnnkit.submit` may pack, and refuses one more of anything."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

import cnnkit
from autograder.course.config import load_course
from autograder.intake import read_submission
from autograder.intake.training_records import BadRecord, collect_records, validated_record
from cnnkit import session
from cnnkit.recording import record_bounds, seed_stream
from cnnkit.recording.schema import GeneratorState, TrainingRecord
from cnnkit.recording.validation_losses import packed_answers, packed_losses
from tests.small_notebook import NOTEBOOK

RECORD = TrainingRecord(run="adam", history={"loss": [0.5]}, epochs=1, assignment="mnist_convnet", student="s1")

AT_THE_BOUND = {
    "name": lambda more: {"run": "x" * (record_bounds.LONGEST_NAME + more)},
    "student": lambda more: {"student": "x" * (record_bounds.LONGEST_NAME + more)},
    "name of a metric": lambda more: {"history": {"x" * (record_bounds.LONGEST_NAME + more): [0.5]}},
    "class of an initializer": lambda more: {
        "draws": (GeneratorState(0, "", "X" * (record_bounds.LONGEST_NAME + more)),)
    },
    "first steps": lambda more: {"steps": [0.5] * (record_bounds.FIRST_STEPS + more)},
    "epochs": lambda more: {"history": {"loss": [0.5] * (record_bounds.MOST_EPOCHS + more)}},
    "metrics": lambda more: {"history": {str(k): [0.5] for k in range(record_bounds.MOST_METRICS + more)}},
    "settings": lambda more: {"optimizer": {str(k): 0.5 for k in range(record_bounds.MOST_METRICS + more)}},
    "fingerprints": lambda more: {"fingerprints": [[0.5]] * (record_bounds.MOST_EPOCHS + 1 + more)},
    "numbers": lambda more: {"fingerprints": [[0.5] * (record_bounds.MOST_NUMBERS + more)]},
    "validation images": lambda more: {
        "image_losses": packed_losses(np.ones(record_bounds.MOST_VALIDATED + more)),
        "image_right": packed_answers(np.ones(record_bounds.MOST_VALIDATED + more, bool)),
    },
    "learning rates of steps": lambda more: {"step_rates": [0.5] * (record_bounds.FIRST_STEPS + more)},
    "learning rates": lambda more: {"epoch_rates": [0.5] * (record_bounds.MOST_EPOCHS + more)},
    "settings of fit": lambda more: {"fit": {str(k): 0.5 for k in range(record_bounds.MOST_METRICS + more)}},
    "class weights": lambda more: {"class_weight": {str(k): 0.5 for k in range(record_bounds.MOST_METRICS + more)}},
    "settings of the loss": lambda more: {
        "loss_settings": {str(k): 0.5 for k in range(record_bounds.MOST_METRICS + more)}
    },
    "reason": lambda more: {"unclear": {"network": "x" * (record_bounds.LONGEST_NAME + more)}},
    "dtypes": lambda more: {"dtypes": ("float32",) * (record_bounds.MOST_NUMBERS + more)},
    "position of a draw": lambda more: {"draws": (GeneratorState(0, "", position=seed_stream.LENGTH - 1 + more),)},
    "draws": lambda more: {"draws": (GeneratorState(0, ""),) * (record_bounds.MOST_NUMBERS + more)},
}


@pytest.mark.parametrize("name", AT_THE_BOUND)
def test_the_bound_is_read_and_one_more_is_refused(name):
    last = replace(RECORD, **AT_THE_BOUND[name](0))
    assert validated_record(json.dumps(last.to_json())) == last
    with pytest.raises(BadRecord):
        validated_record(json.dumps(replace(RECORD, **AT_THE_BOUND[name](1)).to_json()))


def test_as_many_runs_and_no_more():
    files = [(f"{k}.json", json.dumps(replace(RECORD, run=str(k)).to_json()).encode()) for k in range(21)]
    assert record_bounds.MOST_RUNS == 20
    assert len(collect_records(files[:-1], [])[0]) == record_bounds.MOST_RUNS
    records, (note,) = collect_records(files, [])
    assert len(records) == record_bounds.MOST_RUNS
    assert "More than 20 training runs" in note


def test_a_record_of_the_largest_size():
    text = json.dumps(RECORD.to_json())
    assert validated_record(text.ljust(record_bounds.LARGEST_RECORD)) == RECORD
    with pytest.raises(BadRecord, match="at most 2 MB is read"):
        validated_record(text.ljust(record_bounds.LARGEST_RECORD + 1))


@pytest.fixture
def handed_in(tmp_path, monkeypatch):
    """Put weights of a size beside a record, pack them, and give what a grader reads of the zip file."""
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 42))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    (tmp_path / "work" / "records").mkdir(parents=True)

    def read(size, pack=True):
        work, weights = tmp_path / "work", bytes(size)
        record = replace(RECORD, weights=f"sha256:{hashlib.sha256(weights).hexdigest()}")
        (work / "records" / "adam.json").write_text(json.dumps(record.to_json()))
        (work / "records" / "adam.npz").write_bytes(weights)
        (work / "mnist_convnet.ipynb").write_text(NOTEBOOK)
        if pack:
            handed = tmp_path / "handed"
            handed.mkdir(exist_ok=True)
            (handed / "a.zip").write_bytes(cnnkit.submit(work).path.read_bytes())
        return read_submission(handed if pack else work, "mnist_convnet", "s1", load_course())

    return read


def test_the_largest_weights_are_packed_and_read(handed_in):
    assert len(handed_in(record_bounds.LARGEST_WEIGHTS).weights["adam"]) == record_bounds.LARGEST_WEIGHTS


@pytest.mark.parametrize("pack", [True, False])
def test_larger_weights_are_neither_packed_nor_read(handed_in, pack):
    found = handed_in(record_bounds.LARGEST_WEIGHTS + 1, pack)
    assert found.weights == {}
    assert list(found.records) == ["adam"]
    assert any("final weights records/adam.npz were ignored" in note for note in found.notes) != pack

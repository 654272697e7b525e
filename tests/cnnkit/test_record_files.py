"""The files beside the notebook: names for any run, half precision, and no harm where nothing can be written."""

import hashlib
import io
import json
import re
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.records import validated
from cnnkit.record_files import file_name, keep, packed
from cnnkit.training import TrainingRecord

RECORD = TrainingRecord(run="adam", history={"loss": [0.5]})
WEIGHTS = [np.ones((2, 3), np.float16), np.zeros(3, np.float16)]


def test_both_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = keep(RECORD, WEIGHTS)
    data = Path("records/adam.npz").read_bytes()
    assert kept.weights == f"sha256:{hashlib.sha256(data).hexdigest()}"
    with np.load(io.BytesIO(data)) as file:
        assert {name: file[name].dtype for name in file.files} == {"w0": np.float16, "w1": np.float16}
    assert validated(json.loads(Path("records/adam.json").read_text())) == kept


def test_a_run_without_weights_leaves_none_of_an_earlier_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep(RECORD, WEIGHTS)
    assert keep(RECORD, []).weights == ""
    assert not Path("records/adam.npz").exists()


def test_a_folder_that_cannot_be_written_to_costs_only_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("records").write_text("a file of this name")
    assert keep(RECORD, WEIGHTS) == RECORD
    assert "the record is in the notebook" in capsys.readouterr().out


@given(st.text(max_size=100), st.text(max_size=100))
def test_a_file_name_for_every_run_and_another_for_another(one, other):
    names = [file_name(run, "npz") for run in (one, other)]
    for name in names:
        assert re.fullmatch(r"[\w-]{0,50}\.npz", name, re.ASCII)
    if one != other:
        assert names[0] != names[1]


def test_packed_is_the_same_for_the_same():
    assert packed(WEIGHTS)[:4] == b"PK\x03\x04"
    assert len(packed([np.zeros((1000, 1000), np.float16)])) < 10_000

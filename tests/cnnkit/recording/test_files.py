"""The files beside the notebook: names that lead nowhere else, the same bytes for the same run, no stale weights."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.training_records import validated_record
from autograder.records.weights_file import read_weights
from cnnkit.recording.files import FOLDER, packed_arrays, record_file_name, write_record
from cnnkit.recording.fingerprint import half_precision
from cnnkit.recording.schema import TrainingRecord

RECORD = TrainingRecord(run="adam", history={"loss": [0.2, float("nan")]}, epochs=2)
WEIGHTS = half_precision(
    [np.arange(12, dtype=np.float32).reshape(3, 4) / 7, np.zeros(4, np.float32), np.float32(2.0).reshape(())]
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@given(run=st.text(max_size=120))
def test_any_name_is_a_file_name(run):
    name = record_file_name(run, "npz")
    assert name.isascii()
    assert name.endswith(".npz")
    assert len(name) <= 54
    assert Path(name).name == name
    assert not name.startswith(".")


@given(runs=st.lists(st.text(max_size=60), max_size=20, unique=True))
def test_other_runs_have_other_files(runs):
    assert len({record_file_name(run, "json") for run in runs}) == len(runs)


def test_a_plain_name_is_itself():
    assert record_file_name("adadelta_that_learns", "json") == "adadelta_that_learns.json"


def test_record_and_weights_are_written():
    found = write_record(RECORD, WEIGHTS)
    data = (Path(FOLDER) / "adam.npz").read_bytes()
    assert found.weights == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert repr(validated_record((Path(FOLDER) / "adam.json").read_bytes())) == repr(found)
    with np.load(io.BytesIO(data)) as archive:
        assert list(archive) == ["w0", "w1", "w2"]
        assert all(np.array_equal(archive[f"w{k}"], array) for k, array in enumerate(WEIGHTS))
    read = read_weights(data, [array.shape for array in WEIGHTS])
    assert all(np.array_equal(a, b) for a, b in zip(read, WEIGHTS, strict=True))


def test_the_same_weights_are_the_same_bytes():
    assert packed_arrays(WEIGHTS) == packed_arrays([array.copy() for array in WEIGHTS])
    assert packed_arrays(WEIGHTS) != packed_arrays(WEIGHTS[::-1])


def test_without_weights_the_earlier_run_s_are_removed():
    write_record(RECORD, WEIGHTS)
    found = write_record(RECORD, [])
    assert found.weights == ""
    assert [path.name for path in Path(FOLDER).iterdir()] == ["adam.json"]


def test_where_nothing_can_be_written_the_record_stays(here, capsys):
    (here / FOLDER).write_text("a file of this name")
    assert repr(write_record(RECORD, WEIGHTS)) == repr(RECORD)
    said = capsys.readouterr().out
    assert said.startswith("adam: the files in records/ could not be written (")
    assert "the record is in the notebook" in said


def test_where_the_disk_is_full_no_weights_are_said_to_be_there(monkeypatch):
    monkeypatch.setattr(Path, "write_text", lambda *args, **kwargs: (_ for _ in ()).throw(OSError("full")))
    assert write_record(RECORD, WEIGHTS).weights == ""


def test_what_is_written_is_ascii_and_one_line():
    write_record(TrainingRecord(run="é\ud800", history={}, student="ü"), [])
    (path,) = Path(FOLDER).glob("*.json")
    text = path.read_text(encoding="ascii")
    assert "\n" not in text
    assert json.loads(text)["student"] == "ü"


def test_a_network_of_the_course_takes_about_two_megabytes():
    dice = np.random.default_rng(0)
    shapes = [(3, 3, 1, 64), (64,), (2, 2, 64, 32), (32,), (4608, 256), (256,), (256, 10), (10,)]
    weights = half_precision([dice.uniform(-0.1, 0.1, shape).astype(np.float32) for shape in shapes])
    assert 1_500_000 < len(packed_arrays(weights)) < 2_400_000

"""The files beside the notebook: names that lead nowhere else, the same bytes for the same run, no stale weights."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from autograder.course.config import load_course
from autograder.intake import read_submission
from autograder.intake.training_records import validated_record
from autograder.records.weights_file import read_weights
from cnnkit import session
from cnnkit.atomic_write import write_atomically
from cnnkit.recording import record_files
from cnnkit.recording.fingerprint import half_precision
from cnnkit.recording.record_files import FOLDER, packed_arrays, record_file_name, write_record
from cnnkit.recording.schema import TrainingRecord
from tests.small_notebook import NOTEBOOK

ROOT = Path(__file__).parents[3]
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


class Fails:
    """`write_atomically` that raises instead of writing a file of this kind."""

    def __init__(self, error, suffix):
        self.error, self.suffix = error, suffix

    def __call__(self, path, data):
        if path.suffix == self.suffix:
            raise self.error
        write_atomically(path, data)


def on_disk():
    folder = Path(FOLDER)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@pytest.fixture
def submitted(here, monkeypatch):
    """Pack what lies in the folder; what `cnnkit.submit` says and what a grader then reads."""
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 42))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)

    def submit():
        (here / "mnist_convnet.ipynb").write_text(NOTEBOOK)
        packed = cnnkit.submit(here)
        handed = here / "handed"
        handed.mkdir()
        (handed / packed.path.name).write_bytes(packed.path.read_bytes())
        return packed, read_submission(handed, "mnist_convnet", "s1", load_course(ROOT))

    return submit


EARLIER = replace(RECORD, assignment="mnist_convnet", student="s1", history={"loss": [0.4, 0.3]})
LATER = replace(EARLIER, history={"loss": [0.2, 0.1]})


def test_killed_before_the_weights_are_written_the_earlier_run_is_whole(monkeypatch):
    earlier = write_record(EARLIER, WEIGHTS)
    before = on_disk()
    monkeypatch.setattr(record_files, "write_atomically", Fails(KeyboardInterrupt(), ".npz"))
    with pytest.raises(KeyboardInterrupt):
        write_record(LATER, WEIGHTS[::-1])
    assert on_disk() == before
    assert validated_record(before["adam.json"]) == earlier


def test_killed_between_the_two_the_weights_are_seen_not_to_be_the_records(monkeypatch, submitted):
    earlier = write_record(EARLIER, WEIGHTS)
    monkeypatch.setattr(record_files, "write_atomically", Fails(KeyboardInterrupt(), ".json"))
    with pytest.raises(KeyboardInterrupt):
        write_record(LATER, WEIGHTS[::-1])
    assert validated_record(on_disk()["adam.json"]) == earlier
    assert hashlib.sha256(on_disk()["adam.npz"]).hexdigest() not in earlier.weights
    packed, read = submitted()
    assert packed.packed == ("mnist_convnet.ipynb", "records/adam.json")
    assert any("adam: its final weights are not in records/" in warning for warning in packed.warnings)
    assert read.records["adam"] == earlier
    assert read.weights == {}


def test_the_folder_handed_in_as_it_is_says_so_too(monkeypatch, here):
    """Weights of a different run would contradict the record, and cost its points."""
    earlier = write_record(EARLIER, WEIGHTS)
    monkeypatch.setattr(record_files, "write_atomically", Fails(KeyboardInterrupt(), ".json"))
    with pytest.raises(KeyboardInterrupt):
        write_record(LATER, WEIGHTS[::-1])
    (here / "mnist_convnet.ipynb").write_text(NOTEBOOK)
    read = read_submission(here, "mnist_convnet", "s1", load_course(ROOT))
    assert read.records["adam"] == earlier
    assert read.weights == {}
    assert "The final weights records/adam.npz were ignored: they are those of another run." in read.notes


def test_killed_while_weights_are_removed_the_record_does_not_claim_others(monkeypatch, submitted):
    write_record(EARLIER, WEIGHTS)
    monkeypatch.setattr(record_files, "write_atomically", Fails(KeyboardInterrupt(), ".json"))
    with pytest.raises(KeyboardInterrupt):
        write_record(LATER, [])
    packed, read = submitted()
    assert packed.packed == ("mnist_convnet.ipynb", "records/adam.json")
    assert (read.records["adam"].history, read.weights) == (EARLIER.history, {})


def test_a_file_that_is_written_whole_leaves_no_other_behind():
    write_record(RECORD, WEIGHTS)
    assert sorted(on_disk()) == ["adam.json", "adam.npz"]


def test_where_the_disk_is_full_no_weights_are_said_to_be_there(monkeypatch):
    monkeypatch.setattr(record_files, "write_atomically", Fails(OSError("full"), ".json"))
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

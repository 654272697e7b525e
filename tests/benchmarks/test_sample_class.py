"""A class for the benchmarks: everybody has handed in, and nobody's records are alike."""

import dataclasses
import hashlib
import itertools
import json

import msgspec
import pytest

from autograder.audit.library import read_library
from autograder.course.config import load_course
from autograder.intake import read_submission
from autograder.records.similarity import similar_groups


@pytest.fixture(scope="module")
def sample_class(load_script):
    return load_script("benchmarks/sample_class.py")


@pytest.fixture(scope="module")
def course(root):
    return load_course(root)


@pytest.fixture
def trained(course, tmp_path):
    """A folder with the record of one run."""
    folder = tmp_path / "trained"
    (folder / "records").mkdir(parents=True)
    record = read_library(course, "mnist_convnet").records["adam"]
    digest = f"sha256:{hashlib.sha256(b'weights').hexdigest()}"
    data = msgspec.json.encode(dataclasses.replace(record, student="bench", weights=digest))
    (folder / "records" / "adam.json").write_bytes(data)
    (folder / "records" / "adam.npz").write_bytes(b"weights")
    return folder


def test_everybody_has_records_that_resemble_nobodys(sample_class, course, trained, tmp_path):
    sample_class.make_class(course, tmp_path / "submitted", 4, trained)
    students = sorted(path.name for path in (tmp_path / "submitted").iterdir())
    assert students == ["b0000", "b0001", "b0002", "b0003"]
    found = {
        student: read_submission(
            tmp_path / "submitted" / student / sample_class.NAME, sample_class.NAME, student, course
        )
        for student in students
    }
    assert all(list(one.records) == ["adam"] and one.weights == {"adam": b"weights"} for one in found.values())
    assert similar_groups({student: one.records for student, one in found.items()}) == []


def test_nothing_but_the_training_losses_differs(sample_class, course, trained, tmp_path):
    """Recomputed values must equal those of the honest training, or the record is examined differently."""
    sample_class.make_class(course, tmp_path / "submitted", 1, trained, weights=False)
    folder = tmp_path / "submitted" / "b0000" / sample_class.NAME
    assert not (folder / "records").exists()
    (found,) = read_submission(folder, sample_class.NAME, "b0000", course).records.values()
    honest = msgspec.json.decode((trained / "records" / "adam.json").read_bytes(), type=type(found))
    assert found.history["loss"] != honest.history["loss"]
    assert found.history | {"loss": []} == honest.history | {"loss": []}
    assert dataclasses.replace(found, history={}) == dataclasses.replace(honest, history={})


def test_the_same_answers_come_again(sample_class, course, tmp_path):
    sample_class.make_class(course, tmp_path / "submitted", 5, period=2)
    sources = []
    for folder in sorted((tmp_path / "submitted").iterdir()):
        cells = json.loads((folder / sample_class.NAME / f"{sample_class.NAME}.ipynb").read_bytes())["cells"]
        given = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
        sources.append(["".join(cell["source"]) for cell in given])
    assert sources[0] == sources[2] == sources[4]
    assert sources[1] == sources[3] != sources[0]


def test_the_class_begins_with_different_answers(sample_class, course):
    first = [json.dumps(cells, sort_keys=True) for cells in itertools.islice(sample_class.answers(course), 20)]
    assert len(set(first)) == 20

"""One file to hand in: what is in it, and what a student is told that may be missing."""

import json
import os
import sys
import types
import zipfile

import pytest

import cnnkit
from autograder.intake import read_submission
from cnnkit import session

RECORD = {"run": "adam", "assignment": "mnist_convnet", "student": "s1", "history": {"loss": [0.1]}, "epochs": 1}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 42))
    (tmp_path / "mnist_convnet.ipynb").write_text('{"cells": []}')
    (tmp_path / "records").mkdir()
    put(tmp_path, RECORD)
    return tmp_path


def put(folder, record, weights=b"weights"):
    (folder / "records" / f"{record['run']}.json").write_text(json.dumps(record))
    if weights:
        (folder / "records" / f"{record['run']}.npz").write_bytes(weights)


def test_notebook_records_and_weights_are_in_it(folder):
    found = cnnkit.submit(folder)
    with zipfile.ZipFile(folder / "mnist_convnet-s1.zip") as archive:
        assert archive.namelist() == ["mnist_convnet.ipynb", "records/adam.json", "records/adam.npz"]
        assert archive.read("records/adam.npz") == b"weights"
    assert found.warnings == ()
    assert repr(found).splitlines() == [
        "✓ mnist_convnet-s1.zip (0.0 MB) is ready: hand this file in.",
        "  In it: the notebook; records of adam; the final weights of 1 of them.",
    ]
    assert "✓ mnist_convnet-s1.zip" in found._repr_html_()


def test_the_same_twice(folder):
    first = cnnkit.submit(folder).path.read_bytes()
    assert cnnkit.submit(folder).path.read_bytes() == first


def test_the_grader_reads_it(folder, tmp_path_factory):
    from autograder.course import load

    (folder / "mnist_convnet.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    handed = tmp_path_factory.mktemp("handed")
    (handed / "mnist_convnet-s1.zip").write_bytes(cnnkit.submit(folder).path.read_bytes())
    submission = read_submission(handed, "mnist_convnet", "s1", load())
    assert list(submission.records) == ["adam"]
    assert submission.weights == {"adam": b"weights"}


def test_another_assignments_records_stay_out(folder):
    put(folder, {**RECORD, "run": "max", "assignment": "lenet"})
    (folder / "records" / "odd.json").write_text("[")
    assert cnnkit.submit(folder).packed == ("mnist_convnet.ipynb", "records/adam.json", "records/adam.npz")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 10}, "adam: 1 of 10 epochs"),
        ({"student": "s2"}, "under the student id 's2'"),
    ],
)
def test_what_a_record_lacks_is_said(folder, change, words):
    put(folder, RECORD | change)
    (warning,) = cnnkit.submit(folder).warnings
    assert words in warning


def test_weights_that_are_missing_are_said(folder):
    (folder / "records" / "adam.npz").unlink()
    assert "cannot be fully checked" in cnnkit.submit(folder).warnings[0]


def test_no_records_at_all(folder):
    for file in (folder / "records").iterdir():
        file.unlink()
    assert "has the cell with cnnkit.record been run" in cnnkit.submit(folder).warnings[0]


def test_a_notebook_saved_before_the_training_ended(folder):
    os.utime(folder / "mnist_convnet.ipynb", (1_000_000_000, 1_000_000_000))
    assert "Save the notebook first" in cnnkit.submit(folder).warnings[0]


def test_no_student_id(folder, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "", 42))
    put(folder, RECORD | {"student": ""})
    found = cnnkit.submit(folder)
    assert found.path.name == "mnist_convnet.zip"
    assert found.warnings == ('No student id: write it at the top, student="...", and run the cell.',)


def test_a_student_id_of_any_kind_makes_a_file_name(folder, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "../é s1", 42))
    assert cnnkit.submit(folder).path.parent == folder


@pytest.mark.parametrize(("others", "hint"), [(["my homework.ipynb"], "rename yours"), ([], "is this its folder")])
def test_a_notebook_of_another_name(folder, others, hint):
    (folder / "mnist_convnet.ipynb").unlink()
    for name in others:
        (folder / name).write_text("{}")
    with pytest.raises(FileNotFoundError, match=hint):
        cnnkit.submit(folder)


def test_before_start(folder, monkeypatch):
    monkeypatch.setattr(session, "_current", None)
    with pytest.raises(RuntimeError, match=r"cnnkit\.start"):
        cnnkit.submit(folder)


def test_on_colab_the_notebook_is_asked_for_and_the_file_offered(folder, monkeypatch):
    """A stand-in for Colab's package, which exists nowhere else."""
    (folder / "mnist_convnet.ipynb").unlink()
    offered = []
    message = types.SimpleNamespace(blocking_request=lambda name, timeout_sec: {"ipynb": {"asked": name}})
    colab = types.SimpleNamespace(_message=message, files=types.SimpleNamespace(download=offered.append))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    found = cnnkit.submit(folder)
    with zipfile.ZipFile(found.path) as archive:
        assert json.loads(archive.read("mnist_convnet.ipynb")) == {"asked": "get_ipynb"}
    assert offered == [str(found.path)]

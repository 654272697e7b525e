"""One file to hand in: what is in it, and what a student is told that may be missing."""

import hashlib
import json
import sys
import types
import zipfile

import pytest

import cnnkit
from autograder.course.config import load_course
from autograder.intake import read_submission
from cnnkit import notebook_imports, session, submission_file
from cnnkit.recording.schema import MIME, TrainingRecord
from tests.small_notebook import EXERCISE

WEIGHTS = b"weights"
RECORD = TrainingRecord(
    run="adam",
    history={"loss": [0.5, 0.25]},
    assignment="mnist_convnet",
    student="s1",
    epochs=2,
    images=12_000,
    seconds=3.0,
    initial="sha256:" + "0" * 64,
    weights=f"sha256:{hashlib.sha256(WEIGHTS).hexdigest()}",
).to_json()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 42))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    (tmp_path / "records").mkdir()
    put(tmp_path, RECORD)
    save(tmp_path, RECORD)
    return tmp_path


def put(folder, record, weights=WEIGHTS):
    (folder / "records" / f"{record['run']}.json").write_text(json.dumps(record))
    if weights:
        (folder / "records" / f"{record['run']}.npz").write_bytes(weights)


def save(folder, *records):
    """Save a notebook that shows these records."""
    (folder / "mnist_convnet.ipynb").write_text(json.dumps(notebook(*records)))


def notebook(*records):
    outputs = [{"output_type": "display_data", "data": {MIME: record}, "metadata": {}} for record in records]
    outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": "adam: ..."})
    cell = {"cell_type": "code", "metadata": {}, "source": "", "execution_count": 1, "outputs": outputs}
    text = {"cell_type": "markdown", "metadata": {}, "source": "x"}
    work = {"cell_type": "code", "metadata": {}, "source": EXERCISE, "execution_count": None, "outputs": []}
    return {"cells": [text, work, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def test_notebook_records_and_weights_are_in_it(folder):
    found = cnnkit.submit(folder)
    assert found.path == folder / "mnist_convnet-s1.zip"
    with zipfile.ZipFile(found.path) as archive:
        assert archive.namelist() == ["mnist_convnet.ipynb", "records/adam.json", "records/adam.npz"]
        assert archive.read("mnist_convnet.ipynb") == (folder / "mnist_convnet.ipynb").read_bytes()
        assert archive.read("records/adam.npz") == WEIGHTS
    assert repr(found).splitlines() == [
        "✓ mnist_convnet-s1.zip (0.0 MB) is ready: hand this file in.",
        "✓ the notebook mnist_convnet.ipynb",
        "✓ adam: 2 of 2 epochs on 12,000 images, with its final weights",
    ]
    assert "✓ mnist_convnet-s1.zip" in found._repr_html_()


def test_the_same_twice(folder):
    first = cnnkit.submit(folder).path.read_bytes()
    assert cnnkit.submit(folder).path.read_bytes() == first


def test_the_grader_reads_it(folder, tmp_path_factory):
    handed = tmp_path_factory.mktemp("handed")
    (handed / "mnist_convnet-s1.zip").write_bytes(cnnkit.submit(folder).path.read_bytes())
    submission = read_submission(handed, "mnist_convnet", "s1", load_course())
    assert {run: record.to_json() for run, record in submission.records.items()} == {"adam": RECORD}
    assert submission.weights == {"adam": WEIGHTS}


def importing(folder, source):
    """Save a notebook one of whose cells has this source."""
    content = notebook(RECORD)
    content["cells"].append({"cell_type": "code", "metadata": {}, "source": source, "outputs": []})
    (folder / "mnist_convnet.ipynb").write_text(json.dumps(content))


def test_modules_beside_the_notebook_are_packed(folder):
    importing(folder, ["%matplotlib inline\n", "from helper import build\n", "import os, numpy as np"])
    (folder / "helper.py").write_text("import inner, helper\nbuild = 3\n")
    (folder / "inner.py").write_text("import json\n")
    (folder / "other.py").write_text("import cv2\n")
    made = cnnkit.submit(folder)
    assert [name for name in made.packed if name.endswith(".py")] == ["helper.py", "inner.py"]
    assert "✓ helper.py, inner.py, which the notebook imports" in repr(made)
    assert made.warnings == ()
    assert zipfile.ZipFile(made.path).read("inner.py") == b"import json\n"


def test_the_grader_has_the_modules(folder, tmp_path_factory):
    importing(folder, "import helper")
    (folder / "helper.py").write_text("build = 3\n")
    handed_in = tmp_path_factory.mktemp("submitted")
    (handed_in / "mnist_convnet.zip").write_bytes(cnnkit.submit(folder).path.read_bytes())
    submission = read_submission(handed_in, "mnist_convnet", "s1", load_course())
    assert submission.files == {"helper.py": b"build = 3\n"}


@pytest.mark.parametrize("large", [False, True])
def test_packages_that_no_grader_has_are_named(folder, monkeypatch, large):
    importing(folder, "import cv2.data\ndef show():\n    from plotly import express")
    if large:
        monkeypatch.setattr(notebook_imports, "_LARGEST_MODULE", 3)
        (folder / "cv2.py").write_text("import json\n")
    made = cnnkit.submit(folder)
    (warning,) = made.warnings
    said = "cv2, plotly: not among the packages that are installed where work is graded (tensorflow, keras, numpy,"
    assert warning.startswith(said)


def test_another_assignments_records_stay_out(folder):
    put(folder, RECORD | {"run": "max", "assignment": "lenet"})
    (folder / "records" / "odd.json").write_text("[")
    (folder / "records" / "list.json").write_text("[1]")
    save(folder, RECORD, RECORD | {"run": "max", "assignment": "lenet"})
    found = cnnkit.submit(folder)
    assert found.packed == ("mnist_convnet.ipynb", "records/adam.json", "records/adam.npz")
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 10}, "adam: 2 of 10 epochs. Run its cell again; it goes on from there if it can."),
        ({"student": "s2"}, "adam: recorded under the student id 's2', not 's1'. Run its cell again."),
        ({"weights": ""}, "adam: its final weights are not in records/, so the record is checked in part only."),
        ({"weights": "sha256:" + "1" * 64}, "adam: its final weights are not in records/"),
    ],
)
def test_what_a_record_lacks_is_said(folder, change, words):
    put(folder, RECORD | change)
    save(folder, RECORD | change)
    (warning,) = cnnkit.submit(folder).warnings
    assert warning.startswith(words)


def test_weights_that_are_not_there_or_another_run_s_are_not_packed(folder):
    for weights in (None, b"other"):
        (folder / "records" / "adam.npz").unlink()
        put(folder, RECORD, weights)
        found = cnnkit.submit(folder)
        assert found.packed == ("mnist_convnet.ipynb", "records/adam.json")
        assert found.runs == ("adam: 2 of 2 epochs on 12,000 images",)
        assert "its final weights are not in records/" in found.warnings[0]
        (folder / "records" / "adam.npz").touch()


def test_weights_that_no_grader_reads_are_left_out(folder, monkeypatch):
    monkeypatch.setattr("cnnkit.recording.record_bounds.LARGEST_WEIGHTS", 3)
    found = cnnkit.submit(folder)
    assert found.packed == ("mnist_convnet.ipynb", "records/adam.json")
    assert "too large to hand in" in found.warnings[0]


def test_more_weights_in_all_than_a_grader_reads_are_left_out(folder, monkeypatch):
    put(
        folder, RECORD | {"run": "other weights", "weights": "sha256:" + "1" * 64}
    )  # never packed, so they take no room
    put(folder, RECORD | {"run": "sgd"})
    save(folder, RECORD, RECORD | {"run": "other weights", "weights": "sha256:" + "1" * 64}, RECORD | {"run": "sgd"})
    monkeypatch.setattr("cnnkit.recording.record_bounds.LARGEST_WEIGHTS_IN_ALL", 2 * len(WEIGHTS))
    assert {"records/adam.npz", "records/sgd.npz"} <= set(cnnkit.submit(folder).packed)
    monkeypatch.setattr("cnnkit.recording.record_bounds.LARGEST_WEIGHTS_IN_ALL", 2 * len(WEIGHTS) - 1)
    found = cnnkit.submit(folder)
    assert "records/adam.npz" in found.packed
    assert {"records/sgd.json"} == {name for name in found.packed if "sgd" in name}
    assert "sgd: its final weights (0 MB) are too large to hand in; the record is checked in part." in found.warnings


def test_no_records_at_all(folder):
    for file in (folder / "records").iterdir():
        file.unlink()
    save(folder)
    assert cnnkit.submit(folder).warnings == ("There is no training record: has the cell with cnnkit.record been run?",)


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [RECORD | {"weights": "sha256:" + "2" * 64}],
        [RECORD | {"history": {"loss": [0.5]}}],
        [RECORD | {"seconds": 5.0}],
        [RECORD, RECORD | {"seconds": 5.0}],
    ],
)
def test_a_notebook_saved_before_the_training_ended(folder, shown):
    save(folder, *shown)
    assert cnnkit.submit(folder).warnings == (
        "The notebook was saved before the training of adam ended. Save it (Ctrl+S), then run this cell again.",
    )


@pytest.mark.parametrize("form", [json.dumps, lambda record: json.dumps(record, indent=1).splitlines(keepends=True)])
def test_a_record_that_is_text(folder, form):
    """A training that diverged is, since JSON has no NaN."""
    diverged = RECORD | {"history": {"loss": [1.0, float("nan")]}}
    put(folder, diverged)
    save(folder, form(diverged))
    assert cnnkit.submit(folder).warnings == ()


def test_javascript_writes_whole_numbers_without_a_point(folder):
    save(folder, RECORD | {"seconds": 3})
    assert cnnkit.submit(folder).warnings == ()


def test_a_record_in_the_notebook_only(folder):
    save(folder, RECORD, RECORD | {"run": "sgd"})
    (warning,) = cnnkit.submit(folder).warnings
    assert warning.startswith("sgd: there is a record in the notebook, but none in records/")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{"outputs": [3]}]}']
)
def test_a_notebook_that_cannot_be_read_is_packed_all_the_same(folder, text):
    (folder / "mnist_convnet.ipynb").write_text(text)
    found = cnnkit.submit(folder)
    assert "mnist_convnet.ipynb" in found.packed
    assert found.warnings[0].startswith("The notebook cannot be read as one.")


@pytest.mark.parametrize(
    "odd", [{"history": 3}, {"history": {"loss": 3}}, {"epochs": "x"}, {"images": None}, {"run": 3}]
)
def test_records_that_are_none_do_not_stop_it(folder, odd):
    put(folder, RECORD | odd | {"run": odd.get("run", "adam")})
    assert cnnkit.submit(folder).path.is_file()


def test_no_student_id(folder, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "", 42))
    put(folder, RECORD | {"student": ""})
    save(folder, RECORD | {"student": ""})
    found = cnnkit.submit(folder)
    assert found.path.name == "mnist_convnet.zip"
    (warning,) = found.warnings
    assert warning.startswith('No student id: write it at the top, student="..."')


def test_quick_mode(folder, monkeypatch):
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 42, quick=True))
    (warning,) = cnnkit.submit(folder).warnings
    assert "set QUICK = False" in warning


def test_much_to_upload(folder, monkeypatch):
    monkeypatch.setattr(submission_file, "_LIKELY_LARGEST", 100)
    assert "hand in the notebook alone" in cnnkit.submit(folder).warnings[-1]


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


@pytest.mark.parametrize("who", ["validate", "autograde"])
def test_while_somebody_else_runs_the_notebook_nothing_is_packed(folder, monkeypatch, who):
    """In the sandbox there is no notebook; a cell that fails there would stand in the feedback."""
    monkeypatch.setenv("NBGRADER_EXECUTION", who)
    (folder / "mnist_convnet.ipynb").unlink()
    found = cnnkit.submit(folder)
    assert repr(found) == "○ Nothing is packed while nbgrader runs the notebook."
    assert not found.path.exists()


def colab(monkeypatch, answer, download):
    """A stand-in for Colab's package, which exists nowhere else."""
    message = types.SimpleNamespace(blocking_request=answer)
    module = types.SimpleNamespace(_message=message, files=types.SimpleNamespace(download=download))
    monkeypatch.setitem(sys.modules, "google.colab", module)


def test_on_colab_the_notebook_is_asked_for_and_the_file_offered(folder, monkeypatch):
    (folder / "mnist_convnet.ipynb").unlink()
    offered, asked = [], []

    def answer(name, timeout_sec):
        asked.append((name, timeout_sec > 5))
        return {"ipynb": notebook(RECORD)}

    colab(monkeypatch, answer, offered.append)
    found = cnnkit.submit(folder)
    assert found.warnings == ()
    assert asked == [("get_ipynb", True)]
    assert offered == [str(found.path)]
    with zipfile.ZipFile(found.path) as archive:
        assert json.loads(archive.read("mnist_convnet.ipynb")) == notebook(RECORD)


@pytest.mark.parametrize("answer", [None, {}, RuntimeError("no answer")])
def test_where_colab_does_not_answer(folder, monkeypatch, answer):
    def asked(name, timeout_sec):
        if isinstance(answer, Exception):
            raise answer
        return answer

    (folder / "mnist_convnet.ipynb").unlink()
    colab(monkeypatch, asked, None)
    with pytest.raises(FileNotFoundError, match="found no notebook"):
        cnnkit.submit(folder)


def test_where_the_browser_does_not_take_the_file(folder, monkeypatch):
    def fails(path):
        raise OSError("no")

    colab(monkeypatch, None, fails)
    assert cnnkit.submit(folder).path.is_file()

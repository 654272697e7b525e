import json

import nbformat
import pytest
from nbgrader import utils
from nbgrader.nbgraderformat import reads

from cnnkit.recording.schema import MIME


def repaired(submission):
    return json.loads(submission.notebook)["cells"]


def damaged(toy, kind):
    cells = toy.answered()
    if kind == "stripped":
        for cell in cells:
            cell["metadata"] = {}
    elif kind == "copied":
        cells = [copy for cell in cells for copy in (cell, cell)]
    elif kind == "deleted":
        cells = cells[::3]
    elif kind == "reversed":
        cells.reverse()
    elif kind == "edited":
        for cell in cells:
            cell["source"] += "\nimport string"
    elif kind == "beginning":
        cells = cells[:1]
    return cells


KINDS = ["whole", "stripped", "copied", "deleted", "reversed", "edited", "beginning"]


@pytest.mark.parametrize("kind", KINDS)
def test_nbgrader_takes_the_repaired_notebook(toy, kind):
    submission = toy.read(damaged(toy, kind))
    notebook = reads(submission.notebook.decode(), as_version=4)  # nbgrader's own validation of its metadata
    nbformat.validate(notebook)
    ids = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
    expected = [c["metadata"]["nbgrader"]["grade_id"] for c in toy.release_cells() if "nbgrader" in c["metadata"]]
    assert sorted(ids) == sorted(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_locked_cells_say_what_the_release_says(toy, kind):
    released = {
        c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in toy.release_cells() if c["metadata"].get("nbgrader")
    }
    for cell in nbformat.reads(toy.read(damaged(toy, kind)).notebook.decode(), as_version=4).cells:
        if utils.is_locked(cell):
            assert cell.source == released[cell.metadata.nbgrader["grade_id"]]


def test_a_whole_notebook_comes_back_cell_by_cell(toy):
    cells = toy.answered()
    found = repaired(toy.read(cells))
    assert ["".join(cell["source"]) for cell in found] == [cell["source"] for cell in cells]
    assert [cell["id"] for cell in found] == [cell["id"] for cell in cells]


def test_text_that_is_not_locked_keeps_what_the_student_wrote(toy):
    cells = toy.answered()
    cells[3]["source"] = "| layer | my prediction |\n|---|---|\n| Conv2D | 640 |"
    assert b"| Conv2D | 640 |" in toy.read(cells).notebook


def test_added_cells_lose_nbgrader_metadata_and_get_ids(toy):
    cells = toy.answered()
    cells.insert(5, toy.cell("code", "x = 1", "not_in_the_release", grade=True, points=100))
    (added,) = [cell for cell in repaired(toy.read(cells)) if cell["source"] == ["x = 1"]]
    assert added["metadata"] == {}
    assert added["id"] == "submitted-6"


def test_a_release_without_cell_ids_gives_none(toy):
    path = toy.root / "assignments/toy/toy.ipynb"
    release = json.loads(path.read_text()) | {"nbformat_minor": 4}
    for cell in release["cells"]:
        del cell["id"]
    path.write_text(json.dumps(release))
    submission = toy.read([*toy.answered(), toy.cell("code", "x = 1")])
    assert not any("id" in cell for cell in repaired(submission))
    nbformat.validate(nbformat.reads(submission.notebook.decode(), as_version=4))


def test_outputs_go_except_training_records(toy):
    record = {"run": "adam", "history": {"loss": [0.2]}}
    cells = toy.answered()
    forged = {"output_type": "execute_result", "data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1}
    cells[6]["outputs"] = [forged, toy.record_output(record)]
    cells[9]["outputs"] = [toy.record_output(record), {"output_type": "stream", "name": "stderr", "text": "warning"}]
    submission = toy.read(cells)
    found = repaired(submission)
    assert found[6]["outputs"] == []
    (output,) = found[9]["outputs"]
    assert output["data"][MIME]["run"] == "adam"
    assert list(submission.records) == ["adam"]


def test_the_same_submission_gives_the_same_bytes(toy):
    assert toy.read(toy.answered()).notebook == toy.read().notebook

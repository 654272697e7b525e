"""Files beside a notebook that its cells may use: bounded, regular, and shown to whoever reads the work."""

import io
import json
import os
import zipfile

import pytest

from autograder.intake import side_files


def with_cell(toy, source):
    return [*toy.answered(), toy.cell("code", source)]


def test_modules_and_data_come_along(toy):
    for name, text in (("mynet.py", b"A = 1"), ("data.csv", b"1,2"), ("pack/one.py", b""), ("notes.txt", b"")):
        toy.put(text, name)
    submission = toy.read(with_cell(toy, "import mynet"))
    assert submission.files == {"mynet.py": b"A = 1", "pack/one.py": b"", "data.csv": b"1,2", "notes.txt": b""}
    assert submission.notes == (
        "The file mynet.py was handed in beside the notebook, which uses it. It is part of the work.",
    )


@pytest.mark.parametrize(
    "name", ["records/adam.json", "other.ipynb", "toy.zip.gz", "model.keras", ".hidden.py", "__pycache__/x.pyc"]
)
def test_what_no_cell_uses_stays_out(toy, name):
    toy.put(b"{}", name)
    assert toy.read(toy.answered()).files == {}


def test_a_notebook_that_a_cell_runs_comes_along(toy):
    toy.put(b"{}", "other.ipynb")
    assert set(toy.read(with_cell(toy, "%run other.ipynb")).files) == {"other.ipynb"}


def test_members_of_the_archive_come_along(toy):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("toy.ipynb", json.dumps(toy.notebook(with_cell(toy, "from mynet import f"))))
        archive.writestr("mynet.py", "f = 1")
    toy.put(packed.getvalue(), "toy.zip")
    submission = toy.read()
    assert submission.files == {"mynet.py": b"f = 1"}


def test_links_are_not_followed(toy, tmp_path):
    toy.put(toy.answered())
    (tmp_path / "secret.py").write_text("SECRET = 1")
    os.symlink(tmp_path / "secret.py", toy.folder / "mynet.py")
    submission = toy.read(with_cell(toy, "import mynet"))
    assert submission.files == {}


def test_bounds(toy, monkeypatch):
    monkeypatch.setattr(side_files, "LARGEST_FILE", 10)
    monkeypatch.setattr(side_files, "LARGEST_IN_ALL", 15)
    monkeypatch.setattr(side_files, "MOST_FILES", 3)
    toy.put(b"#" * 11, "mynet.py")
    for name in "abcdef":
        toy.put(b"#" * 6, f"{name}.txt")
    submission = toy.read(with_cell(toy, "import mynet"))
    assert set(submission.files) == {"a.txt", "b.txt"}
    assert any("mynet.py, which a cell names, cannot be used: it is" in note for note in submission.notes)


def test_a_module_is_shown_before_the_students_first_cell_and_only_if_it_is_used(toy):
    toy.put(b"import deeper\nA = 1", "mynet.py")
    toy.put(b"B = 2", "deeper.py")
    toy.put(b"C = 3", "unused.py")
    cells = json.loads(toy.read(with_cell(toy, "import mynet")).notebook)["cells"]
    shown = ["".join(cell["source"]) for cell in cells if cell["id"].startswith("module-")]
    assert shown == ["%%writefile mynet.py\nimport deeper\nA = 1", "%%writefile deeper.py\nB = 2"]
    assert [cell["id"] for cell in cells].index("module-2") + 1 == [
        cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells
    ].index("data_solution")


def test_a_long_module_is_cut_for_the_reader(toy):
    toy.put(b"#" * (side_files.LONGEST_SHOWN + 5), "mynet.py")
    notebook = toy.read(with_cell(toy, "import mynet")).notebook.decode()
    assert "# 5 more characters are in the file that was handed in" in notebook

"""Expected outputs come from the solution's own cells."""

import importlib.util
import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("make_expected", ROOT / "scripts" / "make_expected.py")
make_expected = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_expected)

CELLS = """
# %% [markdown]
# {{expected:count.txt}} {{figure:draw.png|a line|A line.}} {{expected:runs.txt}}

# %%
QUICK = True
import cnnkit.recording.recorded_run

# %% nbgrader={"grade": false, "grade_id": "count"}
print("quick:", QUICK, "  ")
print("π")

# %% nbgrader={"grade": true, "grade_id": "count_check"}
raise RuntimeError("checks are not run")

# %% nbgrader={"grade": false, "grade_id": "draw"}
from matplotlib.figure import Figure
figure = Figure()
figure.subplots().plot([1, 2])
figure

# %% nbgrader={"grade": false, "grade_id": "runs"}
print(cnnkit.recording.recorded_run.record(None, "adam", None, None).history)
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "tiny.py"
    path.write_text(CELLS, encoding="utf-8")
    return path


def records(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "adam.json").write_text(json.dumps({"run": "adam", "history": {"loss": [0.5]}}), encoding="utf-8")
    return make_expected.load_records(folder)


def test_files_are_what_cells_print_and_draw(source, tmp_path):
    written = make_expected.make(source, tmp_path / "out", records(tmp_path), [])
    assert [path.name for path in written] == ["count.txt", "draw.png", "runs.txt"]
    assert written[0].read_text(encoding="utf-8") == "quick: False\nπ\n"
    assert written[2].read_text(encoding="utf-8") == "{'loss': [0.5]}\n"
    assert Image.open(written[1]).format == "PNG"


def test_only_some_files(source, tmp_path):
    written = make_expected.make(source, tmp_path / "out", {}, ["count.txt"])
    assert [path.name for path in written] == ["count.txt"]
    with pytest.raises(SystemExit, match="no placeholder for other"):
        make_expected.make(source, tmp_path / "out", {}, ["other.txt"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expected:count.txt", "expected:absent.txt", "no code cell has the grade_id absent"),
        ("expected:count.txt", "figure:count.png", "count.png: expected a Figure .* found NoneType"),
        ("expected:count.txt", "expected:draw.txt", "draw.txt: expected printed text"),
    ],
)
def test_a_placeholder_that_cannot_be_served_is_named(source, tmp_path, old, new, message):
    source.write_text(CELLS.replace(old, new), encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        make_expected.make(source, tmp_path / "out", records(tmp_path), [])


def test_a_picture_has_the_same_bytes_twice_and_is_small():
    def picture():
        figure = Figure(figsize=(7, 4))
        axes = figure.subplots()
        for height in range(3):
            axes.plot([0, 1, 2], [height, 2 * height, 0])
        return make_expected.png(figure)

    assert picture() == picture()
    assert len(picture()) < 20_000


def test_no_records_is_said(tmp_path):
    with pytest.raises(SystemExit, match="found none"):
        make_expected.load_records(tmp_path)

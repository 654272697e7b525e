"""The source of transfer_learning: its numbers are right, its traps are taught, and it runs from the top."""

import re
from pathlib import Path

import jupytext
import pytest

from autograder.rubrics.transfer_learning.reference import EPOCHS, IMAGES, head, maps_of
from cnnkit.assignments.transfer_learning.brief import MEANS
from cnnkit.networks.backbones import BACKBONES, backbone

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "solutions" / "transfer_learning"
NOTEBOOK = jupytext.read(FOLDER / "transfer_learning.py")
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
TEXT = re.sub(r"\s+", " ", "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown"))


def grade(cell):
    return cell.metadata.get("nbgrader", {})


def expected(file):
    return (FOLDER / "expected" / file).read_text(encoding="utf-8")


def test_numbers_in_the_text_are_right():
    for name in BACKBONES:
        channels = maps_of(name)[-1]
        assert f"| {name} | {backbone(name).parameters:,} | {channels:,} |" in TEXT
    assert f"the answer is {head('VGG16', (None, 7, 7, 512)).parameters:,}" in TEXT
    for mean in MEANS:
        assert f"**{mean}**" in TEXT
    source = next(cell.source for cell in CODE if "EPOCHS = " in cell.source)
    assert f"EPOCHS = 5 if QUICK else {EPOCHS}" in source
    assert any(f"TRAINING = 128 if QUICK else {IMAGES}" in cell.source for cell in CODE)


def test_the_table_of_the_expected_output_is_right():
    for name, line in zip(BACKBONES, expected("model_try.txt").strip().split("\n")[1:], strict=True):
        own = head(name, maps_of(name)).parameters
        assert line.split() == [name, f"{backbone(name).parameters + own:,}", f"{own:,}", f"{own:,}"]


def test_traps_are_taught():
    for words in [
        "they **write into it**",
        "`Rescaling(1 / 255)`, which you put before networks of your own, is right for *none* of them",
        "`trainable=False` is a property of a layer. `training=False` is an argument of a call",
        "No error, no warning",
        "Keep every BatchNormalization frozen",
        "split by *photograph*",
        "no `from_logits=True`",
    ]:
        assert words in TEXT


def test_the_trap_snaps():
    first, second = re.findall(r"moved by ([\d.]+)", expected("trap.txt"))
    assert float(first) == 0 < float(second)
    assert "moved: conv_dw_13/kernel, conv_pw_13/kernel\n" in expected("tune.txt")


def test_expected_results_are_those_of_a_full_run():
    header, *rows = expected("results.txt").strip().split("\n")
    assert [row.split()[0] for row in rows] == list(BACKBONES)
    for row in rows:
        values = dict(zip(header.split(), map(float, row.split()[1:]), strict=True))
        assert 0 < values["loss"] < 0.75
    assert re.fullmatch(r"\w+, \d+ epochs: \d+ of 96 test pictures right, 0\.\d\d\n", expected("test.txt"))


@pytest.mark.tensorflow
def test_the_notebook_runs_from_the_top(monkeypatch, capsys):
    """Every cell, with MobileNet alone, few pictures and one epoch; all checks green."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import make_expected

    from cnnkit import data, weights

    whole = data.load

    def few(name):
        (x_train, y_train), (x_test, y_test) = whole(name)
        return (x_train, y_train), (x_test[:16], y_test[:16])

    monkeypatch.setattr(data, "load", few)
    monkeypatch.setattr(weights, "locate", lambda name: None)
    names = {}
    for cell in CODE:
        source = cell.source.replace("EPOCHS = 5 if", "EPOCHS = 1 if").replace("epochs=10", "epochs=1")
        source = source.replace('BACKBONES = ("InceptionV3", "MobileNet") if', 'BACKBONES = ("MobileNet",) if')
        make_expected.run_cell(source, names, grade(cell).get("grade_id", "cell"))
    assert list(names["records"]) == ["MobileNet"]
    assert names["train"][0][0].shape == (32, 3, 3, 1024)
    assert names["train"][0][1].shape == (32, 1)
    assert all(path.startswith(("conv_dw_13", "conv_pw_13")) for path in names["moved"])
    assert "not yet" not in capsys.readouterr().out

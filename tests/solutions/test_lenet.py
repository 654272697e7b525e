"""LeNet's source: its numbers are right, its traps are taught, and it runs from the top."""

import math
import re
from pathlib import Path

import jupytext
import pytest

from autograder.rubrics.lenet import reference
from autograder.rubrics.lenet.reference import LINES_TO_MEND
from cnnkit.assignments.lenet.brief import BRIEF, LISTING_LINES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "solutions" / "lenet"
NOTEBOOK = jupytext.read(FOLDER / "lenet.py")
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
TEXT = re.sub(r"\s+", " ", "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown"))


def grade(cell):
    return cell.metadata.get("nbgrader", {})


def expected(file):
    return (FOLDER / "expected" / file).read_text(encoding="utf-8")


def test_numbers_in_the_text_are_right():
    counts = [layer.parameters for layer in BRIEF.layers]
    for words in [
        f"Dense 120 has {counts[5]:,} of the {sum(counts):,} parameters, {100 * counts[5] / sum(counts):.0f} percent",
        f"the two convolutions together have {counts[0] + counts[2]:,}",
        f"{5 * 5 * 16 * 120 + 120:,} parameters either way",
        f"the plain version with **{BRIEF.parameters:,}**",
    ]:
        assert words in TEXT
    paper = 156 + 12 + 1_516 + 32 + 48_120 + 10_164  # C1, S2, C3, S4, C5 and F6 as the paper counts them
    assert f"The paper's own LeNet-5 has {paper:,}" in TEXT


def test_the_listing_is_that_of_the_exercise():
    (cell,) = [cell for cell in NOTEBOOK.cells if grade(cell).get("grade_id") == "mend_exercise"]
    lines = dict(re.findall(r"^ ?(\d+)  (.+)$", cell.source, re.MULTILINE))
    assert list(map(int, lines)) == list(range(1, LISTING_LINES + 1))
    assert {
        int(number) for number, line in lines.items() if "input_dim" in line or line == "model.flatten"
    } == LINES_TO_MEND


def test_traps_are_taught():
    for words in [
        "`loss_weights`",
        "`from_logits=True`",
        "The test images stay away until the end",
        "the product of all strides before this layer",
        "Don't count positions",
    ]:
        assert words in TEXT


def test_expected_results_are_those_of_a_full_run():
    header, *rows = expected("results.txt").strip().split("\n")
    average, most = (dict(zip(header.split(), map(float, row.split()[1:]), strict=True)) for row in rows)
    assert [row.split()[0] for row in rows] == ["average", "max"]
    assert most["val_loss"] < average["val_loss"] < 0.06
    assert average["val_accuracy"] > 0.98
    assert re.fullmatch(
        r"max pooling, \d+ epochs: \d+ of 10,000 test images wrong, 0\.98\d\d right\n", expected("test.txt")
    )
    fields = re.findall(
        r"layer \d: the formula says (\d+), the network (\d+) × (\d+) pixels", expected("field_try.txt")
    )
    assert fields == [(str(n),) * 3 for n in (5, 6, 14, 16)]
    assert "accuracy 1.000" in expected("ready.txt")
    assert abs(float(re.search(r"network: ([\d.]+)", expected("ready.txt"))[1]) - math.log(10)) < 0.15


def test_reference_answers_without_keras():
    import numpy as np

    names = {"np": np}
    for cell in CODE:
        if grade(cell).get("grade_id") in ("data_solution", "table_solution", "pooling_solution", "field_solution"):
            exec(compile(cell.source, "solution", "exec"), names)
    assert names["lenet_table"]() == [(layer.output_shape[1:], layer.parameters) for layer in BRIEF.layers]
    x = np.random.default_rng(0).random((7, 9, 2))
    for size, stride in ((1, 1), (2, 2), (3, 2), (2, 3), (7, 1)):
        np.testing.assert_allclose(names["average_pool"](x, size, stride), reference.average_pool(x, size, stride))
    for layers in ([], [(5, 1)], [(3, 2)] * 4, [(7, 2), (3, 2), (1, 1), (3, 3), (5, 1)]):
        assert names["receptive_field"](layers) == reference.receptive_field(layers)


@pytest.mark.tensorflow
def test_the_notebook_runs_from_the_top(monkeypatch, capsys):
    """Every cell, with the training shortened to one epoch of 512 images; all checks green."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import make_expected

    from cnnkit import data

    whole = data.batches

    def few(*arguments, **options):
        train, val = whole(*arguments, **options)
        return train.first(512), val.first(256)

    monkeypatch.setattr(data, "batches", few)
    names = {}
    for cell in CODE:
        source = cell.source.replace("EPOCHS = 3 if", "EPOCHS = 1 if").replace("epochs=60", "epochs=1")
        make_expected.run_cell(source, names, grade(cell).get("grade_id", "cell"))
    assert names["build_lenet"]().count_params() == 61_706
    assert set(names["records"]) == {"average", "max"}
    assert all(len(record.history["val_loss"]) == 1 for record in names["records"].values())
    assert names["train"][0][0].shape == (128, 32, 32, 1)
    assert "not yet" not in capsys.readouterr().out

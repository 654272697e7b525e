"""The main assignment's own text and answers; what holds for every assignment is tested beside this file."""

import math
import re
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "solutions" / "mnist_convnet"
NOTEBOOK = jupytext.read(FOLDER / "mnist_convnet.py")


def grade(cell):
    return cell.metadata.get("nbgrader", {})


def skipped(cell):
    return "skip-in-grading" in cell.metadata.get("tags", [])


CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
SOLUTIONS = {grade(cell)["grade_id"]: cell for cell in CODE if grade(cell).get("solution")}
TEXT = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")


def test_only_three_cells_are_the_students_own_to_edit_besides_the_solutions():
    free = [cell for cell in NOTEBOOK.cells if not grade(cell)]
    assert [cell.source.split("\n")[0] for cell in free] == [
        "QUICK = True",
        "prediction = [",
        "# Save the notebook first.",
    ]
    assert not any(skipped(cell) for cell in [*free[:2], *SOLUTIONS.values()])


def test_expected_results_are_those_of_a_full_run():
    rows = (FOLDER / "expected" / "results.txt").read_text(encoding="utf-8").split("\n")
    assert [row.split()[0] for row in rows[1:4]] == ["adam", "adadelta", "sgd"]
    adam, adadelta, sgd = (dict(zip(rows[0].split(), map(float, row.split()[1:]), strict=True)) for row in rows[1:4])
    assert adam["val_accuracy"] > 0.985
    assert adam["loss"] < sgd["loss"] < adadelta["loss"]
    test = (FOLDER / "expected" / "test.txt").read_text(encoding="utf-8")
    assert re.fullmatch(r"adam, \d+ epochs: \d+ of 10,000 test images wrong, 0\.9[89]\d\d right\n", test)
    for picture in ("curves_show.png", "test.png"):
        assert (FOLDER / "expected" / picture).stat().st_size > 5_000


def test_numbers_in_the_text_are_right():
    assert 3 * 3 * 1 * 64 + 64 == 640
    assert 2 * 2 * 64 * 32 + 32 == 8_224
    assert 12 * 12 * 32 == 4_608
    dense = 4_608 * 256 + 256
    total = 640 + 8_224 + dense + 256 * 10 + 10
    shared = f"784 · {13 * 13 * 64:,} + {13 * 13 * 64:,} = {784 * 13 * 13 * 64 + 13 * 13 * 64:,}"
    sure = -math.log(math.e / (math.e + 9))
    for words in [
        shared,
        f"{dense:,} of the {total:,} parameters, {100 * dense / total:.0f} percent",
        f"have {640 + 8_224:,} together",
        f"log(e + 9) − 1 = {sure:.3f}",
        f"(28 − 3) / 2 + 1 = {(28 - 3) / 2 + 1}",
    ]:
        assert words in re.sub(r"\s+", " ", TEXT)


def test_traps_are_taught():
    text = re.sub(r"\s+", " ", TEXT)
    for words in [
        "`loss_weights`",
        "default stride of `MaxPooling2D` is its pool size",
        "cross-correlation",
        "test images",
    ]:
        assert words in text


# --- the reference answers --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers():
    """The reference functions that need no Keras."""
    from matplotlib import pyplot as plt

    names = {"np": np, "math": math, "plt": plt}
    for exercise in ("data", "arithmetic", "curves"):
        source = SOLUTIONS[f"{exercise}_solution"].source
        exec(compile(source, exercise, "exec"), names)
    return names


def test_reference_data(answers):
    raw = np.arange(2 * 28 * 28).reshape(2, 28, 28).astype("uint8")
    kept = raw.copy()
    images = answers["prepare_images"](raw)
    assert (images.shape, images.dtype) == ((2, 28, 28, 1), np.float32)
    assert np.array_equal(raw, kept)
    np.testing.assert_allclose(images[..., 0] * 255, raw, atol=1e-4)
    rows = answers["one_hot"](np.array([2, 0]), classes=3)
    assert rows.dtype == np.float32
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", ["valid", "same", 0, 1, 2])
def test_reference_output_size_counts_windows(answers, stride, padding):
    for size in range(5, 33):
        for kernel in range(1, 6):
            if padding == "same":
                places = len(range(0, size, stride))
            else:
                room = size + 2 * (0 if padding == "valid" else padding)
                places = len(range(0, room - kernel + 1, stride))
            assert answers["conv_output_size"](size, kernel, stride=stride, padding=padding) == places


def test_reference_parameters(answers):
    count = answers["conv_parameters"]
    assert [count(3, 1, 64), count((2, 2), 64, 32), count((3, 5), 2, 4, bias=False)] == [640, 8_224, 120]


def test_reference_curves(answers):
    import matplotlib.pyplot as plt

    class Run:
        history = {"loss": [2.0, 1.0, 0.1], "val_loss": [2.0, 1.0, 0.5]}

    figure = answers["plot_loss_curves"]({"a": Run(), "b": Run(), "c": Run(), "d": Run(), "e": Run()})
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == list("abcde")
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert all((axes.get_xlabel(), axes.get_ylabel(), axes.get_legend()))
    plt.close(figure)


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
        source = re.sub(r"epochs=\d+\b(?!,? ?callbacks)", "epochs=1", cell.source) if skipped(cell) else cell.source
        make_expected.run_cell(
            source.replace("EPOCHS = 3 if", "EPOCHS = 1 if"), names, grade(cell).get("grade_id", "cell")
        )
    network = names["build_convnet"]()
    assert [layer.count_params() for layer in network.layers] == [640, 8_224, 0, 0, 0, 1_179_904, 0, 2_570]
    assert names["train"].images == 512
    assert set(names["records"]) == {"adam", "adadelta", "sgd"}
    assert all(len(record.history["val_loss"]) == 1 for record in names["records"].values())
    assert "not yet" not in capsys.readouterr().out
    assert "tensorflow" in sys.modules


def test_a_fresh_network_is_undecided():
    text = (FOLDER / "expected" / "initial_loss.txt").read_text(encoding="utf-8")
    loss = float(re.search(r"network: ([\d.]+)", text).group(1))
    assert abs(loss - math.log(10)) < 0.15

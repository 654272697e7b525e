"""Pictures: they say the right numbers, refuse what cannot be drawn, and leave the notebook's own settings alone."""

import json
import math
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from cnnkit import plots
from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.plots import network_drawing
from cnnkit.recording.schema import TrainingRecord

ROOT = Path(__file__).parents[2]


def layer(kind, shape, parameters=0, trainable=None, **config):
    return LayerSpec(kind, config, (None, *shape), parameters, parameters if trainable is None else trainable)


BRIEF = ModelSpec(
    (None, 28, 28, 1),
    (
        layer(
            "Conv2D",
            (13, 13, 64),
            640,
            filters=64,
            kernel_size=(3, 3),
            strides=(2, 2),
            padding="valid",
            activation="relu",
        ),
        layer(
            "Conv2D",
            (13, 13, 32),
            8224,
            filters=32,
            kernel_size=(2, 2),
            strides=(1, 1),
            padding="same",
            activation="relu",
        ),
        layer("MaxPooling2D", (12, 12, 32), pool_size=(2, 2), strides=(1, 1), padding="valid"),
        layer("Dropout", (12, 12, 32), rate=0.35),
        layer("Flatten", (4608,)),
        layer("Dense", (256,), 1179904, units=256, activation="tanh"),
        layer("Dropout", (256,), rate=0.5),
        layer("Dense", (10,), 2570, units=10, activation="softmax"),
    ),
    (7,),
    1191338,
    1191338,
)

HISTORIES = {
    "adam": {"loss": [0.19, 0.07, 0.05], "val_loss": [0.051, 0.042, 0.04]},
    "sgd": {"loss": [0.9, 0.45, 0.36], "val_loss": [0.4, 0.3, 0.28]},
    "adadelta": {"loss": [2.3, 2.29, 2.28]},
}


def words(figure):
    """Every text in the figure's axes."""
    return [text.get_text() for ax in figure.axes for text in [*ax.texts, ax.title, ax._left_title] if text.get_text()]


def png_size(figure, tmp_path):
    figure.savefig(tmp_path / "picture.png", dpi=100)
    return (tmp_path / "picture.png").stat().st_size


# --- what all have in common ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.architecture(BRIEF),
        lambda: plots.digits(np.zeros((3, 28, 28), "uint8"), [1, 2, 3]),
        lambda: plots.windows(7, 3),
        lambda: plots.loss_curves(HISTORIES),
    ],
    ids=["architecture", "digits", "windows", "loss_curves"],
)
def test_a_figure_is_returned_and_nothing_else_changes(draw, tmp_path):
    import matplotlib.pyplot as plt

    with plt.style.context("dark_background"):
        before = dict(mpl.rcParams)
        figure = draw()
        assert dict(mpl.rcParams) == before
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert mpl.colors.same_color(figure.get_facecolor(), "white")
    assert 1_000 < png_size(figure, tmp_path) < 60_000
    assert figure._repr_png_().startswith(b"\x89PNG")  # a notebook shows it, pyplot or not
    for ax in figure.axes:  # dark ink on the white card although the notebook's style writes in white
        for text in [*ax.texts, ax.xaxis.label, ax.title]:
            assert sum(mpl.colors.to_rgb(text.get_color())) < 1.6


def test_importing_the_plots_imports_neither_keras_nor_pyplot():
    code = "import sys, json, cnnkit.plots; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"keras", "tensorflow", "matplotlib.pyplot"} & set(json.loads(done.stdout))


# --- architecture -----------------------------------------------------------------------------------------------------


def test_architecture_tells_settings_shapes_parameters_and_shares():
    said = words(plots.architecture(BRIEF))
    for text in [
        "64 filters 3×3, stride 2, valid, relu",
        "pool 2×2, stride 1, valid",
        "rate 0.35",
        "10 units, softmax",
        "28×28×1",
        "13×13×64",
        "4,608",
        "1,179,904",
        "99.0 %",
        "0.7 %",
        "1,191,338",
    ]:
        assert text in said
    assert said.count("13×13×32") == 1
    assert said.count("12×12×32") == 2


def test_bars_are_as_long_as_the_shares():
    figure = plots.architecture(BRIEF)
    bars = sorted(
        patch.get_width() for patch in figure.axes[0].patches if getattr(patch, "get_height", float)() == 0.32
    )
    assert len(bars) == 4
    assert bars[-1] > 50 * bars[-2]


def test_frozen_parameters_are_mentioned():
    frozen = ModelSpec((None, 4), (layer("Dense", (2,), 10, 0, units=2),), (0,), 10, 0)
    assert "0 of them trained" in words(plots.architecture(frozen))


def test_a_very_long_network_is_cut_and_says_so(tmp_path):
    long = ModelSpec((None, 4), tuple(layer("Flatten", (4,)) for _ in range(500)), (499,), 0, 0)
    figure = plots.architecture(long)
    assert f"… and {500 - network_drawing.MOST_LAYERS} more layers" in words(figure)
    assert figure.get_size_inches()[1] < 40


@pytest.mark.parametrize("shape", [(), (None,), (None, None, 3), (2, 3, 4, 5), (10**12,), (1, 1, 1)])
def test_any_output_shape_can_be_drawn(shape, tmp_path):
    spec = ModelSpec((None, *shape), (layer("Lambda", shape),), (0,), 0, 0)
    assert png_size(plots.architecture(spec), tmp_path) > 1_000


def test_architecture_draws_into_given_axes():
    figure = Figure()
    ax = figure.subplots()
    assert plots.architecture(BRIEF, ax=ax) is figure
    assert "1,191,338" in words(figure)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"kernel_size": (3, 5), "strides": (2, 1)}, "kernel 3×5, stride 2×1"),
        ({"units": 3, "activation": "linear"}, "3 units"),
        ({"padding": (1, 1, 1, 1)}, ""),
        ({}, ""),
    ],
)
def test_settings_in_words(config, text):
    assert network_drawing.short_settings(layer("Any", (1,), **config)) == text


# --- digits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 28, 28, 1), (5, 3, 4)])
def test_digits_in_a_grid(shape):
    figure = plots.digits(np.random.default_rng(0).random(shape), labels=list("abcde"), columns=3)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c", "d", "e", ""]
    assert [len(ax.images) for ax in figure.axes] == [1, 1, 1, 1, 1, 0]


def test_digits_without_labels_and_fewer_than_columns():
    assert len(plots.digits(np.zeros((2, 28, 28)), columns=8).axes) == 2


@pytest.mark.parametrize(
    ("images", "labels", "columns", "message"),
    [
        (np.zeros((28, 28)), None, 8, r"found \(28, 28\).*x\[np.newaxis\]"),
        (np.zeros((2, 28, 28, 3)), None, 8, r"found \(2, 28, 28, 3\)"),
        (np.zeros((0, 28, 28)), None, 8, r"found \(0, 28, 28\)"),
        (np.zeros((201, 2, 2)), None, 8, r"at most 200, found 201.*images\[:16\]"),
        (np.zeros((3, 28, 28)), [1, 2], 8, "each of the 3 images, found 2"),
        (np.zeros((3, 28, 28)), None, 0, "columns: expected at least 1, found 0"),
    ],
)
def test_digits_says_what_it_cannot_draw(images, labels, columns, message):
    with pytest.raises(ValueError, match=message):
        plots.digits(images, labels, columns)


# --- windows ----------------------------------------------------------------------------------------------------------


def test_windows_shows_the_floor():
    assert words(plots.windows(28, 3, stride=2)) == ["kernel 3, stride 2: 13 places, 1 pixel never read"]
    assert words(plots.windows(7, 3, stride=3, padding=1))[-1] == "kernel 3, stride 3: 3 places"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 24), st.integers(1, 6), st.integers(1, 5), st.sampled_from(["valid", "same", 0, 1, 2]))
def test_windows_counts_places_as_keras_does(size, kernel, stride, padding):
    if padding == "same":
        places = math.ceil(size / stride)
    else:
        room = size + 2 * (0 if padding == "valid" else padding) - kernel
        if room < 0:
            with pytest.raises(ValueError, match="Choose a smaller kernel"):
                plots.windows(size, kernel, stride, padding)
            return
        places = room // stride + 1
    figure = plots.windows(size, kernel, stride, padding)
    assert len(figure.axes[0].lines) == places
    assert f": {places} place" in words(figure)[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3), "size: expected at least 1, found 0"),
        ((7, 0), "kernel: expected at least 1"),
        ((7, 3, 0), "stride: expected at least 1"),
        ((7, 3, 1, "full"), "padding: expected .* found 'full'"),
        ((7, 3, 1, -1), "padding: expected .* found -1"),
        ((10**9, 3), "at most 64 pixels"),
        ((3, 1, 1, 10**9), "at most 64 pixels"),
    ],
)
def test_windows_says_what_it_cannot_draw(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.windows(*arguments)


# --- loss curves ------------------------------------------------------------------------------------------------------


def test_loss_curves_names_every_line_at_its_end():
    figure = plots.loss_curves(HISTORIES)
    ax = figure.axes[0]
    assert [line.get_label() for line in ax.lines] == [
        "adam",
        "adam (validation)",
        "sgd",
        "sgd (validation)",
        "adadelta",
    ]
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert ax.lines[0].get_ydata().tolist() == [0.19, 0.07, 0.05]
    assert sorted(words(figure)) == ["adadelta", "adam", "sgd"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "log")
    assert len({(line.get_marker(), line.get_linestyle()) for line in ax.lines}) == 5  # told apart without colour


def test_loss_curves_of_one_size_stay_linear_and_without_validation_has_no_legend():
    ax = plots.loss_curves({"a": {"loss": [2.3, 2.2]}}).axes[0]
    assert (ax.get_yscale(), ax.get_legend()) == ("linear", None)
    assert plots.loss_curves(HISTORIES, validation=False).axes[0].get_legend() is None


def test_loss_curves_takes_records_histories_and_other_metrics():
    record = TrainingRecord("adam", {"accuracy": [0.9, 0.99], "val_accuracy": [0.95, 0.98]})
    ax = plots.loss_curves({"adam": record}, metric="accuracy").axes[0]
    assert ax.get_ylabel() == "accuracy"
    assert len(ax.lines) == 2


def test_names_at_the_ends_keep_their_distance():
    figure = plots.loss_curves({name: {"loss": [1.0, 0.5 + 0.0001 * i]} for i, name in enumerate("abcd")})
    heights = sorted(text.xy[1] for text in figure.axes[0].texts)
    assert min(np.diff(heights)) >= 0.06


@pytest.mark.parametrize(
    "values", [[math.nan, 1.0], [math.inf, 1.0], [math.nan], [], [0.0, 1.0], [-1.0, 5.0], [1e-300, 1e300]]
)
def test_training_that_went_wrong_can_be_drawn(values, tmp_path):
    assert png_size(plots.loss_curves({"sgd": {"loss": values}}), tmp_path) > 1_000
    ElementTree.fromstring(plots.curve_svg({"loss": values}))


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ({}, "at least one run, found none"),
        ({"adam": {"accuracy": [1]}}, r"histories\['adam'\]: expected a history with 'loss', found accuracy"),
        ({"adam": {}}, "found an empty one"),
        ({"adam": [0.1, 0.2]}, "found list"),
    ],
)
def test_loss_curves_says_what_is_missing(histories, message):
    with pytest.raises(ValueError, match=message):
        plots.loss_curves(histories)


def test_loss_curves_draws_into_given_axes():
    figure = Figure()
    ax = figure.subplots()
    assert plots.loss_curves(HISTORIES, ax=ax) is figure
    assert len(ax.lines) == 5


# --- the small SVG ----------------------------------------------------------------------------------------------------


def test_the_small_svg_says_in_words_what_it_shows():
    svg = plots.curve_svg(TrainingRecord("adam", HISTORIES["adam"]))
    root = ElementTree.fromstring(svg)
    namespace = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{namespace}title").text == "adam: loss by epoch"
    assert root.find(f"{namespace}desc").text == (
        "training loss from 0.19 to 0.05 in 3 epochs; validation loss from 0.051 to 0.04 in 3 epochs"
    )
    assert len(root.findall(f"{namespace}polyline")) == 2
    assert svg == plots.curve_svg(TrainingRecord("adam", HISTORIES["adam"]))
    assert len(svg) < 4_000


def test_the_small_svg_escapes_and_refers_to_nothing_outside():
    svg = plots.curve_svg(TrainingRecord("<script>&", {"loss": [1.0, 0.5]}))
    assert "<script>" not in svg
    assert "href" not in svg
    assert ElementTree.fromstring(svg) is not None


def test_the_small_svg_stays_small():
    assert len(plots.curve_svg({"loss": [1.0] * 100_000})) < 40_000


def test_the_small_svg_leaves_gaps_and_stays_inside():
    root = ElementTree.fromstring(plots.curve_svg({"loss": [2.0, math.nan, 1.0, 0.5], "val_loss": [math.inf]}))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
    for line in lines:
        for point in line.get("points").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 420
            assert 0 <= y <= 200


def test_the_small_svg_without_losses_says_so():
    assert "no finite loss to draw" in plots.curve_svg({})

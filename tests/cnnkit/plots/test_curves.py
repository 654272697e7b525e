"""Loss curves as a Matplotlib figure: every run named, told apart without colour, whatever the values."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from cnnkit import plots
from cnnkit.plots.loss_axes import log_ticks
from cnnkit.recording.schema import TrainingRecord


def test_loss_curves_names_every_line_at_its_end(words, histories):
    figure = plots.loss_curves(histories)
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


def test_loss_curves_of_one_size_stay_linear_and_without_validation_has_no_legend(histories):
    ax = plots.loss_curves({"a": {"loss": [2.3, 2.2]}}).axes[0]
    assert (ax.get_yscale(), ax.get_legend()) == ("linear", None)
    assert plots.loss_curves(histories, validation=False).axes[0].get_legend() is None


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
def test_training_that_went_wrong_can_be_drawn(values, png_size):
    assert png_size(plots.loss_curves({"sgd": {"loss": values}})) > 1_000


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


def test_loss_curves_draws_into_given_axes(histories):
    figure = Figure()
    ax = figure.subplots()
    assert plots.loss_curves(histories, ax=ax) is figure
    assert len(ax.lines) == 5


def test_ticks_are_those_of_the_other_drawings():
    ax = plots.loss_curves({"adam": {"loss": [0.9, 0.05]}}).axes[0]
    low, high = ax.get_ylim()
    assert list(ax.get_yticks()) == log_ticks(math.log10(low), math.log10(high))
    assert list(ax.get_yticks(minor=True)) == []
    assert [ax.yaxis.get_major_formatter()(tick) for tick in ax.get_yticks()][:2] == ["0.05", "0.1"]


def test_the_names_of_many_runs_stay_beside_the_axes():
    figure = plots.loss_curves({str(number): {"loss": [1.0, 0.5]} for number in range(40)})
    heights = [text.xy[1] for text in figure.axes[0].texts]
    assert 0 <= min(heights) < max(heights) <= 1

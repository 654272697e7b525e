"""A network's drawing says settings, shapes, parameters and shares, for any network."""

import pytest
from matplotlib.figure import Figure

from cnnkit import plots
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.plots import network_drawing


def test_architecture_tells_settings_shapes_parameters_and_shares(words, network):
    said = words(plots.architecture(network))
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


def test_bars_are_as_long_as_the_shares(network):
    figure = plots.architecture(network)
    bars = sorted(
        patch.get_width() for patch in figure.axes[0].patches if getattr(patch, "get_height", float)() == 0.32
    )
    assert len(bars) == 4
    assert bars[-1] > 50 * bars[-2]


def test_frozen_parameters_are_mentioned(words, layer):
    frozen = ModelSpec((None, 4), (layer("Dense", (2,), 10, 0, units=2),), (0,), 10, 0)
    assert "0 of them trained" in words(plots.architecture(frozen))


def test_a_very_long_network_is_cut_and_says_so(words, layer):
    long = ModelSpec((None, 4), tuple(layer("Flatten", (4,)) for _ in range(500)), (499,), 0, 0)
    figure = plots.architecture(long)
    assert f"… and {500 - network_drawing.MOST_LAYERS} more layers" in words(figure)
    assert figure.get_size_inches()[1] < 40


@pytest.mark.parametrize("shape", [(), (None,), (None, None, 3), (2, 3, 4, 5), (10**12,), (1, 1, 1)])
def test_any_output_shape_can_be_drawn(shape, png_size, layer):
    spec = ModelSpec((None, *shape), (layer("Lambda", shape),), (0,), 0, 0)
    assert png_size(plots.architecture(spec)) > 1_000


def test_architecture_draws_into_given_axes(words, network):
    figure = Figure()
    ax = figure.subplots()
    assert plots.architecture(network, ax=ax) is figure
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
def test_settings_in_words(config, text, layer):
    assert network_drawing.short_settings(layer("Any", (1,), **config)) == text

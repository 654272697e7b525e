"""Properties of all pictures: a figure, dark ink on white, and no side effects."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from cnnkit import plots
from cnnkit.plots.palette import PAPER, SERIES


@pytest.mark.parametrize(
    "draw",
    [
        lambda network, _: plots.architecture(network),
        lambda *_: plots.digits(np.zeros((3, 28, 28), "uint8"), [1, 2, 3]),
        lambda *_: plots.windows(7, 3),
        lambda _, histories: plots.loss_curves(histories),
    ],
    ids=["architecture", "digits", "windows", "loss_curves"],
)
def test_a_figure_is_returned_and_nothing_else_changes(draw, network, histories, png_size):
    import matplotlib.pyplot as plt

    with plt.style.context("dark_background"):
        before = dict(mpl.rcParams)
        figure = draw(network, histories)
        assert dict(mpl.rcParams) == before
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert mpl.colors.same_color(figure.get_facecolor(), "white")
    assert 1_000 < png_size(figure) < 60_000
    assert figure._repr_png_().startswith(b"\x89PNG")  # a notebook shows it, pyplot or not
    for ax in figure.axes:  # dark ink on the white card although the notebook's style writes in white
        for text in [*ax.texts, ax.xaxis.label, ax.title]:
            assert sum(mpl.colors.to_rgb(text.get_color())) < 1.6


def test_every_series_has_its_own_colour_and_marker_and_enough_contrast():
    for looks in zip(*SERIES, strict=True):
        assert len(set(looks)) == len(SERIES)
    assert all(contrast(colour, PAPER) >= 4.5 for colour, _ in SERIES)


def contrast(first, second):
    """Contrast ratio of two colours by WCAG 2.1."""
    return (max(luminance(first), luminance(second)) + 0.05) / (min(luminance(first), luminance(second)) + 0.05)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

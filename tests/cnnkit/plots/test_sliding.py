"""The positions of a sliding kernel, counted as Keras counts them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnkit import plots


def test_windows_shows_the_floor(words):
    assert words(plots.windows(28, 3, stride=2)) == ["kernel 3, stride 2: 13 places, 1 pixel never read"]
    assert words(plots.windows(7, 3, stride=3, padding=1))[-1] == "kernel 3, stride 3: 3 places"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 24), st.integers(1, 6), st.integers(1, 5), st.sampled_from(["valid", "same", 0, 1, 2]))
def test_windows_counts_places_as_keras_does(words, size, kernel, stride, padding):
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

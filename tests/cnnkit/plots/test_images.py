"""A grid of images with their labels."""

import numpy as np
import pytest

from cnnkit import plots


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

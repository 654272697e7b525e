"""A data set that is held in memory is the same one, and still everybody's own."""

import numpy as np
import pytest

from cnnkit.data import datasets


@pytest.fixture
def held(monkeypatch):
    monkeypatch.setattr(datasets, "_held", {})
    datasets.preload("mnist")


def test_it_is_the_same_and_each_call_gives_a_copy(held, monkeypatch):
    monkeypatch.setattr(datasets, "_file", lambda name: pytest.fail("read again"))
    (one, labels), _ = datasets.load("mnist")
    assert one.shape == (60_000, 28, 28)
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]
    one[:] = 0
    (other, _), _ = datasets.load("mnist")
    assert other.max() == 255


def test_what_is_not_held_is_read(held):
    assert np.asarray(datasets.load("birds_mammals")[0][1]).shape == (336,)


def test_what_is_not_there_cannot_be_held():
    with pytest.raises(datasets.DataError, match="no data set"):
        datasets.preload("cats")

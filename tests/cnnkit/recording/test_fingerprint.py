"""Fingerprints tell two states of a network apart, and stay the same wherever and whenever they are taken."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnkit.recording.fingerprint import _bits, fingerprint, half_precision, weights_digest

NUMBERS = st.floats(-2, 2, width=32)
WEIGHTS = st.lists(arrays.arrays(np.float32, arrays.array_shapes(max_dims=4, max_side=5), elements=NUMBERS), max_size=4)


@given(weights=WEIGHTS)
def test_the_same_weights_have_the_same_digest(weights):
    copies = [np.asfortranarray(array).astype(np.float64) for array in weights]
    assert weights_digest(copies) == weights_digest(weights)
    assert fingerprint(copies) == pytest.approx(fingerprint(weights), abs=1e-12)
    assert len(fingerprint(weights)) == len(weights)


@given(weights=WEIGHTS, place=st.integers(0, 10**6))
def test_other_weights_have_another_digest(weights, place):
    total = sum(array.size for array in weights)
    if not total:
        return
    changed, place = [array.copy() for array in weights], place % total
    for array in changed:
        if place < array.size:
            array.ravel()[place] = np.nextafter(array.ravel()[place], np.float32(3))
            break
        place -= array.size
    assert weights_digest(changed) != weights_digest(weights)


@pytest.mark.parametrize(
    "other",
    [
        [np.zeros((3, 2))],
        [np.zeros(6)],
        [np.zeros((2, 3, 1))],
        [np.zeros((1, 3)), np.zeros((1, 3))],
        [np.zeros((2, 3)), np.zeros(0)],
        [],
    ],
)
def test_shapes_matter(other):
    assert weights_digest(other) != weights_digest([np.zeros((2, 3))])


def test_order_matters():
    one, other = np.arange(4.0), np.arange(4.0) + 1
    assert weights_digest([one, other]) != weights_digest([other, one])
    assert fingerprint([one, other]) != fingerprint([other, one])
    assert fingerprint([one]) != fingerprint([one[::-1]])


@given(weights=WEIGHTS)
def test_half_precision_hardly_moves_a_fingerprint(weights):
    exact, rounded = fingerprint(weights), fingerprint([array.astype(np.float32) for array in half_precision(weights)])
    # 2**-11 of each weight at most, all in one direction
    size = max((array.size for array in weights), default=1)
    assert (
        max((abs(a - b) for a, b in zip(exact, rounded, strict=True)), default=0) <= 2 * 2**-11 * math.sqrt(size) + 1e-7
    )


def test_half_precision_of_a_layer_as_it_is_drawn_moves_it_by_less_than_a_thousandth():
    dice = np.random.default_rng(0)
    for shape in ((3, 3, 1, 64), (4608, 256), (256,)):
        limit = math.sqrt(6 / (shape[0] + shape[-1]))
        weights = [dice.uniform(-limit, limit, shape).astype(np.float32)]
        moved = abs(fingerprint(weights)[0] - fingerprint([half_precision(weights)[0].astype(np.float32)])[0])
        assert moved < 1e-3


def test_numbers_that_every_version_of_numpy_must_give():
    """A grader takes fingerprints from weights years later, with another NumPy than the student's."""
    assert [hex(number) for number in np.random.PCG64([20, 0]).random_raw(3)] == [
        "0x47b30eebe46aa97a",
        "0x760db5f542faca9e",
        "0x1f290592e51e3271",
    ]
    assert _bits(0, 32).tolist() == [int(bit) for bit in "01111010101010010110101011100100"]
    assert _bits(3, 10).tolist() == [0, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    assert fingerprint([np.arange(6.0).reshape(2, 3), np.ones(1000)]) == pytest.approx(
        [2.041241452319315, 0.31622776601683794]
    )
    assert (
        weights_digest([np.arange(6.0).reshape(2, 3)])
        == "sha256:9c85d54b302647aeccb4a9bb3a8f12476e9967ae9ab91be87d3fdf8ebed36f0f"
    )


@given(size=st.integers(1, 200), more=st.integers(0, 200), position=st.integers(0, 500))
def test_signs_of_a_smaller_array_are_the_first_ones_of_a_larger(size, more, position):
    assert np.array_equal(_bits(position, size + more)[:size], _bits(position, size))
    assert set(_bits(position, size).tolist()) <= {0, 1}


def test_signs_are_even():
    assert abs(_bits(1, 100_000).mean() - 0.5) < 0.01


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [math.nan, math.inf, 1e38])
def test_weights_of_a_training_that_diverged(value):
    weights = [np.full(5, value, np.float32)]
    assert len(fingerprint(weights)) == 1
    assert weights_digest(weights) != weights_digest([np.zeros(5)])
    assert not np.isfinite(half_precision(weights)[0]).any()


def test_an_empty_array_and_a_single_number():
    assert fingerprint([np.zeros((0, 3)), np.array(2.0)]) in ([0.0, 2.0], [0.0, -2.0])

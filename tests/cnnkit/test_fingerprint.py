"""Short numbers that tell two states of a training apart, the same on every machine."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cnnkit.fingerprint import digest, fingerprint

WEIGHTS = st.lists(
    arrays(np.float32, array_shapes(max_dims=3, max_side=6), elements=st.floats(-1, 1, width=16)), max_size=4
)


@given(WEIGHTS)
def test_the_same_weights_have_the_same_marks(weights):
    copies = [array.copy() for array in weights]
    assert digest(copies) == digest(weights)
    assert fingerprint(copies) == fingerprint(weights)
    assert len(fingerprint(weights)) == len(weights)


@given(WEIGHTS.filter(lambda weights: any(array.size for array in weights)), st.data())
def test_one_other_value_is_another_digest(weights, data):
    place = data.draw(st.integers(0, len(weights) - 1))
    changed = [array.copy() for array in weights]
    changed[place].flat[data.draw(st.integers(0, weights[place].size - 1))] += 0.5
    assert digest(changed) != digest(weights)
    assert fingerprint(changed) != fingerprint(weights)


def test_shapes_belong_to_the_weights():
    assert digest([np.zeros((2, 3))]) != digest([np.zeros((3, 2))])
    assert digest([np.zeros(2), np.zeros(1)]) != digest([np.zeros(1), np.zeros(2)])


def test_layout_in_memory_and_precision_above_single_do_not_matter():
    array = np.arange(12, dtype=np.float64).reshape(3, 4)
    assert digest([np.asfortranarray(array)]) == digest([array.astype(np.float32)])


def test_half_precision_moves_a_fingerprint_by_little():
    kernel = np.random.default_rng(0).normal(0, 0.03, (400, 256)).astype(np.float32)
    (full,), (half,) = fingerprint([kernel]), fingerprint([kernel.astype(np.float16)])
    assert abs(full - half) < 1e-4
    (moved,) = fingerprint([kernel + np.random.default_rng(1).normal(0, 0.003, kernel.shape)])
    assert abs(full - moved) > 1e-4


def test_the_signs_are_these_for_ever():
    """Records that students have made already depend on them."""
    ones = [np.eye(1, 8, column).ravel() for column in range(8)]
    signs = [round(fingerprint([one])[0] * np.sqrt(8)) for one in ones]
    assert signs == SIGNS
    assert digest([np.arange(3.0)]) == "sha256:" + DIGEST


SIGNS = [-1, 1, 1, 1, 1, -1, 1, -1]
DIGEST = "51b14d5b9d6a5a3287c0074b24c58f30c2a1ec9c90e4b7c5a15ddcbfb2e9712f"

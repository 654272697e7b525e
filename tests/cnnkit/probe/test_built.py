"""A network as an argument: weights that depend on nothing but the arguments, and data that is sent over a pipe."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.protocol.codec import pack_value, unpack_value
from autograder.sandbox.protocol.messages import CallRequest, decode_request, encode_message
from cnnkit.networks.brief import sequence
from cnnkit.probe.built import BuiltNetwork, weight_values

NETWORK = sequence((None, 6, 6, 2), [("Conv2D", {"filters": 3, "kernel_size": (3, 3)}), ("Flatten", {})])


def test_weights_depend_on_all_arguments():
    one = weight_values((3, 4), "kernel", 2, 7)
    for other in [
        weight_values((3, 4), "kernel", 2, 8),
        weight_values((3, 4), "kernel", 1, 7),
        weight_values((3, 4), "bias", 2, 7),
    ]:
        assert not np.array_equal(one, other)


def test_weights_are_the_same_on_every_machine():
    np.testing.assert_allclose(weight_values((2,), "bias", 0, 0), [-0.05340542, -0.00637739], atol=1e-7)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 20), st.integers(0, 2**31))
def test_kernels_keep_outputs_at_a_similar_size(shape, position, seed):
    values = weight_values(shape, "kernel", position, seed)
    bound = 0.1 if len(shape) == 1 else (3 / prod(shape[:-1])) ** 0.5

    assert (values.shape, values.dtype) == (tuple(shape), np.float32)
    assert np.abs(values).max() <= np.float32(bound)


@pytest.mark.parametrize("name", ["gamma", "moving_variance"])
def test_scales_and_variances_are_positive(name):
    values = weight_values((1000,), name, 0, 1)

    assert 0.9 <= values.min() < 0.91
    assert 1.09 < values.max() <= 1.1


def test_it_crosses_the_pipe_as_data():
    built = BuiltNetwork(NETWORK, 9)
    question = CallRequest(function="f", args=[pack_value(built)], kwargs={})

    assert unpack_value(decode_request(encode_message(question)).args[0]) == built

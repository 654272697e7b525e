"""Values cross the wire unchanged, and what does not fit is refused in words."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.codec import MAX_ARRAY, pack_value, type_name, unpack_value
from cnnkit.networks.brief import sequence
from cnnkit.probe.built import BuiltNetwork
from cnnkit.recording.schema import TrainingRecord

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NUMERIC = (
    hnp.integer_dtypes(endianness="=")
    | hnp.unsigned_integer_dtypes(endianness="=")
    | hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64))
)


NETWORK = sequence((None, 8, 8, 1), [("Conv2D", {"filters": 2, "kernel_size": (3, 3)}), ("Flatten", {})])


def across(value):
    """Through bytes and back, as between two processes."""
    sent = messages.encode_message(messages.CallResponse(value=pack_value(value), type=""))
    return unpack_value(messages.decode_message(sent).value)


@given(PLAIN)
def test_plain_values_cross_unchanged(value):
    assert across(value) == value


@given(hnp.arrays(NUMERIC, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)))
def test_arrays_cross_unchanged(array):
    found = across(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_tuples_stay_tuples():
    assert across((1, [2, (3,)])) == (1, [2, (3,)])


def test_histories_cross():
    record = TrainingRecord(run="adam", history={"loss": [2.0, float("nan")]})
    found = across({"adam": record})
    assert found["adam"].history["loss"][0] == 2.0
    assert np.isnan(found["adam"].history["loss"][1])


@pytest.mark.parametrize(
    "value", [object(), lambda: 1, 2**70, np.array(["a"]), np.array([None]), np.zeros(3, complex), {1, 2}]
)
def test_what_is_not_data_becomes_opaque(value):
    found = across(value)
    assert isinstance(found, messages.OpaqueValue)
    assert found.type


def test_a_huge_array_is_described_instead_of_sent():
    found = across(np.zeros(MAX_ARRAY + 1, np.uint8))
    assert isinstance(found, messages.OpaqueValue)
    assert "34 MB" in found.text


def test_a_raising_repr_does_no_harm():
    class Rude:
        def __repr__(self):
            raise RuntimeError("no")

    assert across(Rude()).text == ""


def test_text_that_is_no_unicode_crosses_written_out():
    assert across("a\ud800b") == "a\\ud800b"
    assert across({"\udfff": 1}) == {"\\udfff": 1}


def test_nesting_without_end_is_cut():
    endless = []
    endless.append(endless)
    found = across(endless)
    for _ in range(12):
        found = found[0]
    assert isinstance(found, messages.OpaqueValue)


@pytest.mark.parametrize(
    "array",
    [
        messages.ArrayValue("|O", (1,), b"12345678"),
        messages.ArrayValue("<U4", (1,), b"1234567890123456"),
        messages.ArrayValue("<f4", (2,), b"1234"),
        messages.ArrayValue("<f4", (-1,), b"1234"),
        messages.ArrayValue("<f4", (2**40, 2**40), b""),
        messages.ArrayValue("<f4", (0,), b"1234"),
        messages.ArrayValue("|u1", (1,) * 40, b"1"),
    ],
)
def test_arrays_that_lie_are_refused(array):
    with pytest.raises(framing.ProtocolError, match="an array of"):
        unpack_value(array)


@given(st.binary(max_size=200))
def test_random_bytes_are_never_anything_but_a_wire_error(data):
    try:
        message = messages.decode_message(data)
    except framing.ProtocolError:
        return
    assert isinstance(message, messages.Message)


def test_deep_nesting_is_a_wire_error():
    # a msgpack message {"is": "returned", "type": "", "value": {"is": "sequence", ...}} nested 50,000 times
    inner = b"\x83\xa2is\xa8sequence\xa4kind\xa4list\xa5items\x91"
    data = b"\x83\xa2is\xa8returned\xa4type\xa0\xa5value" + inner * 50_000 + b"\xc0"
    with pytest.raises(framing.ProtocolError, match="not a message"):
        messages.decode_message(data)


def test_a_frame_that_claims_too_much_is_not_read():
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">I", framing.MAX_FRAME + 1))
        with pytest.raises(framing.ProtocolError, match="claims"):
            framing.receive_frame(ours)


def test_type_names_are_a_students_words():
    assert type_name(None) == "NoneType"
    assert type_name(np.zeros(2, np.float32)) == "NumPy array (float32)"
    assert type_name(np.float64(1)) == "NumPy scalar (float64)"


def test_a_network_to_be_built_beside_the_students_code():
    built = BuiltNetwork(NETWORK, 3)
    assert across(built) == built
    assert across([built, 1]) == [built, 1]
    assert repr(built) == "<a network of 2 layers>"  # however large, its text is short


def test_a_network_that_a_child_sends_back_is_nothing_but_data():
    sent = messages.encode_message(messages.CallResponse(value=messages.NetworkArgument(NETWORK, 3), type="Built"))
    assert unpack_value(messages.decode_message(sent).value).network == NETWORK
    with pytest.raises(framing.ProtocolError):
        messages.decode_message(sent.replace(b"Conv2D", b"\xff\xfe\xfd\xfc\xfb\xfa"))

"""Values cross the wire unchanged, and what does not fit is refused in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.codec import (
    MAX_ARRAY,
    MAX_AXES,
    MAX_DEPTH,
    pack_value,
    type_name,
    unpack_value,
)
from autograder.sandbox.protocol.messages import MAX_ITEMS
from cnnkit.networks.brief import sequence
from cnnkit.probe.built import BuiltNetwork
from cnnkit.probe.watching import OptimizerSpec
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


@pytest.mark.parametrize("endless", [[None], {0: None}], ids=["list", "dict"])
def test_nesting_without_end_is_cut(endless):
    endless[0] = endless
    found = across(endless)
    for _ in range(MAX_DEPTH):
        found = next(iter(found.values() if isinstance(found, dict) else found))
    assert isinstance(found, messages.OpaqueValue)


@pytest.mark.parametrize(
    ("dtype", "shape", "data"),
    [
        ("|O", (1,), b"12345678"),
        ("<U4", (1,), b"1234567890123456"),
        ("<c8", (1,), b"12345678"),
        (">f4", (1,), b"1234"),
        ("<M8[s]", (1,), b"12345678"),
        ("", (1,), b"1"),
        ("<f4", (2,), b"1234"),
        ("<f4", (-1,), b"1234"),
        ("<f4", (-1, -4), b"1234" * 4),  # the product fits the bytes
        ("<f4", (0, -4), b""),
        ("<f4", (2**40, 2**40), b""),
        ("<f4", (0,), b"1234"),
        ("<f4", (), b""),
        ("<f4", (0, 2**62), b""),  # NumPy refuses these with a ValueError of its own, though they hold nothing
        ("<f4", (2**63, 0), b""),
        ("<f4", (0, 2**40, 2**40), b""),
        ("|u1", (1,) * (MAX_AXES + 1), b"1"),
        ("|u1", (1,) * 1_000, b"1"),
    ],
)
def test_arrays_that_lie_are_refused(dtype, shape, data):
    with pytest.raises(framing.ProtocolError, match="an array of"):
        unpack_value(messages.ArrayValue(dtype, shape, data))


def test_an_array_of_just_the_largest_size_is_taken_and_no_larger_one():
    assert unpack_value(messages.ArrayValue("|u1", (MAX_ARRAY,), bytes(MAX_ARRAY))).shape == (MAX_ARRAY,)
    for dtype, size in (("|u1", MAX_ARRAY + 1), ("<f8", MAX_ARRAY // 8 + 1)):
        with pytest.raises(framing.ProtocolError, match="more than 33,554,432 bytes"):
            unpack_value(messages.ArrayValue(dtype, (size,), bytes(size * int(dtype[2:]))))


def test_an_array_of_the_most_axes_is_taken():
    assert unpack_value(messages.ArrayValue("|u1", (1,) * MAX_AXES, b"1")).ndim == MAX_AXES


SIZES = st.sampled_from([-(2**63), -4, -1, 0, 1, 2, 2**31, 2**62, 2**63, 2**64 - 1])
DTYPES = st.sampled_from(["<f4", "|u1", "|b1", "|O", "<U1", "V8", ">i4", "\0", "x" * 50])


@given(DTYPES, st.lists(SIZES, max_size=20), st.binary(max_size=16))
def test_whatever_an_array_claims_it_is_an_array_or_a_protocol_error(dtype, shape, data):
    try:
        found = unpack_value(messages.ArrayValue(dtype, tuple(shape), data))
    except framing.ProtocolError:
        return
    assert found.shape == tuple(shape)
    assert found.nbytes == len(data)


@pytest.mark.parametrize(
    "wrap", [lambda item: messages.SequenceValue("list", [item]), lambda item: messages.MappingValue({"a": item})]
)
def test_values_nested_too_deeply_are_refused(wrap):
    value = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert unpack_value(value)
    with pytest.raises(framing.ProtocolError, match="lists within lists"):
        unpack_value(wrap(value))
    for _ in range(10_000):  # deeper than Python's own stack
        value = wrap(value)
    with pytest.raises(framing.ProtocolError, match="lists within lists"):
        unpack_value(value)


@pytest.mark.parametrize("make", [list, tuple, lambda items: {str(item): item for item in items}])
def test_what_has_too_many_items_is_described_instead_of_sent(make):
    assert len(across(make(range(MAX_ITEMS)))) == MAX_ITEMS
    found = across(make(range(MAX_ITEMS + 1)))
    assert isinstance(found, messages.OpaqueValue)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_integers_of_64_bits_cross(value):
    assert across(value) == value


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_longer_integers_are_described(value):
    assert across(value) == messages.OpaqueValue("int", "64-bit number")


def optimizer(**changes):
    return OptimizerSpec(**({"name": "SGD", "settings": {"learning_rate": 0.5}} | changes))


def test_an_optimizer_crosses():
    assert unpack_value(messages.OptimizerArgument(optimizer())) == optimizer()
    many = optimizer(settings={str(number): 1.0 for number in range(100)})
    assert unpack_value(messages.OptimizerArgument(many)) == many


@pytest.mark.parametrize(
    "bad",
    [
        optimizer(settings={str(number): 1.0 for number in range(101)}),
        optimizer(name="S" * 101),
        optimizer(name="SGD\x1b[31m"),
        optimizer(settings={"l" * 101: 1.0}),
        optimizer(settings={"learning\nrate": 1.0}),
        optimizer(settings={"loss": "x" * 101}),
        optimizer(settings={"loss": "\u202e"}),
        optimizer(settings={"betas": (0.9, 0.999)}),
    ],
)
def test_an_optimizer_that_none_can_be_is_refused(bad):
    with pytest.raises(framing.ProtocolError, match="an optimizer with settings"):
        unpack_value(messages.OptimizerArgument(bad))


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


@pytest.mark.parametrize(
    "value",
    [[[None] * 20_000] * 250, [[[1] * 100] * 100] * 3, {str(k): [k] * 100 for k in range(300)}, [["x"] * 15_000] * 2],
)
def test_entries_are_counted_in_all_lists_together(value):
    sent = messages.encode_message(messages.CallResponse(value=pack_value(value), type=""))
    assert messages.measured(sent).elements < 10 * messages.MAX_ITEMS
    unpack_value(messages.decode_message(sent).value)


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {str(k): item for k, item in enumerate(items)}])
def test_a_value_with_more_entries_in_all_than_packing_makes_is_refused(wrap):
    def wire(value):
        if isinstance(value, list):
            return messages.SequenceValue("list", [wire(item) for item in value])
        if isinstance(value, dict):
            return messages.MappingValue({name: wire(item) for name, item in value.items()})
        return value

    fitting = wrap([[1] * 9_998] * 2)
    assert len(unpack_value(wire(fitting))) == 2
    with pytest.raises(framing.ProtocolError, match="20,000 entries"):
        unpack_value(wire(wrap([[1] * 9_999, [1] * 10_000])))

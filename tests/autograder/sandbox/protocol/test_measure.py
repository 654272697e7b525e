"""A message is measured without being decoded, and whatever is no message is refused."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.measure import MessageSize, measure

MANY = 10**6

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(max_size=300)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner))


def counted(value):
    """The elements and bytes of a value, counted in the value itself."""
    if isinstance(value, list):
        inner = [counted(item) for item in value]
    elif isinstance(value, dict):
        inner = [counted(item) for pair in value.items() for item in pair]
    else:
        inner = []
    own = len(value) if isinstance(value, bytes) else 0
    return 1 + sum(size[0] for size in inner), own + sum(size[1] for size in inner)


@given(values)
def test_elements_and_bytes_are_those_of_the_value(value):
    assert measure(msgspec.msgpack.encode(value), MANY) == MessageSize(*counted(value))


@pytest.mark.parametrize("size", [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536])
@pytest.mark.parametrize("make", ["x".__mul__, b"x".__mul__, [None].__mul__, lambda n: {str(k): k for k in range(n)}])
def test_every_width_of_a_length(make, size):
    value = make(size)
    assert measure(msgspec.msgpack.encode(value), MANY) == MessageSize(*counted(value))


@given(values)
def test_a_message_that_is_cut_short_or_goes_on_is_refused(value):
    data = msgspec.msgpack.encode(value)
    for wrong in (data[:-1], data + b"\xc0"):
        with pytest.raises(ProtocolError):
            measure(wrong, MANY)


@given(st.binary(max_size=200))
def test_random_bytes_are_measured_or_refused(data):
    try:
        assert measure(data, MANY).elements <= len(data)
    except ProtocolError:
        return


@pytest.mark.parametrize(
    "data", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdd\x00\x0f\x42\x40" + b"\xc0" * MANY]
)
def test_no_more_than_the_limit_is_looked_at(data):
    with pytest.raises(ProtocolError, match=r"cut short|more than 1,000 elements"):
        measure(data, 1_000)


def test_extensions_are_refused():
    with pytest.raises(ProtocolError, match="0xd4"):
        measure(msgspec.msgpack.encode(msgspec.msgpack.Ext(5, b"x")), MANY)


def test_memory_grows_with_elements_and_bytes():
    assert MessageSize(10, 100).memory > MessageSize(10, 0).memory > MessageSize(1, 0).memory > 0

"""Bytes of a child become one of the known messages, within bounds, or a ProtocolError."""

import socket
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.messages import MAX_ITEMS


@given(st.binary(max_size=200))
def test_random_bytes_are_never_anything_but_a_protocol_error(data):
    try:
        message = messages.decode_message(data)
    except framing.ProtocolError:
        return
    assert isinstance(message, messages.Message)


def test_deep_nesting_is_a_protocol_error():
    # a msgpack message {"is": "returned", "type": "", "value": {"is": "sequence", ...}} nested 20,000 times
    inner = b"\x83\xa2is\xa8sequence\xa4kind\xa4list\xa5items\x91"
    data = b"\x83\xa2is\xa8returned\xa4type\xa0\xa5value" + inner * 20_000 + b"\xc0"
    with pytest.raises(framing.ProtocolError, match="not a message"):
        messages.decode_message(data)
    data = b"\x83\xa2is\xa8returned\xa4type\xa0\xa5value" + inner * 50_000 + b"\xc0"
    with pytest.raises(framing.ProtocolError, match="more than 200,000 elements"):
        messages.decode_message(data)


def encoded(**fields):
    return msgspec.msgpack.encode(fields)


def returned(value):
    return {"is": "returned", "type": "", "value": value}


LONG = [
    # a message with a list or text of `most` entries, and of one more
    (MAX_ITEMS, lambda n: returned({"is": "sequence", "kind": "list", "items": [1] * n})),
    (MAX_ITEMS, lambda n: returned({"is": "mapping", "items": {str(number): 1 for number in range(n)}})),
    (messages.MAX_TEXT, lambda n: returned("x" * n)),
    (200, lambda n: returned({"is": "sequence", "kind": "x" * n, "items": []})),
    (200, lambda n: returned({"is": "opaque", "type": "x" * n, "text": ""})),
    (2_000, lambda n: returned({"is": "opaque", "type": "", "text": "x" * n})),
    (20, lambda n: returned({"is": "array", "dtype": "x" * n, "shape": [], "data": b""})),
    (messages.MAX_AXES, lambda n: returned({"is": "array", "dtype": "|u1", "shape": [1] * n, "data": b"1"})),
    (messages.MAX_ARRAY, lambda n: returned({"is": "array", "dtype": "|u1", "shape": [n], "data": bytes(n)})),
    (200, lambda n: {"is": "returned", "type": "x" * n, "value": None}),
    (1_000, lambda n: {"is": "returned", "type": "", "value": None, "mutated": ["a"] * n}),
    (1_000, lambda n: {"is": "used", "type": "", "outputs": [1] * n}),
    (1_000, lambda n: {"is": "used", "type": "", "outputs": [], "moved": ["a"] * n}),
    (2_000, lambda n: {"is": "cell", "number": 1, "problem": "x" * n}),
    (50, lambda n: {"is": "cell", "number": 1, "notes": ["a"] * n}),
    (2_000, lambda n: {"is": "cell", "number": 1, "notes": ["x" * n]}),
    (1_000, lambda n: {"is": "ready", "functions": ["a"] * n}),
    (200, lambda n: {"is": "ready", "functions": ["x" * n]}),
    (1_000, lambda n: {"is": "seen", "runs": [], "stood_in": ["a"] * n}),
    (2_000, lambda n: {"is": "weights needed", "reason": "x" * n}),
    (200, lambda n: {"is": "raised", "type": "x" * n, "message": ""}),
    (2_000, lambda n: {"is": "raised", "type": "", "message": "x" * n}),
    (2_000, lambda n: {"is": "raised", "type": "", "message": "", "source": "x" * n}),
    (200, lambda n: {"is": "missing", "function": "x" * n}),
    (200, lambda n: {"is": "missing", "function": "", "found": "x" * n}),
    (2_000, lambda n: {"is": "unusable", "reason": "x" * n}),
    (1_000, lambda n: {"is": "probed", "reached": {str(number): "" for number in range(n)}}),
]


@pytest.mark.parametrize(("most", "fields"), LONG)
def test_lists_and_texts_have_a_largest_length(most, fields):
    messages.decode_message(encoded(**fields(most)))
    with pytest.raises(framing.ProtocolError, match=f"length <= {most}"):
        messages.decode_message(encoded(**fields(most + 1)))


def test_elements_are_counted_in_all_lists_before_any_is_decoded(monkeypatch):
    def never(_):
        raise AssertionError("expected a refusal, found an attempt to decode")

    monkeypatch.setattr(messages, "_messages", type("Decoder", (), {"decode": never}))
    inner = {"is": "sequence", "kind": "list", "items": [None] * 15_000}
    data = encoded(**returned({"is": "sequence", "kind": "list", "items": [inner] * 15}))
    with pytest.raises(framing.ProtocolError, match="more than 200,000 elements"):
        messages.decode_message(data)


def test_what_is_no_array_has_at_most_a_megabyte():
    texts = returned({"is": "sequence", "kind": "list", "items": ["x" * 90_000] * 12})
    with pytest.raises(framing.ProtocolError, match=r"1,080,\d+ bytes beside its arrays; at most 1,000,000"):
        messages.decode_message(encoded(**texts))
    array = {"is": "array", "dtype": "|u1", "shape": [5_000_000], "data": bytes(5_000_000)}
    assert len(messages.decode_message(encoded(**returned(array))).value.data) == 5_000_000


def test_a_figure_may_have_more_numbers_than_anything_else():
    line = {"label": "", "x": [0.5] * 100_000, "y": [0.5] * 100_000}
    axes = {"title": "", "xlabel": "", "ylabel": "", "xscale": "", "yscale": "", "lines": [line]}
    data = encoded(**{"is": "drawn", "figure": {"title": "", "axes": [axes]}})
    with pytest.raises(framing.ProtocolError, match="elements"):
        messages.decode_message(data)
    assert len(messages.decode_message(data, figure=True).figure.lines[0].x) == 100_000


@pytest.mark.parametrize(
    ("request_", "most"),
    [
        (messages.CallRequest(function="f", args=[], kwargs={}), framing.MAX_FRAME),
        (messages.DrawRequest(function="f", args=[]), messages.MAX_FIGURE),
        (messages.DescribeRequest(function="f", args=[], kwargs={}, input_shape=()), messages.MAX_PLAIN),
        (messages.WatchRequest(function="f", optimizers=[], epochs=1, input_shape=()), messages.MAX_PLAIN),
    ],
)
def test_a_frame_may_be_as_large_as_the_response_to_its_request(request_, most):
    assert messages.most_bytes(request_) == most


@pytest.mark.parametrize(
    "fields",
    [
        {"is": "unknown"},
        {"is": "cell"},
        {"is": "cell", "number": "1"},
        {"is": "returned", "type": 3, "value": 1},
        {"is": "start", "cells": [], "records": {}, "limits": {}},  # a request is no response
        {"number": 1},
    ],
)
def test_what_is_not_a_known_message_is_a_protocol_error(fields):
    with pytest.raises(framing.ProtocolError, match="not a message"):
        messages.decode_message(encoded(**fields))


def test_every_request_has_a_ticket_of_its_own():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        call = messages.CallRequest(function="f", args=[], kwargs={})
        tickets = [messages.send_request(ours, call) for _ in range(3)]
        frames = [framing.receive_frame(theirs) for _ in range(3)]
    assert len(set(tickets)) == 3
    assert all(len(ticket) == messages.TICKET for ticket in tickets)
    assert [frame[: messages.TICKET] for frame in frames] == tickets
    assert [messages.decode_request(frame[messages.TICKET :]) for frame in frames] == [call] * 3


def test_a_response_bears_the_ticket_that_it_is_given():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        messages.send_response(ours, messages.Started(), b"12345678")
        (length,) = struct.unpack(">I", theirs.recv(4))
        data = theirs.recv(length)
    assert data[: messages.TICKET] == b"12345678"
    assert messages.decode_message(data[messages.TICKET :]) == messages.Started()

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
    # a msgpack message {"is": "returned", "type": "", "value": {"is": "sequence", ...}} nested 50,000 times
    inner = b"\x83\xa2is\xa8sequence\xa4kind\xa4list\xa5items\x91"
    data = b"\x83\xa2is\xa8returned\xa4type\xa0\xa5value" + inner * 50_000 + b"\xc0"
    with pytest.raises(framing.ProtocolError, match="not a message"):
        messages.decode_message(data)


def encoded(**fields):
    return msgspec.msgpack.encode(fields)


NUMBERS = list(range(MAX_ITEMS + 1))
TEXTS = ["a"] * (MAX_ITEMS + 1)
LONG = [
    {"is": "returned", "type": "", "value": {"is": "sequence", "kind": "list", "items": NUMBERS}},
    {"is": "returned", "type": "", "value": {"is": "mapping", "items": {str(number): 1 for number in NUMBERS}}},
    {"is": "returned", "type": "", "value": None, "mutated": TEXTS},
    {"is": "used", "type": "", "outputs": NUMBERS},
    {"is": "used", "type": "", "outputs": [], "moved": TEXTS},
    {"is": "cell", "number": 1, "notes": TEXTS},
    {"is": "ready", "functions": TEXTS},
    {"is": "seen", "runs": [], "stood_in": TEXTS},
    {"is": "probed", "reached": {str(number): "" for number in NUMBERS}},
]


def shortened(value):
    """The same with one entry less where there is one too many."""
    if isinstance(value, list):
        return value[:MAX_ITEMS]
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in list(value.items())[:MAX_ITEMS]}
    return value


@pytest.mark.parametrize("fields", LONG, ids=lambda fields: fields["is"])
def test_a_list_of_too_many_items_is_a_protocol_error(fields):
    with pytest.raises(framing.ProtocolError, match="length <= 20000"):
        messages.decode_message(encoded(**fields))
    messages.decode_message(encoded(**shortened(fields)))


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

"""The size of a message in msgpack, found before anything of it is decoded.

A byte on the wire becomes up to a hundred in memory: a list of 20,000 nothings takes 20 kB there. Whoever decodes what
a stranger sent counts its elements first, and pays nothing for those beyond the limit.

Source: the msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from autograder.sandbox.protocol.framing import ProtocolError

_UNSIGNED = {1: struct.Struct(">B"), 2: struct.Struct(">H"), 4: struct.Struct(">I")}

_FIXED = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 0),
    **{0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xCA: 4, 0xCB: 8},
}
"""Bytes that follow the first one of nil, booleans and numbers."""

_BINARY = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_TEXT = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_LISTS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}
"""Bytes of the length that follows the first one, by kind; shorter ones have it in the first byte."""

_OBJECT = 64
"""Bytes of a decoded element: a number takes 32 and its entry in a list 8, a dictionary or a struct more."""


@dataclass(frozen=True)
class MessageSize:
    """Size of one message.

    Attributes:
        elements: values in it, at any depth: each list, map, key, number, text and array of bytes.
        binary: bytes that arrays of bytes take; all else is the rest.
    """

    elements: int
    binary: int

    @property
    def memory(self) -> int:
        """Bytes that the decoded message takes, roughly: its arrays, and an object for each element."""
        return self.binary + _OBJECT * self.elements


def measure(data: bytes, most_elements: int) -> MessageSize:
    """Count the elements of one message without decoding it, in one pass and without recursion.

    Args:
        data: the message.
        most_elements: the count ends with an error beyond it.

    Raises:
        ProtocolError: there are more elements, the message is cut short or goes on after its end, or it uses a kind of
            msgpack that no message of ours has.

    Example:
        >>> measure(bytes([0x92, 0x01, 0xC4, 0x02, 0xFF, 0xFF]), 10)  # a list of 1 and two bytes
        MessageSize(elements=3, binary=2)
    """
    position, pending, elements, binary, end = 0, 1, 0, 0, len(data)
    while pending:
        elements += 1
        if elements > most_elements:
            raise ProtocolError(f"a message of more than {most_elements:,} elements")
        if position >= end:
            raise ProtocolError("a message that is cut short")
        first = data[position]
        position += 1
        pending -= 1
        if first < 0x80 or first >= 0xE0:
            continue
        if first < 0x90:
            pending += 2 * (first & 0x0F)
        elif first < 0xA0:
            pending += first & 0x0F
        elif first < 0xC0:
            position += first & 0x1F
        elif first in _FIXED:
            position += _FIXED[first]
        elif first in _TEXT:
            length, position = _length(data, position, _TEXT[first])
            position += length
        elif first in _BINARY:
            length, position = _length(data, position, _BINARY[first])
            position += length
            binary += length
        elif first in _LISTS:
            length, position = _length(data, position, _LISTS[first])
            pending += length
        elif first in _MAPS:
            length, position = _length(data, position, _MAPS[first])
            pending += 2 * length
        else:
            raise ProtocolError(f"a message with an element of kind 0x{first:02x}, which none has")
    if position != end:
        raise ProtocolError("a message that is cut short, or goes on after its end")
    return MessageSize(elements, binary)


def _length(data: bytes, position: int, width: int) -> tuple[int, int]:
    """The length that stands at a position in so many bytes, and the position behind it."""
    try:
        (length,) = _UNSIGNED[width].unpack_from(data, position)
    except struct.error as error:
        raise ProtocolError("a message that is cut short") from error
    return length, position + width

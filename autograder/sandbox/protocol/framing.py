"""Frames on a socket: the length in four bytes, then the payload."""

from __future__ import annotations

import struct
from typing import Protocol

from cnnkit.errors import KitError

MAX_FRAME = 64 * 1024 * 1024
"""Bytes in one frame; a larger one ends the conversation."""

ENDED = "the process that ran the notebook has ended"
"""Text of the ProtocolError after the other side has closed the connection."""

_HEAD = struct.Struct(">I")


class Stream(Protocol):
    """Byte stream that carries frames: a socket, or an object like one."""

    def sendall(self, data: bytes, /) -> object:
        """Write all bytes."""
        ...

    def recv(self, count: int, /) -> bytes:
        """Read at most so many bytes; b"" at the end."""
        ...


class ProtocolError(KitError):
    """The other side closed the connection, or sent something outside the protocol."""


def send_frame(connection: Stream, data: bytes, most: int = MAX_FRAME) -> None:
    """Send one frame that holds these bytes.

    Args:
        connection: the stream.
        data: the bytes.
        most: how many there may be.

    Raises:
        ProtocolError: there are more.
        OSError: the other side is gone.
    """
    if len(data) > most:
        raise ProtocolError(f"a message of {len(data):,} bytes; at most {most:,} can be sent")
    connection.sendall(_HEAD.pack(len(data)) + data)


def receive_frame(connection: Stream, most: int = MAX_FRAME) -> bytes:
    """Receive one frame's bytes.

    Args:
        connection: the stream.
        most: bytes that the frame may have.

    Raises:
        ProtocolError: the pipe was closed, or a frame claims to be larger; then nothing of it is read.
        TimeoutError: nothing came within the socket's timeout.
    """
    (length,) = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if length > most:
        raise ProtocolError(f"a message claims {length:,} bytes; at most {most:,} are read")
    return _exactly(connection, length)


def _exactly(connection: Stream, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise ProtocolError(ENDED)
        parts += part
    return bytes(parts)

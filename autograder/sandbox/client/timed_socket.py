"""A connection whose reads and writes share one budget of time."""

from __future__ import annotations

import select
import socket

from autograder.sandbox.client.submission_budget import Timer

TIME_IS_UP = "the time for this submission is used up"
"""Text of the TimeoutError."""

_LOOK = 1.0
"""Seconds between looks at how busy the machine is."""


class TimedSocket:
    """Reads from and writes to a socket until a timer is spent.

    A socket's own timeout holds for one read: whoever sends a byte each second could keep its reader for ever.

    Args:
        connection: a connected socket; it is closed with this one.

    Attributes:
        timer: the budget of all reads and writes; it may be replaced by the next one.
    """

    def __init__(self, connection: socket.socket, timer: Timer) -> None:
        self.timer = timer
        self._socket = connection
        self._socket.setblocking(False)

    def sendall(self, data: bytes) -> None:
        """Write all bytes.

        Raises:
            TimeoutError: the timer is spent.
            OSError: the other side is gone.
        """
        left = memoryview(data)
        while left:
            self._wait(select.POLLOUT)
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                continue

    def recv(self, count: int) -> bytes:
        """Read at least one byte and at most `count`; b"" if the other side closed the connection.

        Raises:
            TimeoutError: the timer is spent.
            OSError: the connection is broken.
        """
        while True:
            self._wait(select.POLLIN)
            try:
                return self._socket.recv(count)
            except BlockingIOError:
                continue

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._socket, event)
        while (left := self.timer.remaining()) > 0:
            if poll.poll(min(left, _LOOK) * 1000):
                return
        raise TimeoutError(TIME_IS_UP)

"""One submission's process where the zygote cannot be forked, started by bubblewrap."""

from __future__ import annotations

import socket
import sys

from autograder.sandbox.isolation.backends import BubblewrapRoom
from autograder.sandbox.server.zygote import preload


def main() -> None:
    """Import what notebooks import, then serve one conversation on the socket FD."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    preload()
    from autograder.sandbox.server.child import serve

    serve(connection, BubblewrapRoom())


if __name__ == "__main__":
    main()

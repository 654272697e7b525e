"""One submission's process where the zygote cannot be forked, started by bubblewrap."""

from __future__ import annotations

import socket
import sys

from autograder.sandbox.isolation.backends import BubblewrapBackend
from autograder.sandbox.server.zygote import import_libraries


def bubblewrap_main() -> None:
    """Import what notebooks import, then serve one conversation on the socket FD."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    import_libraries()
    from autograder.sandbox.server.child import serve_submission

    serve_submission(connection, BubblewrapBackend())


if __name__ == "__main__":
    bubblewrap_main()

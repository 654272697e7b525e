"""Process of one connection where the zygote cannot be forked, started by bubblewrap.

Run as `python -m autograder.sandbox.server.bubblewrap_main FD PROCESS [NAME=MODULE:FUNCTION ...]`, with the
number of bubblewrap's own process outside the sandbox.
"""

from __future__ import annotations

import socket
import sys

from autograder.sandbox.isolation.backends import BubblewrapBackend
from autograder.sandbox.server.zygote import import_libraries, parse_services


def bubblewrap_main() -> None:
    """Import what notebooks import, then serve the connection on the descriptor FD."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    import_libraries()
    from autograder.sandbox.server.child import serve_connection

    serve_connection(connection, BubblewrapBackend(), parse_services(sys.argv[3:]), process=int(sys.argv[2]))


if __name__ == "__main__":
    bubblewrap_main()

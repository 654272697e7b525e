"""Worker that examines records: a fork of the zygote that never runs student code, one for a whole class.

It caches one live network for each description, so that the second student's examination takes a fraction of the first.
"""

from __future__ import annotations

import gc
import socket

from autograder.sandbox.process_limits import next_processor_time, no_core_dumps
from autograder.sandbox.protocol import framing
from autograder.sandbox.server.resource_limits import one_thread

PROCESSOR_SECONDS = 90
"""Processor time of one examination, after which the process ends. The first one of a class takes ten seconds, since it
builds and traces the network."""


def serve_examinations(connection: socket.socket) -> None:
    """Examine one request after the other until the connection is closed."""
    import tensorflow as tf

    one_thread()
    tf.config.experimental.enable_op_determinism()
    gc.enable()
    from autograder.records.examination import examine
    from autograder.records.requests import Examination, receive_request, send_message
    from cnnkit.data import malloc

    no_core_dumps()
    while True:
        try:
            request = receive_request(connection)
        except framing.ProtocolError:
            return
        next_processor_time(PROCESSOR_SECONDS)
        try:
            response = examine(request)
        except Exception as error:  # an unforeseen record: its run is inconclusive, the class goes on
            response = Examination(
                problems={"process": f"it could not be examined ({type(error).__name__}: {error})"[:300]}
            )
        send_message(connection, response)
        malloc.trim_heap()  # idle memory between two students

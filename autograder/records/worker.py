"""The process that examines records: a fork of the zygote that never meets student code, for a whole class.

It keeps one live network for each description, so that the second student's costs a fraction of the first one's.
"""

from __future__ import annotations

import gc
import socket

from autograder.sandbox.protocol import framing
from autograder.sandbox.server.limits import one_thread


def serve_examinations(connection: socket.socket) -> None:
    """Answer questions until the other side hangs up."""
    import tensorflow as tf

    one_thread()
    tf.config.experimental.enable_op_determinism()
    gc.enable()
    from autograder.records.examination import examine
    from autograder.records.requests import Examination, receive_request, send_message
    from cnnkit.data import malloc

    while True:
        try:
            question = receive_request(connection)
        except framing.ProtocolError:
            return
        try:
            answer = examine(question)
        except Exception as error:  # a record that nobody foresaw: its run is left open, the class goes on
            answer = Examination(
                problems={"process": f"it could not be examined ({type(error).__name__}: {error})"[:300]}
            )
        send_message(connection, answer)
        malloc.trim_heap()  # while it waits for the next student it keeps nothing of this one

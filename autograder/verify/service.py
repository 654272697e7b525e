"""The process that examines records: a fork of the zygote that never meets student code, for a whole class.

It keeps one live network for each description, so that the second student's costs a fraction of the first one's.
"""

from __future__ import annotations

import gc
import socket

from autograder.sandbox import wire


def serve(connection: socket.socket) -> None:
    """Answer questions until the other side hangs up."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    gc.enable()
    from autograder.verify.examine import examine
    from autograder.verify.messages import receive_question, send

    while True:
        try:
            question = receive_question(connection)
        except wire.WireError:
            return
        send(connection, examine(question))

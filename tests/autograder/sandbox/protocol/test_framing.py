"""Frames cross whole and in order; one that is too large is neither sent nor read."""

import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.protocol import framing
from autograder.sandbox.protocol.framing import MAX_FRAME, ProtocolError, receive_frame, send_frame


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_frames_cross_whole_and_in_order(frames):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for frame in frames:
            send_frame(ours, frame)
        assert [receive_frame(theirs) for _ in frames] == frames


class Recorder:
    """Stands for a connection on the sending side."""

    def __init__(self):
        self.sent = []

    def sendall(self, data):
        self.sent.append(len(data))


def test_a_frame_that_is_too_large_is_not_sent():
    connection = Recorder()
    send_frame(connection, bytes(MAX_FRAME))
    assert connection.sent == [MAX_FRAME + 4]
    with pytest.raises(ProtocolError, match="at most 67,108,864 can be sent"):
        send_frame(connection, bytes(MAX_FRAME + 1))
    assert len(connection.sent) == 1


def test_a_frame_that_claims_too_much_is_not_read(pair):
    ours, theirs = pair
    theirs.sendall(struct.pack(">I", MAX_FRAME + 1))
    with pytest.raises(ProtocolError, match="claims 67,108,865 bytes"):
        receive_frame(ours)


def test_a_frame_of_the_largest_size_is_read(pair):
    ours, theirs = pair
    sender = threading.Thread(target=send_frame, args=(theirs, bytes(MAX_FRAME)), daemon=True)
    sender.start()
    assert len(receive_frame(ours)) == MAX_FRAME
    sender.join()


@pytest.mark.parametrize("sent", [b"", b"\x00\x00", struct.pack(">I", 10) + b"half"])
def test_a_pipe_that_is_closed_within_a_frame_is_an_end(pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(ProtocolError, match=framing.ENDED):
        receive_frame(ours)

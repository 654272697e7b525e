"""All reads and writes of a connection share one budget, whatever the other side does."""

import socket
import threading
import time

import pytest

from autograder.sandbox.client.timed_socket import TimedSocket
from autograder.sandbox.processor_load import FairTimer
from autograder.sandbox.protocol.framing import receive_frame, send_frame


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def timed(connection, seconds, share=lambda: 1.0):
    return TimedSocket(connection, FairTimer(seconds, share))


def test_large_frames_cross_in_both_directions(pair):
    ours, theirs = pair
    data = bytes(range(256)) * 40_000

    def echo():
        send_frame(theirs, receive_frame(theirs))

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    connection = timed(ours, 60)
    send_frame(connection, data)
    assert receive_frame(connection) == data
    thread.join()


def test_silence_ends_with_the_time(pair):
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        receive_frame(timed(pair[0], 0.2))
    assert time.monotonic() - begun >= 0.2


def test_a_byte_now_and_then_does_not_prolong_it(pair):
    ours, theirs = pair
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.05):
            theirs.sendall(b"\0")

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    connection = timed(ours, 0.5)

    def read_on():
        while True:
            receive_frame(connection)

    try:
        with pytest.raises(TimeoutError):
            read_on()
    finally:
        stop.set()
        thread.join()


def test_a_reader_that_reads_nothing_ends_with_the_time(pair):
    with pytest.raises(TimeoutError):
        send_frame(timed(pair[0], 0.2), bytes(10_000_000))


def test_on_a_busy_machine_it_takes_longer(pair):
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        receive_frame(timed(pair[0], 0.1, lambda: 5.0))
    assert time.monotonic() - begun >= 0.5


def test_the_other_side_s_end_is_seen_at_once(pair):
    ours, theirs = pair
    theirs.close()
    assert timed(ours, 60).recv(10) == b""

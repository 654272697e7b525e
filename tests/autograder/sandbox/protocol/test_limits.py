"""Limits are positive and finite, whoever sends them."""

import msgspec
import pytest

from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.limits import Limits


@pytest.mark.parametrize(
    "fields",
    [
        {"cell_seconds": 0},  # a timer of 0 seconds would be none
        {"cell_seconds": -1},
        {"cell_seconds": float("nan")},
        {"cell_seconds": float("inf")},
        {"submission_seconds": 0},
        {"submission_seconds": 10**6},
        {"memory_mb": 0},
        {"memory_mb": 1.5},
        {"output_kb": -1},
        {"cell_second": 1},
    ],
)
def test_a_limit_that_is_none_is_refused(fields):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, Limits)


def test_limits_arrive_as_they_are_sent():
    limits = Limits(cell_seconds=2.5, submission_seconds=9, memory_mb=100, output_kb=1)
    start = messages.StartRequest(cells=[], records={}, limits=limits)
    assert messages.decode_request(messages.encode_message(start)).limits == limits

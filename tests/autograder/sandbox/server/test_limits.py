"""Time limits stop loops, also those that swallow the interruption."""

import subprocess
import sys
import time

import pytest

from autograder.sandbox.server.limits import EXIT_TIME, TimeLimitExceeded, time_limit


def test_stops_a_loop():
    with pytest.raises(TimeLimitExceeded, match=r"0\.2 seconds"):
        loop_within(0.2)


def loop_within(seconds):
    with time_limit(seconds):
        while True:
            pass


def test_stops_waiting():
    with pytest.raises(TimeLimitExceeded), time_limit(0.1):
        time.sleep(60)


def test_leaves_quick_code_and_the_signals_alone():
    with time_limit(0.2):
        pass
    end = time.process_time() + 0.4
    while time.process_time() < end:
        pass


def test_code_that_swallows_the_limit_ends_the_process():
    code = (
        "from autograder.sandbox.server.limits import time_limit\n"
        "with time_limit(0.1):\n"
        "    while True:\n"
        "        try:\n"
        "            for _ in iter(int, 1): sum(range(100))\n"
        "        except BaseException: pass\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == EXIT_TIME

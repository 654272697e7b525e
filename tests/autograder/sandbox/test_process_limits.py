"""Limits of the grader's own processes, each tried in a process of its own."""

import subprocess
import sys

import pytest

from autograder.sandbox.process_limits import mapped_bytes

pytestmark = pytest.mark.slow

BEGIN = "from autograder.sandbox.process_limits import *\nimport signal\n"


def run(code, root):
    return subprocess.run([sys.executable, "-c", BEGIN + code], cwd=root, capture_output=True, text=True, check=False)


def test_memory_beyond_the_limit_is_a_memory_error(root):
    done = run(
        "limit_memory(200)\nsmall = bytearray(10**8)\ntry:\n    bytearray(3 * 10**8)\n"
        "except MemoryError:\n    print('refused')",
        root,
    )
    assert done.stdout == "refused\n", done.stderr


def test_a_limit_is_never_raised_again(root):
    done = run(
        "import resource\nlimit_memory(200)\nfirst = resource.getrlimit(resource.RLIMIT_AS)\nlimit_memory(10_000)\n"
        "print(resource.getrlimit(resource.RLIMIT_AS) == first)",
        root,
    )
    assert done.stdout == "True\n", done.stderr


def test_a_process_ends_with_its_processor_time(root):
    done = run("no_core_dumps()\nlimit_processor_time(0.1)\nwhile True: pass", root)
    assert -done.returncode in (9, 24)  # SIGKILL, SIGXCPU


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n        try:\n            sum(range(1000))\n        except Exception: pass",
        "import re; re.match('(a*)*b', 'a' * 40)",
    ],
)
def test_code_is_stopped_by_processor_time_and_the_process_goes_on(root, loop):
    twice = f"for n in range(2):\n  try:\n   with processor_time(0.1):\n    {loop}\n"
    then = "  except ProcessorTimeExceeded as error:\n    print(error)\n"
    done = run(f"{twice}{then}print(signal.getsignal(signal.SIGXCPU) == signal.SIG_DFL)", root)
    said = "it took more than 0.1 seconds of the grader's processor time"
    assert done.stdout.splitlines() == [said, said, "True"], done.stderr


def test_what_is_mapped_is_known_here():
    assert mapped_bytes() > 10**6

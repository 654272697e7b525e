"""The zygote and its children: a conversation works, a child that misbehaves harms nobody, nothing is left behind."""

# ruff: noqa: E501 -- cells stand in a table
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.client.connection import ChildConnection, ChildDied, SandboxError
from autograder.sandbox.client.submission_budget import SubmissionBudget
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.limits import Limits

pytestmark = pytest.mark.tensorflow

LIMITS = Limits(cell_seconds=4, submission_seconds=40, memory_mb=3000)


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as started:
        started.wait()
        yield started


@pytest.fixture
def child(zygote):
    opened = ChildConnection(zygote.address, SubmissionBudget(LIMITS))
    yield opened
    opened.close()


def cells(*sources):
    return [messages.CellSource(number, source) for number, source in enumerate(sources, 1)]


def ask(child, function, *args, **kwargs):
    return child.ask(messages.CallRequest(function=function, args=list(args), kwargs=kwargs))


def test_a_conversation(child):
    done, ready = child.run(cells("def double(x):\n    return 2 * x", "def broken():\n    return 1 / 0"), {})
    assert [cell.problem for cell in done] == ["", ""]
    assert {"double", "broken"} <= set(ready.functions)
    assert ask(child, "double", 21) == messages.CallResponse(value=42, type="int")
    assert ask(child, "missing") == messages.MissingResponse(function="missing")
    assert ask(child, "broken") == messages.RaisedResponse(
        type="ZeroDivisionError", message="division by zero", cell=2, line=2, source="return 1 / 0"
    )


def test_arguments_changed_in_place_are_named(child):
    child.run(cells("def clear(items):\n    items.clear()"), {})
    assert ask(child, "clear", messages.SequenceValue("list", [1, 2])).mutated == ["items"]


def test_a_question_that_never_ends_is_stopped_and_the_next_is_answered(child):
    child.run(cells("def loop():\n    while True: pass", "def one():\n    return 1"), {})
    assert ask(child, "loop").type == "TimeLimitExceeded"
    assert ask(child, "one").value == 1


@pytest.mark.parametrize("code", ["import os\nos._exit(3)", "import ctypes\nctypes.string_at(0)"])
def test_a_child_that_dies_names_its_cell(child, code):
    with pytest.raises(ChildDied) as death:
        child.run(cells("a = 1", code, "b = 2"), {})
    assert death.value.cell == 2


def test_memory_is_limited(child):
    done, _ = child.run(cells("import numpy as np\nbig = np.ones(4 * 10**9 // 8)", "small = np.ones(10)"), {})
    assert "MemoryError" in done[0].problem
    assert done[1].problem == ""


def test_memory_taken_in_a_call_is_an_error_of_that_call(child):
    child.run(cells("import numpy as np\ndef big():\n    return np.ones(10 * 2**30 // 8)"), {})
    assert ask(child, "big").type == "MemoryError"


def test_the_environment_holds_nothing_of_the_graders(zygote, monkeypatch):
    child = ChildConnection(zygote.address, SubmissionBudget(LIMITS))
    child.run(
        cells("import os\ndef environment():\n    return dict(os.environ)\ndef where():\n    return os.getcwd()"), {}
    )
    names = set(ask(child, "environment").value.items)
    assert names <= {"PATH", "HOME", "TMPDIR", "LANG", "MPLBACKEND", "COLUMNS", "LINES"} | {
        name for name in names if name.startswith(("TF_", "KMP_", "XLA_", "TF2_"))
    }
    assert ask(child, "where").value == "/tmp"
    child.close()


def test_without_isolation_the_scratch_folder_vanishes_with_the_child():
    with Zygote("none") as own:
        child = ChildConnection(own.address, SubmissionBudget(LIMITS))
        child.run(cells("import os\ndef where():\n    return os.getcwd()"), {})
        scratch = Path(ask(child, "where").value)
        assert scratch.is_dir()
        child.close()
        assert gone(lambda: not scratch.exists())


def test_hanging_up_ends_the_child_and_what_it_started(zygote):
    """Not even leaving the session helps. Without isolation, because only there another process can be started."""
    with Zygote("none") as own:
        child = ChildConnection(own.address, SubmissionBudget(LIMITS))
        child.run(
            cells(
                "import os, subprocess\n"
                "other = subprocess.Popen(['sleep', '600'])\n"
                "def pids():\n    return [os.getpid(), other.pid]"
            ),
            {},
        )
        pids = ask(child, "pids").value.items
        child.close()
        assert gone(lambda: not any(alive(pid) for pid in pids))


def test_hanging_up_ends_an_isolated_child_that_left_its_session(zygote):
    child = ChildConnection(zygote.address, SubmissionBudget(LIMITS))
    child.run(cells("import os, signal\nos.setsid()\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)"), {})
    found = below(zygote)
    assert len(found) >= 2
    child.close()
    assert ended(found)


def test_children_do_not_see_each_other(zygote):
    one, other = (
        ChildConnection(zygote.address, SubmissionBudget(LIMITS)),
        ChildConnection(zygote.address, SubmissionBudget(LIMITS)),
    )
    one.run(cells("import keras\nkeras.secret = 1\ndef seen():\n    return hasattr(keras, 'secret')"), {})
    other.run(cells("import keras\ndef seen():\n    return hasattr(keras, 'secret')"), {})
    assert ask(one, "seen").value is True
    assert ask(other, "seen").value is False
    one.close()
    other.close()


def test_a_child_that_writes_into_the_pipe_is_not_believed(child):
    """It finds the socket among its descriptors and sends a frame that claims to be an answer."""
    code = (
        "import os, stat\n"
        "for number in range(3, 64):\n"
        "    try:\n"
        "        if stat.S_ISSOCK(os.fstat(number).st_mode): os.write(number, b'\\x00\\x00\\x00\\x03abc')\n"
        "    except OSError: pass\n"
    )
    with pytest.raises(ChildDied, match="nobody had asked for"):
        child.run(cells(code, "b = 2"), {})


def test_text_that_is_no_unicode_ends_nothing(child):
    done, _ = child.run(cells("raise ValueError('\\ud800')", "def fail():\n    raise KeyError('\\ud800')"), {})
    assert "ValueError" in done[0].problem
    assert ask(child, "fail").type == "KeyError"


def test_training_is_cut_to_a_step(child):
    code = (
        "import keras, numpy as np\n"
        "m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])\n"
        "m.compile('sgd', 'mse')\n"
        "h = m.fit(np.zeros((100000, 4)), np.zeros((100000, 2)), epochs=1000, validation_split=0.5)\n"
        "def epochs():\n    return len(h.history['loss'])"
    )
    done, _ = child.run(cells(code), {})
    assert done[0].problem == ""
    assert "cut to one training step" in done[0].notes[0]
    assert ask(child, "epochs").value == 1


def test_a_zygote_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with Zygote("none") as broken, pytest.raises(SandboxError, match="autograder doctor"):
        broken.wait()


def test_closing_the_zygote_ends_its_children():
    with Zygote() as own:
        child = ChildConnection(own.address, SubmissionBudget(LIMITS))
        child.run(cells("a = 1"), {})
        found = below(own)
        assert len(found) == 2
    assert ended(found)
    child.close()


def below(zygote):
    """The processes that a zygote has started: guards, and those inside."""
    return psutil.Process(zygote.pid).children(recursive=True)


def ended(processes):
    return gone(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes))


def alive(pid):
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(condition, seconds=20):
    """Wait until a condition holds, at most some seconds: another process has to act first."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        signal.sigtimedwait([], 0.02)
    return True


FORBID = {"f": ["xml.dom", "keras", "numpy.convolve"], "g": ["keras"]}


@pytest.mark.parametrize(
    ("source", "use"),
    [
        ("from xml.dom.minidom import parseString as p\ndef f(x): return p('<a/>').toxml()", "xml.dom"),
        ("import importlib\nk = importlib.import_module('ke' + 'ras')\ndef f(x): return k.ops.relu(x)", "keras"),
        ("import sys\ndef f(x): return sys.modules['ke' + 'ras'].ops.relu(x)", "keras"),
        ("import numpy as np\ndef f(x): return getattr(np, 'con' + 'volve')([x], [x])", "numpy.convolve"),
        ("import tensorflow as tf\ndef f(x): return tf.keras.ops.relu(x)", "keras"),
        ("import sys\nsys.setprofile = lambda watch: None\nimport keras as k\ndef f(x): return k.ops.relu(x)", "keras"),
        ("def f(x):\n    import keras\n    keras.ops.relu(x)\n    while True: pass", "keras"),
    ],
)  # fmt: skip
def test_what_a_function_may_not_use_is_found_in_the_child(child, source, use):
    child.run(cells(source), {}, forbid=FORBID)
    answer = ask(child, "f", 3)
    assert isinstance(answer, messages.ForbiddenResponse)
    assert use in " ".join(answer.uses)


def test_what_it_may_use_and_what_others_use_is_not(child):
    source = "import numpy as np\nimport keras\ndef f(x): return int(np.dot(x, x))\ndef h(x): return keras.ops.relu(x) is None"
    child.run(cells(source), {}, forbid=FORBID)
    assert ask(child, "f", 3).value == 9
    assert ask(child, "h", 3).value is False

"""The zygote starts when it is needed, and opens when isolation has been proved."""

import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.sandbox.client.connection import ChildConnection, SandboxError
from autograder.sandbox.client.submission_budget import SubmissionBudget
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import select_isolation
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.limits import Limits

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def hidden(tmp_path):
    (tmp_path / "secret").write_text("secret")
    return {"a secret": tmp_path / "secret", "a folder": tmp_path}


def test_it_starts_with_the_first_child_and_proves_isolation_first(hidden):
    with Zygote(hidden=hidden) as zygote:
        time.sleep(0.3)
        assert not zygote.started
        child = ChildConnection(zygote.address, SubmissionBudget(Limits()))
        done, _ = child.run([messages.CellSource(1, "a = 1")], {})
        assert done[0].problem == ""
        assert zygote.proof.holds
        assert {"read a secret", "write to a folder", "start a program"} <= set(zygote.proof.reached)
        child.close()


def test_what_is_never_needed_is_never_started(hidden):
    with Zygote(hidden=hidden) as zygote:
        pass
    assert not zygote.started


def test_isolation_that_does_not_hold_runs_nobody_s_code():
    """The hidden path is inside a folder that Python needs."""
    begun = time.monotonic()
    with Zygote(hidden={"Python's packages": Path(sys.prefix)}) as zygote:
        child = ChildConnection(zygote.address, SubmissionBudget(Limits()))  # it waits for the zygote
        with pytest.raises(SandboxError, match="it can read Python's packages"):
            zygote.wait()
        with pytest.raises(SandboxError, match="set up"):
            child.run([messages.CellSource(1, "a = 1")], {})
        with pytest.raises(SandboxError):  # and the same again
            zygote.wait()
        child.close()
    assert time.monotonic() - begun < 120


def test_without_isolation_the_probe_reaches_what_is_there(hidden):
    """The probe can fail: it does where nothing is in its way."""
    from autograder.sandbox.client.proof import prove

    with Zygote("none") as zygote:
        zygote.start()
        zygote.wait()
        proof = prove(zygote.address, zygote.address, "", hidden)
    assert not proof.holds
    found = {name for name, what in proof.reached.items() if what}
    assert {
        "reach a port of this machine by TCP",
        "send to a port of this machine by UDP",
        "reach the zygote by its Unix socket",
        "read a secret",
        "write to a folder",
        "see another process",
        "start a program",
        "start a process",
        "hold memory that no limit counts",
        "take as much memory as it likes",
    } <= found


def test_a_proof_of_nothing_is_refused(tmp_path):
    from autograder.sandbox.client.proof import prove

    with pytest.raises(ValueError, match="found none"):
        prove("nowhere", "nowhere", "", {"the rubric": tmp_path / "missing"})


def test_a_machine_without_isolation_is_told(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.isolation.selection.unavailable_reason", lambda kind: "not on this machine")
    with Zygote() as zygote:
        assert zygote.expected_isolation == "namespaces"
        zygote.start()  # before it is known; it serves nobody
        with pytest.raises(SandboxError, match="--isolation none"):
            zygote.wait()
        assert "--isolation none" in str(zygote.failure)
    with Zygote("bubblewrap") as zygote, pytest.raises(SandboxError, match="bubblewrap: not on this machine"):
        assert zygote.isolation
    assert select_isolation("none") == "none"


def test_one_that_was_started_for_another_isolation_is_started_again(monkeypatch):
    """Namespaces are expected; by the time that they have been tried, the process is importing Keras."""
    monkeypatch.setattr("autograder.sandbox.client.zygote_process.select_isolation", lambda asked: slow_none())
    tried = threading.Event()

    def slow_none():
        tried.wait(30)
        return "none"

    with Zygote() as zygote:
        zygote.start()
        first = zygote.pid
        tried.set()
        zygote.wait()
        assert zygote.isolation == "none"
        assert zygote.pid != first
        child = ChildConnection(zygote.address, SubmissionBudget(Limits()))
        done, _ = child.run([messages.CellSource(1, "a = 1")], {})
        assert done[0].problem == ""
        child.close()

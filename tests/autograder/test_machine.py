import subprocess

import pytest

from autograder import machine


def test_memory_is_in_gigabytes():
    available, total = machine.memory_gb()
    assert 0 < available <= total < 100_000


def test_elsewhere_than_linux_there_is_none(monkeypatch):
    monkeypatch.setattr(machine.sys, "platform", "darwin")
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")
    assert machine.isolation() == {"isolation": "none on Darwin: use a container"}


def test_linux_names_every_means(monkeypatch):
    monkeypatch.setattr(machine.sys, "platform", "linux")
    monkeypatch.setattr(machine, "_status_has", lambda field: field == "Seccomp:")
    monkeypatch.setattr(machine, "_landlock", lambda: "version 4")
    monkeypatch.setattr(machine, "_user_namespaces", lambda: "no (refused)")
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    found = machine.isolation()
    assert found["user namespaces"] == "no (refused)"
    assert found["bubblewrap"].startswith("not installed")
    assert (found["seccomp"], found["Landlock"]) == ("yes", "version 4")


@pytest.mark.parametrize(
    ("command", "answer"),
    [(["true"], "yes"), (["sh", "-c", "echo Operation not permitted >&2; exit 1"], "no (Operation not permitted)")],
)
def test_a_means_that_is_tried_says_what_happened(command, answer):
    assert machine._try(command) == answer


def test_a_means_that_hangs_is_a_no(monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(machine.subprocess, "run", run)
    assert machine._try(["true"]) == "no (TimeoutExpired)"

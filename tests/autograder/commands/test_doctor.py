"""`autograder doctor`: the report and its exit status."""

import io

from click.testing import CliRunner
from rich.console import Console

from autograder.commands import doctor
from autograder.commands.cli import main
from autograder.commands.diagnosis import Diagnosis
from autograder.commands.doctor import print_report

GIT = Diagnosis("git", True, "/usr/bin/git")


def report(findings):
    text = io.StringIO()
    status = print_report(findings, Console(file=text, width=200))
    return status, text.getvalue()


def test_a_necessary_failure_is_told_with_its_remedy_and_exit_1():
    status, text = report([Diagnosis("git", True, "/usr/bin/git"), Diagnosis("Keras", False, "absent", "make env")])
    assert status == 1
    assert "✗ fails" in text
    assert "Keras: make env" in text
    assert "Not ready to grade: Keras." in text


def test_what_is_not_necessary_never_stops():
    status, text = report([Diagnosis("git", False, "absent", "install it", necessary=False)])
    assert (status, "! note" in text, "git: install it" in text) == (0, True, True)


def test_details_are_shown_as_they_are_not_as_markup():
    assert "[bold]x[/]" in report([Diagnosis("a", True, "[bold]x[/]")])[1]


def test_the_command_exits_with_the_reports_status(monkeypatch):
    monkeypatch.setattr(doctor, "diagnose", lambda _: [GIT])
    done = CliRunner().invoke(main, ["doctor"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Ready to grade.")
    monkeypatch.setattr(doctor, "diagnose", lambda _: [GIT, Diagnosis("Keras", False, "absent", "make env")])
    done = CliRunner().invoke(main, ["doctor"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (1, "Not ready to grade: Keras.")

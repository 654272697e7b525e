"""`autograder audit`: what it prints, writes and exits with."""

import pytest
from click.testing import CliRunner

from autograder.commands import audit as command_audit
from autograder.commands.cli import main


class Given:
    """A campaign whose outcome is given."""

    def __init__(self, audit):
        self.result = audit
        self.total = len(audit.verdicts)
        self.library = type("Library", (), {"assignment": audit.assignment})

    def run(self):
        yield from self.result.verdicts

    def audit(self):
        return self.result


@pytest.fixture
def run(monkeypatch, tmp_path):
    def start(audit, *arguments):
        monkeypatch.setattr(command_audit, "Campaign", lambda *_, **__: Given(audit))
        result = CliRunner().invoke(main, ["audit", "--output", str(tmp_path / "audit"), *arguments])
        return result, tmp_path / "audit"

    return start


def test_a_right_rubric(run, good_audit):
    result, folder = run(good_audit, "mnist_convnet")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "3 mutants caught, 0 survived; 1 equivalents accepted, 0 refused; 0 collateral losses"
    )
    assert "Every wrong answer is caught" in (folder / "mnist_convnet.html").read_text(encoding="utf-8")


def test_a_rubric_with_faults(run, bad_audit):
    result, _ = run(bad_audit, "mnist_convnet")
    assert result.exit_code == 1
    assert "✗ mutant lives_on survives one.first" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("2 mutants caught, 1 survived;")


def test_an_unknown_assignment(run, good_audit):
    result, _ = run(good_audit, "mnist")
    assert result.exit_code == 2
    assert "no assignment 'mnist'" in result.stderr


def test_a_rubric_that_cannot_be_audited(monkeypatch, good_audit):
    class Refused(Given):
        def run(self):
            raise command_audit.ReferenceRefused("the reference solution of small loses one.first: no")
            yield

    monkeypatch.setattr(command_audit, "Campaign", lambda *_, **__: Refused(good_audit))
    result = CliRunner().invoke(main, ["audit", "mnist_convnet"])
    assert result.exit_code == 1
    assert "could not be audited: the reference solution of small loses one.first" in result.stderr

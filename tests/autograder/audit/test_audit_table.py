"""The audit on the terminal: a row a check, and every fault by name."""

import io

from rich.console import Console

from autograder.audit.audit_table import print_audit


def printed(audit, terminal=False):
    text = io.StringIO()
    print_audit(audit, Console(file=text, force_terminal=terminal, width=100, no_color=True))
    return text.getvalue()


def test_in_a_log(good_audit):
    lines = printed(good_audit).splitlines()
    assert lines[0].split("\t")[:4] == ["check", "mutants", "caught", "survived"]
    assert lines[1:] == [f"{check}\t1\t1\t0\t1 of 1\t0" for check in good_audit.checks]


def test_faults_are_named(bad_audit):
    text = printed(bad_audit)
    assert "one.first\t2\t1\t1\t0 of 1\t0" in text
    assert "two.only\t0\t0\t0\t0 of 0\t2" in text
    assert "✗ two.only: no mutant has to fail it" in text
    assert "✗ mutant lives_on survives one.first" in text
    assert "✗ equivalent right_but_refused is refused by two.only" in text


def test_on_a_terminal(good_audit):
    text = printed(good_audit, terminal=True)
    assert "small: 3 mutants caught" in text
    assert "one.second" in text

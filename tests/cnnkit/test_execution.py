"""The kit knows who runs a notebook; the notebook's environment does not say it of this kit's own grader."""

import os

from cnnkit import execution


def test_nbgrader_is_known_by_its_variable(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert execution.runs_under_nbgrader()
    assert execution.runs_under_a_grader()


def test_the_kits_own_grader_sets_no_variable(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(execution, "_is_graded", False)
    before = dict(os.environ)
    assert not execution.runs_under_a_grader()
    execution.note_grading()
    assert execution.runs_under_a_grader()
    assert not execution.runs_under_nbgrader()
    assert dict(os.environ) == before

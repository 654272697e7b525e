"""Tables and lists of `autograder grade`, on results that were made for them; no submission is run."""

import csv

import pytest
from click.testing import CliRunner

from autograder.commands import grade
from autograder.grading.pool import TaskResult
from autograder.results.scorecard import Scorecard, encode_card
from autograder.results.store import ResultStore

NAME = "mnist_convnet"


def card(student, **fields):
    digests = {"submission": "sha256:1", "rubric": "sha256:2", "kit": "1"}
    return Scorecard(assignment=NAME, student=student, status="graded", score=0.0, max_score=22.0, **digests, **fields)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run(cards, former=())`: the command's result where grading gives these cards and there are others of before."""

    def command(cards, former=(), folders=(), *options):
        for student in [*(card.student for card in cards), *folders]:
            (tmp_path / "submitted" / student / NAME).mkdir(parents=True)
        store = ResultStore(tmp_path / "graded", NAME)
        for one in [*cards, *former]:
            folder = store.folder / one.student
            folder.mkdir(parents=True)
            store.card_path(one.student).write_bytes(encode_card(one))
        monkeypatch.setattr(grade, "grade_class", lambda *_, **__: iter([TaskResult(c.student, c) for c in cards]))
        arguments = [NAME, "--submitted", str(tmp_path / "submitted"), "--output", str(tmp_path / "graded")]
        return CliRunner().invoke(grade.grade_command, [*arguments, "--no-gradebook", *options], catch_exceptions=False)

    return command


def test_students_of_whom_work_was_left_aside_are_listed(run):
    aside = ["Work in toy.zip was set aside: build_convnet differs.", "The archive a.7z was not unpacked."]
    lines = run([card("s01"), card("s02", left_aside=aside)]).stdout.splitlines()
    assert [line for line in lines if line.startswith("Set aside")] == [f"Set aside: s02: {' '.join(aside)}"]
    assert next(line for line in lines if line.startswith("s02")).endswith("work was set aside; all passed")


def test_students_without_a_submission_any_more_are_named(run):
    found = run([card("s01")], former=[card("lk2"), card("lk1")])
    assert "Kept in grades.csv without a submission: lk1, lk2." in found.stdout.splitlines()


def test_of_a_class_that_is_all_there_nobody_is_named(run):
    assert "Kept in" not in run([card("s01")]).stdout


def test_the_table_begins_with_a_byte_order_mark(run, tmp_path):
    run([card("Müller, Jürgen")])
    data = (tmp_path / "graded" / NAME / "grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfstudent,")
    assert [row["student"] for row in csv.DictReader(data.decode("utf-8-sig").splitlines())] == ["Müller, Jürgen"]


def test_a_folder_that_begins_with_a_dot_is_named(run):
    found = run([card("s01")], (), [".leading_dot"])
    assert found.exit_code == 1
    assert "not graded: .leading_dot: the folder's name begins with a dot" in found.stderr

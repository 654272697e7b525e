"""Summary of the training records of a class, as `autograder grade` prints it."""

from dataclasses import replace

import pytest

from autograder.commands.grade import _print_verdicts
from autograder.results.scorecard import RecordVerdict, Scorecard
from autograder.results.staging import commit_files
from autograder.results.store import ResultStore
from cnnkit.recording.schema import TrainingRecord

RECORD = TrainingRecord("adam", {"loss": [1.0, 0.5]}, student="s01", seconds=60.0, initial="sha256:" + "1" * 64)
OPEN = {"verdict": "inconclusive", "reason": "It is open."}


@pytest.fixture
def summary(tmp_path, capsys):
    """`summary({student: (record, verdict)})`: the lines that are printed."""
    store = ResultStore(tmp_path, "mnist_convnet")

    def of(class_records):
        for student, (record, verdict) in class_records.items():
            card = Scorecard(
                assignment="mnist_convnet",
                student=student,
                status="graded",
                score=0.0,
                max_score=22.0,
                training={"adam": verdict},
                submission="sha256:" + "0" * 64,
                rubric="",
                kit="1.0.0",
            )
            commit_files(store.stage(card, "", {"adam": record}))
        _print_verdicts(store)
        return capsys.readouterr().out.splitlines()

    return of


def test_open_records_are_counted_by_what_they_lack(summary):
    no_weights = RecordVerdict(**OPEN, open="no weights handed in")
    typed = RecordVerdict(**OPEN, open="made by something else")
    verdicts = [no_weights, no_weights, typed, RecordVerdict(verdict="verified")]
    records = {
        f"s{number}": (
            replace(RECORD, student=f"s{number}", history={"loss": [1.0 + number, 0.5]}, initial=""),
            verdict,
        )
        for number, verdict in enumerate(verdicts)
    }
    assert summary(records) == [
        "Training records: 1 verified, 3 inconclusive (2 no weights handed in, 1 made by something else)."
    ]


def test_copies_with_their_student_id_are_one_line_and_named(summary):
    verdict = RecordVerdict(verdict="verified")
    lines = summary({f"folder{number}": (RECORD, verdict) for number in range(3)})
    assert lines == [
        "Training records: 3 verified.",
        "  student ids: the notebook says s01, the folder is folder0 (and 2 more like it)",
        "  alike: folder0, folder1 and folder2 share records of adam under one student id, s01",
    ]

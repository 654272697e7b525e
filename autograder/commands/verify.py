"""`autograder verify`: one student's training records, looked at closely."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from autograder.course.config import Course, CourseError
from autograder.grading.pool import submitting_students
from autograder.intake import read_submission
from autograder.intake.submission import Submission, Ungradable
from autograder.records.examiner import ExaminerClient
from autograder.records.verdicts import verdicts
from autograder.sandbox.client.connection import SandboxError
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.recording.schema import TrainingRecord
from cnnkit.text import one_line


def verify_command(course: Course, name: str, *, student: str, submitted: Path, full: bool) -> None:
    """Carry the command out and exit: 0 no record is contradicted, 1 one is, 2 the call is wrong."""
    submission = _submission(course, name, student, submitted)
    if not submission.records:
        click.echo(f"There are no training records in {submission.folder}.")
        return
    try:
        with Zygote() as zygote, ExaminerClient(lambda: zygote.address) as examiner:
            zygote.wait()
            others = set(submitting_students(submitted, name)) - {student}
            found = verdicts(
                submission.records,
                submission.weights,
                examiner,
                assignment=name,
                student=student,
                is_classmate=others.__contains__,
                replays="all",
            )
    except SandboxError as error:
        raise click.ClickException(str(error)) from error
    for run, said in found.items():
        click.echo(f"{one_line(run, 40)}: {said.verdict}. {one_line(said.reason, 1_000)}")
    bad = any(said.verdict == "contradicted" for said in found.values())
    if full:
        bad |= not all([_retrained(record) for record in submission.records.values()])
    sys.exit(1 if bad else 0)


def _submission(course: Course, name: str, student: str, submitted: Path) -> Submission:
    try:
        course.assignment(name)
        return read_submission(submitted.resolve() / student / name, name, student, course)
    except CourseError as error:
        raise click.UsageError(str(error)) from error
    except Ungradable as reason:
        raise click.UsageError(str(reason)) from reason


def _retrained(record: TrainingRecord) -> bool:
    """Train a run again and show it beside the record; whether it is the same training, or cannot be made."""
    from autograder.records.course_data import UnknownData
    from autograder.records.judge import reason_not_examinable
    from autograder.records.rebuild import CannotRebuild
    from autograder.records.retrain import SAME_ON_ANOTHER_MACHINE, retrain

    run = one_line(record.run, 40)
    if (reason := reason_not_examinable(record)) is not None:
        click.echo(f"\n{run}: cannot be trained again. {reason}")
        return True
    click.echo(f"\n{run}, trained again:\n{'epoch':>7}{'loss':>10}{'recorded':>10}{'val_loss':>10}{'recorded':>10}")

    def tell(epoch: int, metrics: Mapping[str, float]) -> None:
        numbers = [n for name in ("loss", "val_loss") for n in (metrics[name], record.history[name][epoch - 1])]
        click.echo(f"{epoch:7}" + "".join(f"{number:10.4f}" for number in numbers))

    try:
        result = retrain(record, tell)
    except (CannotRebuild, UnknownData) as error:
        click.echo(f"{run}: cannot be trained again: {error}")
        return True
    click.echo(f"{run}: {result.words}.")
    return result.apart <= SAME_ON_ANOTHER_MACHINE

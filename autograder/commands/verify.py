"""`autograder verify`: check one student's training records by replaying or repeating every run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from autograder.commands.options import submitted_option, with_course
from autograder.course.config import Course
from autograder.grading.pool import submitting_students
from autograder.intake.bounded import read_bounded
from autograder.intake.submission import Submission, Ungradable
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.verdicts import verdicts
from autograder.sandbox.client.zygote_process import Zygote
from cnnkit.recording.schema import TrainingRecord
from cnnkit.text import one_line


@click.command("verify")
@click.argument("name")
@click.option("--student", required=True, metavar="ID", help="The student whose records are checked.")
@submitted_option
@click.option("--full", is_flag=True, help="Train every run again and compare epoch by epoch. Takes as long as it did.")
@with_course
def verify_command(course: Course, name: str, student: str, submitted: Path, full: bool) -> None:
    """Check the training records of one student: replay the first steps of every run, or train it again.

    Exit status: 0 no record is contradicted; 1 one is; 2 the call is wrong.
    """
    submission = _submission(course, name, student, submitted)
    if not submission.records:
        click.echo(f"There are no training records in {submission.folder}.")
        return
    with Zygote(services=SERVICES) as zygote, ExaminerClient(lambda: zygote.address) as examiner:
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
    for run, verdict in found.items():
        click.echo(f"{one_line(run, 40)}: {verdict.verdict}. {one_line(verdict.reason, 1_000)}")
    bad = any(verdict.verdict == "contradicted" for verdict in found.values())
    if full:
        bad |= not all([_matches_training(record) for record in submission.records.values()])
    sys.exit(1 if bad else 0)


def _submission(course: Course, name: str, student: str, submitted: Path) -> Submission:
    """Read the submission.

    Raises:
        CourseError: there is no such assignment.
        click.UsageError: there is no submission, or it cannot be read.
    """
    course.assignment(name)
    try:
        return read_bounded(submitted.resolve() / student / name, name, student, course)
    except Ungradable as reason:  # `grade` carries on with the next student; here there is none
        raise click.UsageError(str(reason)) from reason


def _matches_training(record: TrainingRecord) -> bool:
    """Train a run again and print both.

    Returns:
        False if the two differ; True if they agree or the run cannot be trained again.
    """
    from autograder.records.course_data import UnknownData
    from autograder.records.judge import reason_not_examinable
    from autograder.records.rebuild import CannotRebuild
    from autograder.records.retrain import SAME_ON_ANOTHER_MACHINE, retrain

    run = one_line(record.run, 40)
    if (reason := reason_not_examinable(record)) is not None:
        click.echo(f"\n{run}: cannot be trained again. {reason}")
        return True
    click.echo(f"\n{run}, trained again:\n{'epoch':>7}{'loss':>10}{'recorded':>10}{'val_loss':>10}{'recorded':>10}")

    def print_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        numbers = [n for name in ("loss", "val_loss") for n in (metrics[name], record.history[name][epoch - 1])]
        click.echo(f"{epoch:7}" + "".join(f"{number:10.4f}" for number in numbers))

    try:
        result = retrain(record, print_epoch)
    except (CannotRebuild, UnknownData) as error:
        click.echo(f"{run}: cannot be trained again: {error}")
        return True
    click.echo(f"{run}: {result.words}.")
    return result.apart <= SAME_ON_ANOTHER_MACHINE

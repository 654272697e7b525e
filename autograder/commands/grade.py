"""`autograder grade`: grade a folder of submissions, with progress on stderr and the marks on stdout."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.commands.options import FOLDER, jobs_option, submitted_option, with_course
from autograder.commands.progress_bar import progress
from autograder.course.config import Course
from autograder.grading.pool import TaskResult, grade_class
from autograder.grading.tasks import GradingTask
from autograder.intake.students import Students, find_students
from autograder.report import grades_csv, missing_packages, print_table, similar_groups_csv
from autograder.results.scorecard import Scorecard, card_digest
from autograder.results.store import ResultStore, RunHistory, write_result
from autograder.rubric.run import rubric_folder
from autograder.sandbox.isolation.selection import GIVEN_UP, IsolationChoice
from cnnkit.text import one_line

if TYPE_CHECKING:
    from autograder.records.verdicts import Replays

_CLUSTER = ("tcp://", "tls://")
"""Beginnings of the address of a Dask scheduler."""


@click.command("grade")
@click.argument("name")
@submitted_option
@click.option(
    "--output",
    type=FOLDER,
    default=Path("graded"),
    show_default=True,
    help="Folder for scorecards, feedback and grades.csv.",
)
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may be given several times."
)
@jobs_option("Submissions")
@click.option(
    "--executor",
    default="local",
    show_default=True,
    help=f"`local`, or the address of a Dask scheduler: {' or '.join(f'{begin}HOST:PORT' for begin in _CLUSTER)}.",
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", "namespaces", "bubblewrap", "none"]),
    default="auto",
    show_default=True,
    help="How submissions are kept away from this machine. `auto` never falls back to `none`.",
)
@click.option("--force", is_flag=True, help="Grade again what is up to date.")
@click.option(
    "--replays",
    type=click.Choice(["one", "all"]),
    default="one",
    show_default=True,
    help="How many of a student's training runs are replayed when a submission is graded.",
)
@click.option("--no-gradebook", is_flag=True, help="Leave nbgrader's database alone.")
@with_course
def grade_command(
    course: Course,
    name: str,
    submitted: Path,
    output: Path,
    students: tuple[str, ...],
    jobs: int | None,
    executor: str,
    isolation: IsolationChoice,
    force: bool,
    replays: Replays,
    no_gradebook: bool,
) -> None:
    """Grade the submissions to an assignment: scorecards, feedback, grades.csv, and nbgrader's gradebook.

    What is up to date is not graded again.

    Exit status: 0 all submissions are graded; 1 some could not be graded; 2 the call is wrong; 130 interrupted.
    """
    tasks, everybody = _tasks(course, name, submitted, output, students)
    if executor != "local" and not executor.startswith(_CLUSTER):
        raise click.UsageError(
            f"--executor {executor}: expected `local` or the address of a Dask scheduler, {'... or '.join(_CLUSTER)}..."
        )
    _make_folder(output)
    if isolation == "none":
        click.echo(f"No isolation: {GIVEN_UP}", err=True)
    started = time.perf_counter()
    options: Any = {"force": force, "replays": replays, "isolation": isolation}
    if executor == "local":
        graded = _run(grade_class(course, tasks, jobs=jobs or os.cpu_count() or 1, **options), len(tasks))
    else:
        from autograder.grading.dask_cluster import grade_on_cluster

        graded = _run(grade_on_cluster(course, tasks, executor, **options), len(tasks))
    seconds = time.perf_counter() - started
    bad = _write_results(course, ResultStore(output, name), graded, seconds, None if no_gradebook else submitted)
    bad |= {} if students else everybody.refused
    _print_former(ResultStore(output, name), everybody)
    for student, reason in sorted(bad.items()):
        click.echo(f"not graded: {student}: {reason}", err=True)
    sys.exit(1 if bad else 0)


def _make_folder(output: Path) -> None:
    """Make the folder of the results, before anybody is graded.

    Raises:
        click.UsageError: it cannot be made, or nothing can be written into it.
    """
    try:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        if error.errno == errno.ENOSPC:  # said where it is met, when there is something to write
            return
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise click.UsageError(f"--output {output}: expected a folder that can be written; {reason}") from error


def _write_results(
    course: Course, store: ResultStore, graded: list[TaskResult], seconds: float, submitted: Path | None
) -> dict[str, str]:
    """Write grades.csv, fill the gradebook unless `submitted` is None, and print the marks.

    Returns:
        The reason by student, for those who have no mark.
    """
    fresh = sum(result.fresh for result in graded)
    failures = {result.student: result.failure for result in graded if result.card is None}
    cards = {result.student: result.card for result in graded if result.card is not None}
    write_result(store.grades_path, grades_csv(list(store.cards().values())).encode("utf-8-sig"))
    if submitted is not None:
        failures |= _fill_gradebook(course, store, cards, submitted)
    print_table(list(cards.values()))
    click.echo(f"{fresh} graded in {seconds:.1f} s, {len(graded) - fresh} unchanged since they were graded.")
    _print_left_aside(cards)
    _print_verdicts(store)
    if missing := missing_packages(cards.values()):
        click.echo(missing)
    click.echo(f"Marks: {store.grades_path}   Feedback: {store.folder}/<student>/feedback.html")
    return {student: "; ".join(card.notes) for student, card in cards.items() if card.status == "ungradable"} | failures


def _tasks(
    course: Course, name: str, submitted: Path, output: Path, students: tuple[str, ...]
) -> tuple[list[GradingTask], Students]:
    """List what is to be graded, and all students who have handed something in.

    Raises:
        CourseError, RubricError: there is no such assignment, or it has no rubric.
        click.UsageError: there is no submission, or none of a student who was named.
    """
    course.assignment(name)
    rubric_folder(name)
    if not submitted.is_dir():
        raise click.UsageError(f"there is no folder {submitted}; it should hold <student>/{name}/{name}.ipynb")
    everybody = find_students(submitted, name)
    found, refused = everybody.accepted, everybody.refused
    if named := [f"{student}: {refused[student]}" for student in students if student in refused]:
        raise click.UsageError("; ".join(named))
    if unknown := sorted(set(students) - set(found)):
        raise click.UsageError(f"nothing in {submitted} from: {', '.join(unknown)}")
    if not found and not refused:
        raise click.UsageError(f"no submission found: expected {submitted}/<student>/{name}/{name}.ipynb")
    chosen = [student for student in found if not students or student in students]
    tasks = [GradingTask(name, student, submitted.resolve(), output.resolve()) for student in chosen]
    return tasks, everybody


def _run(results: Iterator[TaskResult], total: int) -> list[TaskResult]:
    """Collect the results, sorted by student, and show progress meanwhile."""
    found: list[TaskResult] = []
    with progress("grading", total) as step:
        for result in results:
            found.append(result)
            step(_line(result), True)
    return sorted(found, key=lambda result: result.student)


def _line(result: TaskResult) -> str:
    if result.card is None:
        return f"{result.student}: could not be graded"
    return f"{result.student}: {_mark(result.card)}{'' if result.fresh else ' (unchanged)'}"


def _mark(card: Scorecard) -> str:
    return "ungradable" if card.score is None else f"{card.score:g} of {card.max_score:g}"


def _print_former(store: ResultStore, everybody: Students) -> None:
    """Name the students who are in grades.csv and have no folder any more."""
    former = sorted(set(store.cards()) - set(everybody.accepted))
    if former:
        names = ", ".join(one_line(student, 60) for student in former[:10])
        more = f" and {len(former) - 10} more" if len(former) > 10 else ""
        click.echo(f"Kept in {store.grades_path.name} without a submission: {names}{more}.")


def _print_left_aside(cards: dict[str, Scorecard]) -> None:
    """Name the students of whom work was handed in that is not graded, or may be."""
    for student, card in cards.items():
        if card.left_aside:
            click.echo(f"Set aside: {one_line(student, 60)}: {one_line(' '.join(card.left_aside), 300)}")


def _print_verdicts(store: ResultStore) -> None:
    """Print the verdicts on the class's training records: their counts, contradicted and similar ones by name."""
    verdicts = [(card.student, run, found) for card in store.cards().values() for run, found in card.training.items()]
    if not verdicts:
        return
    counts = Counter(found.verdict for _, _, found in verdicts)
    kinds = Counter(found.open for _, _, found in verdicts if found.open)
    words = {word: f"{counts[word]} {word}" for word in ("verified", "inconclusive", "contradicted") if counts[word]}
    if kinds:
        words["inconclusive"] += f" ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())})"
    click.echo(f"Training records: {', '.join(words.values())}.")
    for student, run, found in verdicts:
        if found.verdict == "contradicted":
            click.echo(f"  contradicted: {student}, {run}: {found.reason}")
    from autograder.records.similarity import similar_groups  # here, because it imports NumPy

    histories = store.histories()
    if (ids := _named_otherwise(histories)) is not None:
        click.echo(f"  student ids: {ids}")
    groups = similar_groups(histories)
    write_result(store.similar_groups_path, similar_groups_csv(groups).encode())
    for group in groups:
        if group.is_conspicuous:
            click.echo(f"  alike: {group}")


def _named_otherwise(histories: Mapping[str, Mapping[str, RunHistory]]) -> str | None:
    """A sentence about notebooks that name another student than their folder; None if there are none."""
    named = {
        student: sorted({run.student for run in runs.values()} - {"", student}) for student, runs in histories.items()
    }
    other = {student: ids for student, ids in named.items() if ids}
    if not other:
        return None
    student, ids = next(iter(other.items()))
    more = f" (and {len(other) - 1} more like it)" if len(other) > 1 else ""
    return f"the notebook says {', '.join(map(one_line, ids))}, the folder is {student}{more}"


def _fill_gradebook(course: Course, store: ResultStore, cards: dict[str, Scorecard], submitted: Path) -> dict[str, str]:
    """Write the marks that the gradebook lacks into nbgrader's database.

    Returns:
        The reason by student, for those whose mark it refused.

    Raises:
        GradebookError: the database cannot be used.
    """
    from autograder.gradebook.marks import GradebookError, fill_gradebook, gradebook_lock, gradebook_scores

    try:
        with gradebook_lock(course):
            known = gradebook_scores(course, store.assignment)
            new = {
                student: card
                for student, card in cards.items()
                if store.filed_digest(student) != card_digest(card) or known.get(student) != card.score
            }
            if not new:
                return {}
            report = fill_gradebook(course, store.assignment, new, submitted.resolve(), store.mark_filed)
            if report.unsupported:
                names = ", ".join(report.unsupported)
                click.echo(f"Marks were written one by one, by nbgrader itself, because of {names}.", err=True)
            for student, doubt in sorted(report.doubts.items()):
                click.echo(f"no time of submission: {student}: {doubt}", err=True)
            return report.failed
    except GradebookError as error:
        raise GradebookError(f"the scorecards are written, the gradebook is not: {error}") from error

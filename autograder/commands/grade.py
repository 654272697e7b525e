"""`autograder grade`: from a folder of submissions to marks, with progress on stderr and the table on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from autograder.commands.progress_bar import progress
from autograder.course.config import Course, CourseError
from autograder.grading.dask_cluster import PREFIX, grade_on_cluster
from autograder.grading.pool import TaskResult, grade_class, submitting_students
from autograder.grading.tasks import GradingTask
from autograder.records.similarity import similar_pairs
from autograder.records.verdicts import Replays
from autograder.report import grades_csv, print_table, similar_pairs_csv
from autograder.results.scorecard import Scorecard, card_digest
from autograder.results.store import DiskFull, ResultStore, write_result
from autograder.rubric import run as rubric
from autograder.rubric.run import RubricError
from autograder.sandbox.client.connection import SandboxError
from autograder.sandbox.isolation.selection import GIVEN_UP, IsolationChoice


def grade_command(
    course: Course,
    name: str,
    *,
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
    """Carry the command out and exit: 0 all graded, 1 some could not be graded, 2 the call is wrong."""
    tasks = _tasks(course, name, submitted, output, students)
    if executor != "local" and not executor.startswith(PREFIX):
        raise click.UsageError(
            f"--executor {executor}: expected `local` or the address of a Dask scheduler, {PREFIX}..."
        )
    if isolation == "none":
        click.echo(f"No isolation: {GIVEN_UP}", err=True)
    started = time.perf_counter()
    options: Any = {"force": force, "replays": replays, "isolation": isolation}
    try:
        if executor == "local":
            graded = _run(grade_class(course, tasks, jobs=jobs or os.cpu_count() or 1, **options), len(tasks))
        else:
            graded = _run(grade_on_cluster(course, tasks, executor, **options), len(tasks))
        seconds = time.perf_counter() - started
        bad = _hand_over(course, ResultStore(output, name), graded, seconds, None if no_gradebook else submitted)
    except (SandboxError, DiskFull) as error:
        raise click.ClickException(str(error)) from error
    for student, reason in sorted(bad.items()):
        click.echo(f"not graded: {student}: {reason}", err=True)
    sys.exit(1 if bad else 0)


def _hand_over(
    course: Course, store: ResultStore, graded: list[TaskResult], seconds: float, submitted: Path | None
) -> dict[str, str]:
    """Write the class's table, fill the gradebook unless `submitted` is None, and print; who has no mark, and why."""
    fresh = sum(result.fresh for result in graded)
    failures = {result.student: result.failure for result in graded if result.card is None}
    cards = {result.student: result.card for result in graded if result.card is not None}
    write_result(store.grades_path, grades_csv(list(store.cards().values())).encode())
    if submitted is not None:
        failures |= _fill_gradebook(course, store, cards, submitted)
    print_table(list(cards.values()))
    click.echo(f"{fresh} graded in {seconds:.1f} s, {len(graded) - fresh} unchanged since they were graded.")
    _say_verdicts(store)
    click.echo(f"Marks: {store.grades_path}   Feedback: {store.folder}/<student>/feedback.html")
    return {student: "; ".join(card.notes) for student, card in cards.items() if card.status == "ungradable"} | failures


def _tasks(course: Course, name: str, submitted: Path, output: Path, students: tuple[str, ...]) -> list[GradingTask]:
    try:
        course.assignment(name)
        rubric.rubric_folder(name)
    except (CourseError, RubricError) as error:
        raise click.UsageError(str(error)) from error
    if not submitted.is_dir():
        raise click.UsageError(f"there is no folder {submitted}; it should hold <student>/{name}/{name}.ipynb")
    found = submitting_students(submitted, name)
    if unknown := sorted(set(students) - set(found)):
        raise click.UsageError(f"nothing in {submitted} from: {', '.join(unknown)}")
    if not found:
        raise click.UsageError(f"no submission found: expected {submitted}/<student>/{name}/{name}.ipynb")
    chosen = [student for student in found if not students or student in students]
    return [GradingTask(name, student, submitted.resolve(), output.resolve()) for student in chosen]


def _run(results: Iterator[TaskResult], total: int) -> list[TaskResult]:
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


def _say_verdicts(store: ResultStore) -> None:
    """What became of the training records: how many are what they say, and which a person should look at."""
    verdicts = [(card.student, run, said) for card in store.cards().values() for run, said in card.training.items()]
    if not verdicts:
        return
    counts = Counter(said.verdict for _, _, said in verdicts)
    told = ", ".join(f"{counts[word]} {word}" for word in ("verified", "inconclusive", "contradicted") if counts[word])
    click.echo(f"Training records: {told}.")
    for student, run, said in verdicts:
        if said.verdict == "contradicted":
            click.echo(f"  contradicted: {student}, {run}: {said.reason}")
    pairs = similar_pairs(store.trainings())
    write_result(store.alike_path, similar_pairs_csv(pairs).encode())
    for pair in pairs:
        if not pair.same_id:
            click.echo(f"  alike: {pair}")


def _fill_gradebook(course: Course, store: ResultStore, cards: dict[str, Scorecard], submitted: Path) -> dict[str, str]:
    """Put the marks that the gradebook does not have into nbgrader's database; whom it refused, and why."""
    from autograder.gradebook.marks import GradebookError, fill_gradebook, gradebook_lock, gradebook_scores

    try:
        with gradebook_lock(course):
            known = gradebook_scores(course, store.assignment)
            new = {
                student: card
                for student, card in cards.items()
                if store.filed(student) != card_digest(card) or known.get(student) != card.score
            }
            return fill_gradebook(course, store.assignment, new, submitted.resolve(), store.file).failed if new else {}
    except GradebookError as error:
        raise click.ClickException(f"the scorecards are written, the gradebook is not: {error}") from error

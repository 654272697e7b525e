"""Measure filling nbgrader's gradebook for classes of any size, on SQLite or PostgreSQL.

Usage: python benchmarks/gradebook.py [--students 60 300 ...] [--database sqlite|postgresql] [--own-conversion]
                                      [--rows-only]

Nothing is run: the scorecards are drawn, for submissions with three training records each. A line for each size and
step: all marks for the first time, all marks again after a change of every scorecard, and reading them. PostgreSQL is a
server of its own, whose time is not that of this process and stands beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from unittest import mock

import psutil
from postgresql_server import postgresql_server
from sample_class import NAME, make_class

from autograder.course.config import Course, load_course
from autograder.gradebook import batch_conversion, marks
from autograder.gradebook.graded_notebook import GradedNotebook
from autograder.intake import submission_digest
from autograder.results.scorecard import CheckResult, Scorecard

ROOT = Path(__file__).resolve().parents[1]
DISTINCT = 50
"""Number of different notebooks in a class; the others are links to them."""
CHECKS = 4
"""Checks of each exercise."""


def link_class(course: Course, folder: Path, students: int) -> Path:
    """Make `folder`/submitted with notebooks that have training records, and link them for all other students."""
    trained = folder / "trained"
    trained.mkdir(parents=True)
    (trained / "records").symlink_to(ROOT / "examples/class" / NAME / "s01")
    submitted = folder / "submitted"
    make_class(course, submitted, min(students, DISTINCT), trained, weights=False)
    for number in range(DISTINCT, students):
        target = submitted / f"b{number:04}" / NAME
        target.mkdir(parents=True)
        source = submitted / f"b{number % DISTINCT:04}" / NAME / f"{NAME}.ipynb"
        (target / source.name).hardlink_to(source)
    return submitted


def draw_cards(course: Course, submitted: Path, students: int, draw: random.Random) -> dict[str, Scorecard]:
    """A scorecard for each student, with marks drawn at random."""
    assignment = course.assignment(NAME)
    digests = [submission_digest(submitted / f"b{n:04}" / NAME) for n in range(min(students, DISTINCT))]
    cards = {}
    for number in range(students):
        checks = [_check(exercise, part, points, draw) for exercise, points in assignment.points.items()
                  for part in range(CHECKS)]  # fmt: skip
        student = f"b{number:04}"
        cards[student] = Scorecard(
            assignment=NAME,
            student=student,
            status="graded",
            score=sum(check.points for check in checks),
            max_score=assignment.max_score,
            checks=checks,
            submission=digests[number % DISTINCT],
            rubric="sha256:drawn",
            kit="0",
        )
    return cards


def _check(exercise: str, part: int, points: float, draw: random.Random) -> CheckResult:
    passed, worth = draw.random() < 0.7, points / CHECKS
    return CheckResult(
        id=f"{exercise}.part_{part}",
        exercise=exercise,
        points=worth if passed else 0.0,
        max_points=worth,
        outcome="passed" if passed else "failed",
        message="" if passed else f"Expected {part} of `{exercise}`, found something else. " * 3,
        hint="" if passed else "Look at the specification above the cell again.",
    )


class Watch:
    """Context manager that prints what the block takes, by student, in its first half and in its second."""

    def __init__(self, step: str, students: int, server: psutil.Process | None) -> None:
        self._step, self._students, self._server = step, students, server
        self._moments: list[float] = []

    def stored(self, _: Scorecard) -> None:
        """Note the time; to be called for each student whose mark is stored."""
        self._moments.append(time.process_time())

    def __enter__(self) -> Self:
        self._begun = self._spent()
        self._moments = [self._begun[1]]
        return self

    def __exit__(self, *_: object) -> None:
        wall, own, others = (now - before for now, before in zip(self._spent(), self._begun, strict=True))
        moments, ends = self._moments, ""
        if len(moments) > self._students:
            half = self._students // 2
            first, second = moments[half] - moments[0], moments[-1] - moments[half]
            ends = f"; first half {first / half:.4f} s, second half {second / (self._students - half):.4f} s each"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(
            f"{self._students} students, {self._step}: {own:.2f} s of CPU ({own / self._students:.4f} s each), "
            f"server {others:.2f} s, wall {wall:.2f} s{ends}; peak {peak:.0f} MB",
            flush=True,
        )

    def _spent(self) -> tuple[float, float, float]:
        """Wall time, processor time of this process, and that of the server."""
        others = 0.0
        for one in [self._server, *self._server.children()] if self._server else []:
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                others += times.user + times.system
                others += times.children_user + times.children_system if one is self._server else 0
        return time.perf_counter(), time.process_time(), others


def fill(course: Course, cards: dict[str, Scorecard], submitted: Path, watch: Watch) -> None:
    """Fill the gradebook.

    Raises:
        SystemExit: a mark was not stored.
    """
    report = marks.fill_gradebook(course, NAME, cards, submitted, watch.stored)
    if report.failed:
        raise SystemExit(f"not written into the gradebook: {report.failed}")


def rows_alone(card: Scorecard, course: Course, directory: Any, config: Any) -> GradedNotebook:
    """What the database takes of a submission, made from its scorecard alone."""
    return GradedNotebook(
        student=card.student,
        folder=course.root,
        timestamp=None,
        content=b"",
        scores={exercise: sum(check.points for check in checks) for exercise, checks in card.exercises().items()},
        comments={f"{exercise}_solution": None for exercise in card.exercises()},
    )


def measure(students: int, server: psutil.Process | None, folder: Path, *, own_conversion: bool, rows: bool) -> None:
    """Measure a class of a size, in an empty database."""
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("assignments", "solutions"):
        (folder / name).symlink_to(ROOT / name)
    course, draw = load_course(folder), random.Random(0)
    submitted = folder / "submitted" if rows else link_class(course, folder, students)
    cards = draw_cards(course, submitted, students, draw)
    marks.fill_gradebook(course, NAME, {}, submitted)
    with Watch("first", students, server) as watch:
        fill(course, cards, submitted, watch)
    cards = draw_cards(course, submitted, students, draw)
    with Watch("all changed", students, server) as watch:
        fill(course, cards, submitted, watch)
    if own_conversion:
        with mock.patch.object(marks, "unsupported_settings", return_value=["c.Autograde.post_convert_hook"]):
            cards = draw_cards(course, submitted, students, draw)
            with Watch("all changed, by nbgrader's own conversion", students, server) as watch:
                fill(course, cards, submitted, watch)
    with Watch("reading all marks", students, server) as watch:
        marks.gradebook_scores(course, NAME)


def main() -> None:
    """Measure the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--own-conversion", action="store_true", help="measure nbgrader's own conversion too")
    parser.add_argument("--rows-only", action="store_true", help="neither read nor write notebooks")
    options = parser.parse_args()
    if options.rows_only:
        mock.patch.object(batch_conversion, "graded_notebook", rows_alone).start()
        mock.patch.object(batch_conversion.BatchConversion, "_write").start()
    for students in options.students:
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            server = None
            os.environ.pop("NBGRADER_DB_URL", None)
            if options.database == "postgresql":
                started = stack.enter_context(postgresql_server())
                os.environ["NBGRADER_DB_URL"], server = started.url, psutil.Process(started.process)
            measure(students, server, Path(folder), own_conversion=options.own_conversion, rows=options.rows_only)


if __name__ == "__main__":
    main()

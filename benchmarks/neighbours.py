"""Measure what greedy submissions cost the others: a class with and without them.

Usage: python benchmarks/neighbours.py [--students 60] [--every 10]

Every tenth student of the class, or as told, hands in right answers behind a cell that uses all it may of something:
processor, memory, output or threads. The class is graded without them, then with them. Printed are the time that they
add, beside the time that their limits allow them, and whether everybody else's scorecard is the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from sample_class import NAME, make_class

from autograder.course.config import Course, load_course
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingTask
from autograder.results.scorecard import Scorecard
from autograder.sandbox.protocol.limits import WALL_FACTOR

ROOT = Path(__file__).resolve().parents[1]
JOBS = 2

GREEDY = {
    "processor": "while True:\n    pass",
    "memory": (
        "held = []\ntry:\n    while True:\n        held.append(b'x' * 20_000_000)\nexcept MemoryError:\n    pass"
    ),
    "output": "while True:\n    print('x' * 10_000)",
    "threads": (
        "import hashlib, threading\n"
        "def spin():\n"
        "    while True:\n"
        "        hashlib.pbkdf2_hmac('sha256', b'x', b'y', 1_000_000)  # several at a time: it lets go of the lock\n"
        "try:\n"
        "    for number in range(10_000):\n"
        "        threading.Thread(target=spin, daemon=True).start()\n"
        "except RuntimeError:\n"
        "    pass"
    ),
}
"""Cells by what they use up."""


def add_cell(notebook: Path, source: str) -> None:
    """Put a code cell behind the first code cell of a notebook."""
    content = json.loads(notebook.read_bytes())
    first = next(number for number, cell in enumerate(content["cells"]) if cell["cell_type"] == "code")
    added: dict[str, Any] = {
        "cell_type": "code",
        "source": source,
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    content["cells"].insert(first + 1, added)
    notebook.write_text(json.dumps(content), encoding="utf-8")


def make_greedy(submitted: Path, students: Sequence[str], every: int = 10) -> dict[str, str]:
    """Make the submission of every so many students greedy: every tenth one's, or as told.

    Returns:
        What each of them uses up, by student.
    """
    kinds = list(GREEDY)
    found = {student: kinds[number % len(kinds)] for number, student in enumerate(students[every - 1 :: every])}
    for student, kind in found.items():
        add_cell(submitted / student / NAME / f"{NAME}.ipynb", GREEDY[kind])
    return found


def graded(
    course: Course, submitted: Path, output: Path, students: Sequence[str]
) -> tuple[float, dict[str, Scorecard]]:
    """Grade some students' submissions.

    Returns:
        Seconds of wall time, and the scorecards by student.

    Raises:
        SystemExit: the grader failed for one of them.
    """
    tasks = [GradingTask(NAME, student, submitted, output) for student in students]
    started = time.perf_counter()
    cards = {}
    for result in grade_class(course, tasks, jobs=JOBS):
        if result.card is None:
            raise SystemExit(f"{result.student} was not graded: {result.failure}")
        cards[result.student] = result.card
    return time.perf_counter() - started, cards


def marks(card: Scorecard) -> Scorecard:
    """A scorecard without the time that it took."""
    return msgspec.structs.replace(card, seconds=0.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--every", type=int, default=10)
    asked = parser.parse_args()
    course = load_course(ROOT)
    limits = course.assignment(NAME).limits
    with tempfile.TemporaryDirectory() as work:
        submitted = Path(work) / "submitted"
        make_class(course, submitted, asked.students, Path(work) / "none", weights=False)
        everybody = submitting_students(submitted, NAME)
        greedy = make_greedy(submitted, everybody, asked.every)
        others = [student for student in everybody if student not in greedy]
        alone, before = graded(course, submitted, Path(work) / "alone", others)
        together, after = graded(course, submitted, Path(work) / "together", everybody)
    changed = [student for student in others if marks(before[student]) != marks(after[student])]
    allowed = len(greedy) * limits.submission_seconds * WALL_FACTOR / JOBS
    print(f"{len(others)} others alone: {alone:.1f} s; with {len(greedy)} greedy ones: {together:.1f} s")
    print(f"added: {together - alone:.1f} s; their limits allow {allowed:.0f} s on {JOBS} workers")
    for kind in GREEDY:
        spent = [after[student].seconds for student, what in greedy.items() if what == kind]
        if spent:
            print(f"  {kind}: {max(spent):.1f} s at most, of {limits.submission_seconds * WALL_FACTOR:.0f} s")
    seconds = [sum(cards[student].seconds for student in others) / len(others) for cards in (before, after)]
    print(f"each of the others: {seconds[0]:.2f} s alone, {seconds[1]:.2f} s beside them")
    print(f"scorecards of the others that changed: {', '.join(changed) or 'none'}")
    if changed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

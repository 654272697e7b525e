"""Memory of a grader's worker over a class of floods: submissions that send more than it should take in.

    .venv/bin/python benchmarks/floods.py

Prints, for each submission of `FLOODING` (tests/attacks/corpus.py) and an honest one before and after them, what its
grading added to the worker's memory at most, and what was left of that when it was over.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Growth:
    """Growth of a process's memory over the grading of one submission, in MB of 10**6 bytes.

    Attributes:
        student: whose submission it is.
        score: points that it got.
        peak: growth at most.
        left: growth that stayed.
    """

    student: str
    score: float
    peak: float
    left: float


def measure_floods(folder: Path) -> Iterator[Growth]:
    """Grade the floods one after the other in this process, and measure it.

    Args:
        folder: an empty one for submissions and results.
    """
    from autograder.grading.pipeline import grade_task
    from autograder.grading.tasks import GradingContext, GradingTask
    from autograder.grading.workers import release_memory
    from autograder.records.examiner import SERVICES, ExaminerClient
    from autograder.sandbox.client.zygote_process import Zygote
    from tests.attacks.corpus import FLOODING

    attacks: Any = import_module("tests.attacks.test_attacks")  # tests have no types

    submitted = folder / "submitted"
    honest = {f"{part}_solution": attacks.ANSWERS[f"{part}_solution"] for part in ("data", "arithmetic")}
    attacks.hand_in(submitted, "honest", honest)
    for flood in FLOODING:
        attacks.hand_in(submitted, flood.name, {}, flood.cell())
    with Zygote(services=SERVICES) as zygote:
        course, examiner = attacks.course_in(folder), ExaminerClient(lambda: zygote.address)
        context = GradingContext(course, lambda: zygote.address, examiner, "auto")
        # the first one imports the rubric
        for student in ["honest", "honest", *(flood.name for flood in FLOODING), "honest"]:
            before = _memory("VmRSS")
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins at what is in use
            card = grade_task(GradingTask(attacks.NAME, student, submitted, folder / "graded"), context).card
            peak = _memory("VmHWM")
            release_memory()
            yield Growth(student, card.score or 0.0, peak - before, _memory("VmRSS") - before)


def _memory(name: str) -> float:
    """A number of /proc/self/status, in MB; see proc(5)."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'submission':40}{'score':>8}{'peak, MB':>10}{'left, MB':>10}")
        for one in measure_floods(Path(folder)):
            print(f"{one.student:40}{one.score:8.2f}{one.peak:10.1f}{one.left:10.1f}", flush=True)


if __name__ == "__main__":
    main()

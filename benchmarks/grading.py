"""Measure grading a class: small and large ones, again, in one warm process, and with stock nbgrader.

Usage: python benchmarks/grading.py [--parts class verified ...] [--sizes 60 300 1000] [--epochs 10]

Each part adds its figures to `benchmarks/latest.json`. The classes are those of `sample_class.py`:

- class: classes of each size, notebooks without training records, since stock nbgrader's hidden tests look at none;
- verified: a class of the first size with three records a student and their final weights, so that each is verified;
- stock: stock nbgrader on five notebooks, with training capped as in our grader;
- full: one student's three trainings of ten epochs, which stock nbgrader would run again for every submission;
- floor: the requests of the verified class in one warm process, without isolation;
- gradebook: writing marks into nbgrader's gradebook.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import floor
from memory import PeakMemory
from reference_solution import record_runs
from sample_class import NAME, make_class
from stock_nbgrader import seconds_per_submission

from autograder.audit.submissions import reference_cells
from autograder.course.config import Course, load_course
from autograder.evidence import cache
from autograder.gradebook.marks import fill_gradebook
from autograder.grading.pool import submitting_students
from autograder.results.store import ResultStore

ROOT = Path(__file__).resolve().parents[1]
JOBS = 2
EPOCHS = 10
COMPARED = 60
"""Size of the class that is compared with stock nbgrader and with the lower bound."""


class Figures:
    """Figures of this run and of earlier runs on the same machine, written to a file whenever one is added.

    Args:
        path: of the JSON file. Figures in it that another machine has made are dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        same = earlier.get("machine") == machine()
        self._found: dict[str, Any] = earlier if same else {"machine": machine()}

    def add(self, **found: Any) -> None:
        """Add figures under their names, seconds and ratios rounded to a thousandth."""
        self._found |= {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}
        self._path.write_text(json.dumps(self._found, indent=1) + "\n", encoding="utf-8")

    def get(self, name: str) -> float | None:
        """A figure by its name; None if it has not been measured."""
        return self._found.get(name)


class Classes:
    """Classes of any size, made when they are first needed.

    Args:
        course: the course.
        work: a folder for them.
        epochs: measured of each full training; the rest is estimated.
    """

    def __init__(self, course: Course, work: Path, epochs: int = EPOCHS) -> None:
        self.course, self._work, self.epochs = course, work, epochs

    def folder(self, kind: str, size: int) -> Path:
        """The folder of a class: "verified" with records and weights, "class" without."""
        folder = self._work / f"{kind}-{size}"
        if not folder.exists():
            records = self._trained() if kind == "verified" else self._work / "none"
            make_class(self.course, folder / "submitted", size, records, weights=True)
        return folder

    def _trained(self) -> Path:
        folder = self._work / "quick"
        if not folder.exists():
            folder.mkdir()
            record_runs(folder, quick=True, epochs=3)
        return folder


def grade_class(folder: Path, jobs: int = JOBS) -> tuple[float, int]:
    """Grade the class in a folder by `autograder grade`.

    Returns:
        Seconds of wall time, and the number of submissions that were not up to date.

    Raises:
        SystemExit: the command failed.
    """
    command: list[str | Path] = [
        Path(sys.executable).with_name("autograder"),
        "grade",
        NAME,
        "--jobs",
        str(jobs),
        "--no-gradebook",
    ]
    folders: list[str | Path] = ["--submitted", folder / "submitted", "--output", folder / "graded"]
    started = time.perf_counter()
    run = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    count = re.search(r"^(\d+) graded in", run.stdout, re.MULTILINE)
    if run.returncode or count is None:
        raise SystemExit(f"autograder grade failed: {run.stderr[-1000:]}")
    return seconds, int(count[1])


def change_rubric(folder: Path) -> None:
    """Change every scorecard as if an earlier rubric had made it: its evidence and verdicts are up to date."""
    for path in (folder / "graded").rglob("scorecard.json"):
        card = json.loads(path.read_bytes())
        card["keys"] |= {"marks": "sha256:earlier", "page": "sha256:earlier"}
        path.write_text(json.dumps(card), encoding="utf-8")


def measure_class(kind: str, sizes: list[int], classes: Classes, figures: Figures) -> None:
    """Measure classes of a kind: first grading, after a change of the rubric, all up to date; peak memory."""
    infix = "" if kind == "class" else f"{kind}_"
    for size in sizes:
        folder = classes.folder(kind, size)
        with PeakMemory() as memory:
            first, _ = grade_class(folder)
        change_rubric(folder)
        regrade, fresh = grade_class(folder)
        assert fresh == size
        unchanged, fresh = grade_class(folder)
        assert fresh == 0
        names = [
            f"{prefix}{infix}{size}" for prefix in ("seconds_", "seconds_regrade_", "seconds_unchanged_", "peak_mb_")
        ]
        figures.add(**dict(zip(names, (first, regrade, unchanged, memory.peak), strict=True)))
        print(
            f"{kind} of {size}: first {first:.1f} s ({first / size:.2f} s each), changed rubric {regrade:.1f} s, "
            f"up to date {unchanged:.1f} s; peak memory {memory.peak:.0f} MB",
            flush=True,
        )


def measure_verified(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """Measure a class whose records are verified: processor time of that, and memory of a second worker."""
    measure_class("verified", sizes[:1], classes, figures)
    folder = classes.folder("verified", sizes[0])
    store = ResultStore(folder / "graded", NAME)
    spent = [
        sum(examined.seconds for examined in cache.read_evidence(store.evidence(student)).examined.values())
        for student in submitting_students(folder / "submitted", NAME)
    ]
    with PeakMemory() as memory:
        grade_class(classes.folder("verified", 20), jobs=1)
    one, two, verifying = memory.peak, figures.get(f"peak_mb_verified_{sizes[0]}") or 0.0, sum(spent) / len(spent)
    figures.add(seconds_verify_per_submission=verifying, peak_mb_two_workers=two, mb_per_worker=two - one)
    print(
        f"verifying: {verifying:.2f} s of processor time a submission; a second worker: {two - one:.0f} MB", flush=True
    )


def measure_stock(_: list[int], classes: Classes, figures: Figures) -> None:
    """Measure stock nbgrader with the same checks."""
    answers = [reference_cells(classes.course, NAME)] * 5
    figures.add(seconds_nbgrader_capped_each=seconds_per_submission(classes.course, answers))


def measure_full(_: list[int], classes: Classes, figures: Figures) -> None:
    """Measure the trainings that stock nbgrader would run again, and that our grader verifies instead."""
    with tempfile.TemporaryDirectory() as work:
        seconds = record_runs(Path(work), quick=False, epochs=classes.epochs).wall
    figures.add(seconds_full_training=seconds * EPOCHS / classes.epochs, full_epochs_measured=classes.epochs)


def measure_floor(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """Measure the lower bound, in a new process, because this one may have trained and still has those threads."""
    folder = classes.folder("verified", sizes[0])
    if not (folder / "graded").exists():
        grade_class(folder)
    students = submitting_students(folder / "submitted", NAME)[:20]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as new_process:
        spent = new_process.submit(floor.seconds_by_part, classes.course, NAME, folder, students).result()
    figures.add(seconds_floor_each=sum(spent.values()))
    figures.add(seconds_floor_of={part: round(seconds, 3) for part, seconds in spent.items()})
    print("in one warm process: " + ", ".join(f"{part} {seconds:.2f} s" for part, seconds in spent.items()), flush=True)


def measure_gradebook(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """Measure writing 30 marks into nbgrader's gradebook: time, and growth of the database."""
    folder = classes.folder("verified", sizes[0])
    if not (folder / "graded").exists():
        grade_class(folder)
    cards = dict(list(ResultStore(folder / "graded", NAME).cards().items())[:30])
    database = folder / "gradebook.db"
    os.environ["NBGRADER_DB_URL"] = f"sqlite:///{database}"
    try:
        fill_gradebook(classes.course, NAME, {}, folder / "submitted")
        before, started = database.stat().st_size, time.perf_counter()
        report = fill_gradebook(classes.course, NAME, cards, folder / "submitted")
        if report.failed:
            raise SystemExit(f"not written into the gradebook: {report.failed}")
        each, size = time.perf_counter() - started, (database.stat().st_size - before) / 1e3
    finally:
        del os.environ["NBGRADER_DB_URL"]
    each, size = each / len(cards), size / len(cards)
    figures.add(seconds_gradebook_each=each, gradebook_kb_each=size)
    print(f"gradebook: {each:.2f} s and {size:.0f} kB a submission", flush=True)


def compare(size: int, figures: Figures) -> None:
    """Add and print the ratios of figures that have been measured.

    Args:
        size: of the class that is compared.
        figures: of this run and earlier ones.
    """
    plain, verified = figures.get(f"seconds_{size}"), figures.get(f"seconds_verified_{size}")
    stock, training = figures.get("seconds_nbgrader_capped_each"), figures.get("seconds_full_training")
    warm = figures.get("seconds_floor_each")
    if stock and plain:
        each = plain / size
        figures.add(times_faster_than_nbgrader_capped=stock / each)
        print(f"stock nbgrader, training capped, {stock:.1f} s; ours {each:.2f} s: {stock / each:.0f} times faster")
    if stock and training and verified:
        each, theirs = verified / size, stock + training
        figures.add(times_faster_than_nbgrader_full=theirs / each)
        print(
            f"with its 30 epochs {theirs:.0f} s; ours, records verified, {each:.2f} s: {theirs / each:.0f} times faster"
        )
    if warm and verified:
        each = JOBS * verified / size
        figures.add(times_floor=each / warm)
        print(
            f"one warm process, without isolation, {warm:.2f} s; a worker of ours {each:.2f} s: {each / warm:.2f} times"
        )


Part = Callable[[list[int], Classes, Figures], None]
PARTS: Mapping[str, Part] = {
    "class": lambda *arguments: measure_class("class", *arguments),
    "verified": measure_verified,
    "stock": measure_stock,
    "full": measure_full,
    "floor": measure_floor,
    "gradebook": measure_gradebook,
}


def machine() -> dict[str, str]:
    """Processor, cores and versions of this machine."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    versions = {name: version(name) for name in ("keras", "tensorflow", "numpy", "nbgrader")}
    return {
        "processor": names[0] if names else "",
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
    } | versions


def main() -> None:
    """Measure, print, and write `latest.json`."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--parts",
        nargs="*",
        choices=PARTS,
        default=list(PARTS),
        help="parts to measure; without a name only the ratios are computed",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument(
        "--epochs", type=int, default=EPOCHS, help=f"epochs of a full training that are measured, of {EPOCHS}"
    )
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    figures = Figures(ROOT / "benchmarks" / "latest.json")
    with tempfile.TemporaryDirectory() as work:
        classes = Classes(load_course(ROOT), Path(work), options.epochs)
        for part in options.parts:
            PARTS[part](options.sizes, classes, figures)
    compare(COMPARED, figures)


if __name__ == "__main__":
    main()

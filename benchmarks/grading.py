"""What grading a class costs: beside stock nbgrader, beside its floor, again, and for larger classes.

Usage: python benchmarks/grading.py [--parts class verified ...] [--sizes 60 300 1000] [--epochs 10]

Each part adds what it found to `benchmarks/latest.json`. The classes are those of `sample_class.py`:

- class: classes of each size, notebooks without training records, which is what stock nbgrader's hidden tests look at;
- verified: a class of the first size with three records a student and their final weights, so that each is verified;
- stock: stock nbgrader on five notebooks, training cut short as ours is;
- full: one student's three trainings of ten epochs, which stock nbgrader would run again for every submission;
- floor: the questions of the verified class in one warm process, not isolated;
- gradebook: marks filed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
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
from memory import Memory
from sample_class import NAME, make_class
from solved import solution
from stock_nbgrader import seconds_each

from autograder.audit.submissions import reference_cells
from autograder.course.config import Course, load_course
from autograder.evidence import cache
from autograder.gradebook.marks import fill_gradebook
from autograder.grading.pool import submitting_students
from autograder.results.store import ResultStore

ROOT = Path(__file__).resolve().parents[1]
OPTIMIZERS = ("adam", "adadelta", "sgd")
JOBS = 2
EPOCHS = 10
COMPARED = 60
"""Size of the class that is compared with stock nbgrader and with the floor."""


class Figures:
    """What was found, beside what an earlier run has found on the same machine; written as it comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        same = earlier.get("machine") == machine()
        self._found: dict[str, Any] = earlier if same else {"machine": machine()}

    def add(self, **found: Any) -> None:
        """Keep these."""
        self._found |= {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}
        self._path.write_text(json.dumps(self._found, indent=1) + "\n", encoding="utf-8")

    def get(self, name: str) -> float | None:
        """One of them, if it is known."""
        return self._found.get(name)


class Classes:
    """Classes of any size, made when they are first needed.

    Args:
        course: the course.
        made: a folder for them.
        epochs: of each full training that are measured.
    """

    def __init__(self, course: Course, made: Path, epochs: int = EPOCHS) -> None:
        self.course, self._made, self.epochs = course, made, epochs

    def of(self, kind: str, size: int) -> Path:
        """The folder of a class: "verified" with records and weights, "class" without."""
        folder = self._made / f"{kind}-{size}"
        if not folder.exists():
            records = self._trained() if kind == "verified" else self._made / "none"
            make_class(self.course, folder / "submitted", size, records, weights=True)
        return folder

    def _trained(self) -> Path:
        folder = self._made / "quick"
        if not folder.exists():
            train(folder, quick=True, epochs=3)
        return folder


def train(folder: Path, *, quick: bool, epochs: int) -> float:
    """Train the solution with each optimizer, leaving records in a new folder; seconds of wall time."""
    folder.mkdir()
    names = solution()
    cnnkit, before = names["cnnkit"], Path.cwd()
    os.chdir(folder)
    try:
        cnnkit.start(NAME, student="bench")
        data, val = cnnkit.data.batches("mnist", quick=quick)
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            for name in OPTIMIZERS:
                cnnkit.record(names["train_convnet"], name, data, val, epochs=epochs)
        return time.perf_counter() - started
    finally:
        os.chdir(before)


def graded(folder: Path, jobs: int = JOBS) -> tuple[float, int]:
    """Grade a class that lies in a folder with the command; its seconds, and how many it graded afresh."""
    command: list[str | Path] = [
        Path(sys.executable).with_name("autograder"),
        "grade",
        NAME,
        "--jobs",
        str(jobs),
        "--no-gradebook",
    ]
    places: list[str | Path] = ["--submitted", folder / "submitted", "--output", folder / "graded"]
    started = time.perf_counter()
    run = subprocess.run([*command, *places], cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    said = re.search(r"^(\d+) graded in", run.stdout, re.MULTILINE)
    if run.returncode or said is None:
        raise SystemExit(f"not graded: {run.stderr[-1000:]}")
    return seconds, int(said[1])


def another_rubric(folder: Path) -> None:
    """Let every scorecard look as if an earlier rubric had made it."""
    for path in (folder / "graded").rglob("scorecard.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"rubric": "sha256:', '"rubric": "sha256:earlier '), encoding="utf-8")


def measure_class(kind: str, sizes: list[int], classes: Classes, figures: Figures) -> None:
    """First grading, another rubric, nothing changed; and the peak of memory."""
    mark = "" if kind == "class" else f"{kind}_"
    for size in sizes:
        folder = classes.of(kind, size)
        with Memory() as memory:
            first, _ = graded(folder)
        another_rubric(folder)
        regrade, fresh = graded(folder)
        assert fresh == size
        unchanged, fresh = graded(folder)
        assert fresh == 0
        names = [f"{what}{mark}{size}" for what in ("seconds_", "seconds_regrade_", "seconds_unchanged_", "peak_mb_")]
        figures.add(**dict(zip(names, (first, regrade, unchanged, memory.peak), strict=True)))
        print(
            f"{kind} of {size}: first {first:.1f} s ({first / size:.2f} s each), another rubric {regrade:.1f} s, "
            f"nothing changed {unchanged:.1f} s; peak memory {memory.peak:.0f} MB",
            flush=True,
        )


def measure_verified(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """A class whose records are verified: what that costs in processor time, and a second worker in memory."""
    measure_class("verified", sizes[:1], classes, figures)
    folder = classes.of("verified", sizes[0])
    store = ResultStore(folder / "graded", NAME)
    spent = [
        sum(examined.seconds for examined in cache.read_evidence(store.evidence(student)).examined.values())
        for student in submitting_students(folder / "submitted", NAME)
    ]
    with Memory() as memory:
        graded(classes.of("verified", 20), jobs=1)
    one, two, verifying = memory.peak, figures.get(f"peak_mb_verified_{sizes[0]}") or 0.0, sum(spent) / len(spent)
    figures.add(seconds_verify_per_submission=verifying, peak_mb_two_workers=two, mb_per_worker=two - one)
    print(
        f"verifying: {verifying:.2f} s of processor time a submission; a second worker: {two - one:.0f} MB", flush=True
    )


def measure_stock(_: list[int], classes: Classes, figures: Figures) -> None:
    """Stock nbgrader with the same checks."""
    figures.add(seconds_nbgrader_capped_each=seconds_each(classes.course, [reference_cells(classes.course, NAME)] * 5))


def measure_full(_: list[int], classes: Classes, figures: Figures) -> None:
    """The trainings that stock nbgrader would run again, and that we verify instead."""
    with tempfile.TemporaryDirectory() as made:
        seconds = train(Path(made, "full"), quick=False, epochs=classes.epochs)
    figures.add(seconds_full_training=seconds * EPOCHS / classes.epochs, full_epochs_measured=classes.epochs)


def measure_floor(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """The floor; in a process of its own, because this one may have trained and keeps its threads."""
    folder = classes.of("verified", sizes[0])
    if not (folder / "graded").exists():
        graded(folder)
    students = submitting_students(folder / "submitted", NAME)[:20]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh_process:
        spent = fresh_process.submit(floor.seconds_each, classes.course, NAME, folder, students).result()
    figures.add(seconds_floor_each=sum(spent.values()))
    figures.add(seconds_floor_of={what: round(seconds, 3) for what, seconds in spent.items()})
    print("in one warm process: " + ", ".join(f"{what} {seconds:.2f} s" for what, seconds in spent.items()), flush=True)


def measure_gradebook(sizes: list[int], classes: Classes, figures: Figures) -> None:
    """Time and size of the gradebook, filled with 30 of the class."""
    folder = classes.of("verified", sizes[0])
    if not (folder / "graded").exists():
        graded(folder)
    cards = dict(list(ResultStore(folder / "graded", NAME).cards().items())[:30])
    database = folder / "gradebook.db"
    os.environ["NBGRADER_DB_URL"] = f"sqlite:///{database}"
    try:
        fill_gradebook(classes.course, NAME, {}, folder / "submitted")
        before, started = database.stat().st_size, time.perf_counter()
        report = fill_gradebook(classes.course, NAME, cards, folder / "submitted")
        if report.failed:
            raise SystemExit(f"not filed: {report.failed}")
        each, size = time.perf_counter() - started, (database.stat().st_size - before) / 1e3
    finally:
        del os.environ["NBGRADER_DB_URL"]
    each, size = each / len(cards), size / len(cards)
    figures.add(seconds_gradebook_each=each, gradebook_kb_each=size)
    print(f"gradebook: {each:.2f} s and {size:.0f} kB a submission", flush=True)


def compare(size: int, figures: Figures) -> None:
    """The ratios of what is known by now."""
    plain, verified = figures.get(f"seconds_{size}"), figures.get(f"seconds_verified_{size}")
    stock, training = figures.get("seconds_nbgrader_capped_each"), figures.get("seconds_full_training")
    warm = figures.get("seconds_floor_each")
    if stock and plain:
        each = plain / size
        figures.add(times_faster_than_nbgrader_capped=stock / each)
        print(f"stock nbgrader, training cut short, {stock:.1f} s; ours {each:.2f} s: {stock / each:.0f} times faster")
    if stock and training and verified:
        each, theirs = verified / size, stock + training
        figures.add(times_faster_than_nbgrader_full=theirs / each)
        print(
            f"with its 30 epochs {theirs:.0f} s; ours, records verified, {each:.2f} s: {theirs / each:.0f} times faster"
        )
    if warm and verified:
        each = JOBS * verified / size
        figures.add(times_floor=each / warm)
        print(f"one warm process, not isolated, {warm:.2f} s; a worker of ours {each:.2f} s: {each / warm:.2f} times")


Part = Callable[[list[int], Classes, Figures], None]
PARTS: Mapping[str, Part] = {
    "class": lambda *asked: measure_class("class", *asked),
    "verified": measure_verified,
    "stock": measure_stock,
    "full": measure_full,
    "floor": measure_floor,
    "gradebook": measure_gradebook,
}


def machine() -> dict[str, str]:
    """Where this was measured."""
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
    parser = argparse.ArgumentParser(description="What grading a class costs.")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS), help="none: only the ratios")
    parser.add_argument("--sizes", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument(
        "--epochs", type=int, default=EPOCHS, help=f"epochs of a full training that are measured, of {EPOCHS}"
    )
    asked = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    figures = Figures(ROOT / "benchmarks" / "latest.json")
    with tempfile.TemporaryDirectory() as made:
        classes = Classes(load_course(ROOT), Path(made), asked.epochs)
        for part in asked.parts:
            PARTS[part](asked.sizes, classes, figures)
    compare(COMPARED, figures)


if __name__ == "__main__":
    main()

"""What grading a class costs: beside stock nbgrader, beside its floor, again, and for larger classes.

Usage: python benchmarks/grading.py [--sizes 60 300 1000] [--without-full]

Everything in one go on one machine; `benchmarks/latest.json` is written with what docs name. The class is that of
`sample_class.py`: three training records a student, with their final weights.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import platform
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from sample_class import NAME, make_class
from solved import solution
from stock_nbgrader import seconds_each

from autograder.classroom import grade_class, students_in
from autograder.course import Course, load
from autograder.evidence import kept
from autograder.gradebook import fill
from autograder.grading import Task
from autograder.intake import read_submission
from autograder.samples import reference_cells
from autograder.store import Store
from autograder.verify.submission import verdicts

ROOT = Path(__file__).resolve().parents[1]
OPTIMIZERS = ("adam", "adadelta", "sgd")
JOBS = 2


class Memory:
    """Samples the memory of this process and all below it while it is a context: proportional shares, in MB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.5):
            total = 0.0
            for one in me.children(recursive=True):
                with contextlib.suppress(psutil.Error, OSError):
                    total += one.memory_full_info().pss / 1e6
            self.peak = max(self.peak, total)


def trained(folder: Path, *, quick: bool) -> float:
    """Train the solution with each optimizer, leaving records in `folder`; seconds of wall time."""
    names = solution()
    cnnkit, before = names["cnnkit"], Path.cwd()
    os.chdir(folder)
    try:
        cnnkit.start(NAME, student="bench")
        train, val = cnnkit.data.batches("mnist", quick=quick)
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            for name in OPTIMIZERS:
                cnnkit.record(names["train_convnet"], name, train, val, epochs=3 if quick else 10)
        return time.perf_counter() - started
    finally:
        os.chdir(before)


def graded(course: Course, folder: Path) -> tuple[float, int]:
    """Grade a class that lies in a folder; seconds, and how many were graded afresh."""
    tasks = [
        Task(NAME, student, folder / "submitted", folder / "graded")
        for student in students_in(folder / "submitted", NAME)
    ]
    started = time.perf_counter()
    results = list(grade_class(course, tasks, jobs=JOBS))
    failed = [done.failure for done in results if done.card is None]
    if failed:
        raise SystemExit(f"not graded: {failed[:3]}")
    return time.perf_counter() - started, sum(done.fresh for done in results)


def another_rubric(folder: Path) -> None:
    """Let every scorecard look as if an earlier rubric had made it."""
    for path in (folder / "graded").rglob("scorecard.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"rubric": "sha256:', '"rubric": "sha256:earlier '), encoding="utf-8")


def floor(course: Course, folder: Path, students: int) -> float:
    """Seconds a submission for the same cells, questions and examinations in one warm process, not isolated."""
    from autograder.sandbox import child, wire
    from autograder.sandbox.notebook import Notebook
    from autograder.sandbox.training_cap import cap_training
    from autograder.sandbox.zygote import preload
    from autograder.verify.examine import examine
    from autograder.verify.messages import Examine, Examined

    preload()
    import tensorflow as tf

    import cnnkit

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    cnnkit.data.hold("mnist")
    os.environ["NBGRADER_EXECUTION"] = "autograde"

    class Here:
        def examine(self, question: Examine) -> Examined:
            return examine(question)

    taken = []
    for number, student in enumerate(students_in(folder / "submitted", NAME)[:students]):
        submission = read_submission(folder / "submitted" / student / NAME, NAME, student, course)
        answered = kept._decoder.decode(Store(folder / "graded", NAME).evidence(student) or b"")
        started = time.perf_counter()
        notebook = Notebook(64)
        if number == 0:
            cap_training(submission.records, notebook.note)
        for cell in submission.cells:
            notebook.run(cell.number, cell.source, 15)
        for one in answered.answers:
            child._answer(notebook, wire.decode_request(one.question), 15)
        verdicts(submission.records, submission.weights, Here(), assignment=NAME, student=student, lot=answered.lot)
        taken.append(time.perf_counter() - started)
    return sum(taken[2:]) / len(taken[2:])  # the first ones pay for what a process does once


def growth(course: Course, folder: Path, students: int) -> tuple[float, float]:
    """The gradebook filled with so many of the class: seconds a submission, and kilobytes."""
    cards = dict(list(Store(folder / "graded", NAME).cards().items())[:students])
    database = folder / "gradebook.db"
    os.environ["NBGRADER_DB_URL"] = f"sqlite:///{database}"
    try:
        fill(course, NAME, {}, folder / "submitted")
        before, started = database.stat().st_size, time.perf_counter()
        report = fill(course, NAME, cards, folder / "submitted")
        if report.failed:
            raise SystemExit(f"not filed: {report.failed}")
        each = (time.perf_counter() - started) / len(cards)
        return each, (database.stat().st_size - before) / 1e3 / len(cards)
    finally:
        del os.environ["NBGRADER_DB_URL"]


def main() -> None:
    """Measure, print, and write `latest.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument("--without-full", action="store_true", help="leave out the ten epochs of each optimizer")
    asked = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    course = load(ROOT)
    found: dict[str, Any] = {"machine": machine(), "weights_handed_in": True}
    with tempfile.TemporaryDirectory() as made:
        runs = Path(made, "quick")
        runs.mkdir()
        trained(runs, quick=True)
        for size in asked.sizes:
            folder = Path(made, str(size))
            make_class(course, folder / "submitted", size, runs, weights=True)
            with Memory() as memory:
                found[f"seconds_{size}"], _ = graded(course, folder)
            found[f"peak_mb_{size}"] = memory.peak
            another_rubric(folder)
            found[f"seconds_regrade_{size}"], fresh = graded(course, folder)
            assert fresh == size
            found[f"seconds_unchanged_{size}"], fresh = graded(course, folder)
            assert fresh == 0
            tell(found, size)
            keep(found)
        first = asked.sizes[0]
        folder = Path(made, str(first))
        found["peak_mb_two_workers"] = max(found[f"peak_mb_{size}"] for size in asked.sizes)
        found["seconds_gradebook_each"], found["gradebook_kb_each"] = growth(course, folder, min(first, 30))
        print(
            f"gradebook: {found['seconds_gradebook_each']:.2f} s and {found['gradebook_kb_each']:.0f} kB a submission"
        )
        stock = seconds_each(course, [reference_cells(course, NAME)] * 5)
        ours = found[f"seconds_{first}"] / first
        print(
            f"stock nbgrader, training cut as ours: {stock:.1f} s a submission; ours {ours:.2f} s: {stock / ours:.0f}x"
        )
        found |= {"seconds_nbgrader_capped_each": stock, "times_faster_than_nbgrader_capped": stock / ours}
        keep(found)
        if not asked.without_full:
            full = Path(made, "full")
            full.mkdir()
            training = trained(full, quick=False)
            found["seconds_nbgrader_full_each"] = stock + training
            found["times_faster_than_nbgrader_full"] = (stock + training) / ours
            print(f"with its 30 epochs: {stock + training:.0f} s, {(stock + training) / ours:.0f}x", flush=True)
            keep(found)
        # in a process of its own: this one has trained, and keeps its threads
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            each = pool.apply(floor, (course, folder, 20))
        found |= {"seconds_floor_each": each, "times_floor": ours * JOBS / each}
        print(f"floor, one warm process: {each:.2f} s a submission; a worker of ours {ours * JOBS:.2f} s")
    keep(found)


def keep(found: dict[str, Any]) -> None:
    """Write what was found beside what an earlier run has found."""
    found = {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}
    target = ROOT / "benchmarks" / "latest.json"
    earlier = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    target.write_text(json.dumps(earlier | found, indent=1) + "\n", encoding="utf-8")


def tell(found: dict[str, Any], size: int) -> None:
    """Print the row of one size."""
    first, regrade, unchanged = (found[f"seconds_{kind}{size}"] for kind in ("", "regrade_", "unchanged_"))
    print(
        f"{size:5} submissions: first {first:.1f} s ({first / size:.2f} s each), another rubric {regrade:.1f} s, "
        f"nothing changed {unchanged:.1f} s; peak memory {found[f'peak_mb_{size}']:.0f} MB",
        flush=True,
    )


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


if __name__ == "__main__":
    main()

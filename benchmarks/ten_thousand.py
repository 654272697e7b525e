"""A class of 10,000, all with training records: a tenth is graded through Dask, the rest from the tenth's evidence.

Submissions that run nobody's code cost the scheduler, the gradebook, the tables, the search for similar records and the
check of what is up to date as much as others do. So these are measured for all, and for the tenth beside them: whatever
takes much more than ten times as long for ten times as many grows faster than it should.

Usage, by the parts themselves: python benchmarks/ten_thousand.py (tables|similarity) FOLDER
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from class_folder import ClassFolder, class_of, trained_runs
from dask_workers import LocalCluster
from memory import PeakMemory
from parts import Figures, PartContext
from processor_time import measure as measure_command
from sample_class import NAME, make_class

from autograder.course.config import Course, load_course
from autograder.evidence.cache import encode_evidence, read_evidence
from autograder.grading.freshness import evidence_key
from autograder.intake import read_submission
from autograder.records.similarity import similar_groups
from autograder.report import grades_csv, similar_groups_csv
from cnnkit.atomic_write import write_atomically

SHARE = 10
"""One submission in so many runs its code."""


def grade_tenth(context: PartContext) -> Figures:
    """Figures of a tenth of the class, graded through Dask by two workers on this machine."""
    tenth = _tenth(context)
    tenth.start_over()
    return _on_cluster(context, tenth, "submissions")


def grade_rest(context: PartContext) -> Figures:
    """Figures of the others, through Dask with cached evidence: what reading, sending, judging and writing cost."""
    folder = _everybody(context)
    for student in folder.students[len(_tenth(context).students) :]:
        folder.store.card_path(student).unlink(missing_ok=True)
    return _on_cluster(context, folder, "scheduler")


def measure_tables(context: PartContext) -> Figures:
    """Figures of the class's tables: grades.csv, similar records, and finding that everything is up to date."""
    found: Figures = {}
    for key, folder in (("tenth", _tenth(context)), (f"{context.size}", _everybody(context))):
        for what in ("tables", "similarity"):
            spent = measure_command([sys.executable, __file__, what, folder.path])
            own = json.loads(spent.output)
            _note(found, key, what, own["seconds"], own["processor"], own["mb"])
        graded = folder.grade(gradebook=False)
        if graded.fresh:
            raise SystemExit(f"expected all submissions to be up to date, {graded.fresh} were graded again")
        _note(found, key, "freshness", graded.spent.wall, graded.spent.processor, graded.peak_mb)
    return found


def fill_gradebook(context: PartContext) -> Figures:
    """Figures of the gradebook: grading again what is up to date, for the tenth and for all, fills an empty one."""
    found: Figures = {}
    for key, folder in (("tenth", _tenth(context)), (f"{context.size}", _everybody(context))):
        (folder.path / "gradebook.db").unlink(missing_ok=True)
        graded = folder.grade()
        _note(found, key, "gradebook", graded.spent.wall, graded.spent.processor, graded.peak_mb)
        found[f"mb_database_{key}"] = (folder.path / "gradebook.db").stat().st_size / 1e6
    return found


def _note(found: Figures, key: str, what: str, seconds: float, processor: float | None, mb: float) -> None:
    for name, value in (("seconds", seconds), ("cpu", processor), ("mb", mb)):
        found.setdefault(f"{name}_{key}", {})[what] = value


def _tenth(context: PartContext) -> ClassFolder:
    return class_of(context.work, context.size // SHARE, records=True)


def _everybody(context: PartContext) -> ClassFolder:
    """The whole class: the tenth with its results, and the others with the evidence of a student of the tenth each."""
    tenth, path = _tenth(context), context.work / f"everybody-{context.size}"
    folder = ClassFolder(path)
    if not (path / "complete").exists():
        shutil.rmtree(path)
        folder = ClassFolder(path)
        course = load_course(path)
        make_class(course, folder.submitted, context.size, trained_runs(context.work), period=len(tenth.students))
        folder.store.folder.mkdir(parents=True)
        # links: 10,000 files that are only read
        subprocess.run(["cp", "-al", *tenth.store.folder.glob("b*"), folder.store.folder], check=True)
        for number, student in enumerate(folder.students):
            if number >= len(tenth.students):
                lend_evidence(course, folder, tenth.students[number % len(tenth.students)], student)
        (path / "complete").touch()
    return folder


def lend_evidence(course: Course, folder: ClassFolder, lender: str, borrower: str) -> None:
    """Store the evidence of one student for another who has handed in the same answers.

    Args:
        course: the course.
        folder: the class.
        lender: has been graded.
        borrower: has not.
    """
    store = folder.store
    card, cached = store.card(lender), read_evidence(store.evidence(lender))
    if card is None or not cached.key:
        raise SystemExit(f"expected {lender} to be graded, with evidence")
    submission = read_submission(folder.submitted / borrower / NAME, NAME, borrower, course)
    key = evidence_key(NAME, submission, course.assignment(NAME), card.isolation)
    data = encode_evidence(msgspec.structs.replace(cached, key=key))
    store.evidence_path(borrower).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(store.evidence_path(borrower), data or b"")


def _on_cluster(context: PartContext, folder: ClassFolder, what: str) -> Figures:
    """Grade what is not up to date on a local cluster of two workers."""
    students = folder.students
    cluster = LocalCluster(context.work / "dask")
    with cluster, PeakMemory() as memory:
        graded = folder.grade("--executor", cluster.address, gradebook=False)
    if not graded.fresh:
        raise SystemExit("expected submissions to grade, found all up to date")
    ours, theirs = graded.spent.processor, cluster.processor
    return {
        f"seconds_{context.size}": {what: graded.spent.wall},
        f"cpu_{context.size}": {what: None if ours is None or theirs is None else ours + theirs},
        f"cpu_client_{context.size}": {what: ours},
        f"mb_{context.size}": {what: memory.peak},
        f"submissions_{context.size}": {what: graded.fresh},
        f"megabytes_sent_{context.size}": {what: _megabytes(folder) * graded.fresh / len(students)},
    }


def _megabytes(folder: ClassFolder) -> float:
    return sum(path.stat().st_size for path in folder.submitted.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Do one thing with the results of a class, and print what it cost this process, which has no children."""
    what, folder = sys.argv[1], ClassFolder(Path(sys.argv[2]))
    started = time.perf_counter(), time.process_time()
    if what == "tables":
        grades_csv(list(folder.store.cards().values()))
    else:
        similar_groups_csv(similar_groups(folder.store.histories()))
    spent = {"seconds": time.perf_counter() - started[0], "processor": time.process_time() - started[1]}
    print(json.dumps(spent | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))


if __name__ == "__main__":
    main()

"""A class of any size for the benchmarks: right answers in many forms, mistakes of every kind, training records.

Every student's answers are one of the rubric's samples. The records come from one training in quick mode, under each
student's name and with every loss changed by up to 3 %, so that no two are alike. They are not honest records, but
judging them costs as much as judging honest ones.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from autograder.audit.library import read_library
from autograder.audit.samples import apply_samples
from autograder.audit.submissions import notebook_with
from autograder.course.config import Course
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

NAME = "mnist_convnet"


def make_class(course: Course, submitted: Path, students: int, trained: Path, *, weights: bool) -> None:
    """Write `submitted/<student>/mnist_convnet/` for every student, b0000, b0001 and so on.

    Args:
        course: the course.
        submitted: an empty folder, or one that does not exist.
        students: their number.
        trained: a folder whose `records/` is that of one training; without it the class has no records.
        weights: True if the final weights are handed in too, 2 MB a run.
    """
    library = read_library(course, NAME)
    samples = [one for one in (*library.equivalents, *library.mutants) if one.answer is None and one.records is None]
    # samples that wait for a time limit would hide what the others cost
    samples = [one for one in samples if "loop" not in one.name and "slow" not in one.name]
    records = [
        msgspec.json.decode(file.read_bytes(), type=TrainingRecord) for file in sorted(trained.glob("records/*.json"))
    ]
    draw = random.Random(0)
    draw.shuffle(samples)
    for number in range(students):
        student = f"b{number:04}"
        cells = apply_samples(library.reference, [samples[number % len(samples)]])
        own = {record.run: _changed(record, student, draw) for record in records}
        target = submitted / student / NAME
        target.mkdir(parents=True)
        data = notebook_with(course, NAME, cells, student=student, records=own, quick=True)
        (target / f"{NAME}.ipynb").write_bytes(data)
        if weights:
            (target / "records").mkdir()
            for file in trained.glob("records/*.npz"):
                (target / "records" / file.name).hardlink_to(file)


def _changed(record: TrainingRecord, student: str, draw: random.Random) -> TrainingRecord:
    def near(value: float) -> float:
        return float(np.float32(value * draw.uniform(0.97, 1.03)))

    history = {
        name: [near(value) if "loss" in name else value for value in values] for name, values in record.history.items()
    }
    return replace(record, student=student, seed=seed_of(record.assignment, student), history=history)

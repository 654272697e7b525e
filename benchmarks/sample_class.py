"""A class of any size: right answers in many forms, mistakes of every kind, and training records.

Every student's answers are one of the rubric's samples. The records are those of one honest training, under the id
"bench", which no student of the class has: verifying them costs what verifying honest records costs, and no verdict on
them can be better than inconclusive. The training losses, which nobody can compute again, differ from student to
student, as in a class they would.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import msgspec
import numpy as np

from autograder.audit.library import read_library
from autograder.audit.samples import apply_samples
from autograder.audit.submissions import notebook_with
from autograder.course.config import Course
from cnnkit.recording.schema import TrainingRecord

NAME = "mnist_convnet"

SPREAD = 0.02
"""Largest relative difference of a training loss from that of the training that was recorded."""


def make_class(
    course: Course,
    submitted: Path,
    students: int,
    trained: Path | None = None,
    *,
    weights: bool = True,
    period: int | None = None,
) -> None:
    """Write `submitted/<student>/mnist_convnet/` for every student, b0000, b0001 and so on.

    Args:
        course: the course.
        submitted: an empty folder, or one that does not exist.
        students: their number.
        trained: a folder whose `records/` is that of one training; None for a class without records.
        weights: True if the final weights are handed in too, 2 MB a run.
        period: after so many students the same answers come again; None to go through all samples.
    """
    files = sorted(trained.glob("records/*.json")) if trained else []
    records = [msgspec.json.decode(file.read_bytes(), type=TrainingRecord) for file in files]
    draw = random.Random(0)
    given = list(islice(answers(course), period or students))
    for number, cells in enumerate(islice(cycle(given), students)):
        student = f"b{number:04}"
        own = {record.run: _with_other_losses(record, draw) for record in records}
        target = submitted / student / NAME
        target.mkdir(parents=True)
        data = notebook_with(course, NAME, cells, student=student, records=own, quick=True)
        (target / f"{NAME}.ipynb").write_bytes(data)
        if trained is not None and weights:
            (target / "records").mkdir()
            for file in trained.glob("records/*.npz"):
                (target / "records" / file.name).hardlink_to(file)


def answers(course: Course) -> Iterator[Mapping[str, str]]:
    """Source of the solution cells by grade id, student after student, without end."""
    library = read_library(course, NAME)
    samples = [one for one in (*library.equivalents, *library.mutants) if one.answer is None and one.records is None]
    # samples that wait for a time limit would hide what the others cost
    samples = [one for one in samples if "loop" not in one.name and "slow" not in one.name]
    random.Random(0).shuffle(samples)
    for sample in cycle(samples):
        yield apply_samples(library.reference, [sample])


def _with_other_losses(record: TrainingRecord, draw: random.Random) -> TrainingRecord:
    losses = [float(np.float32(value * draw.uniform(1 - SPREAD, 1 + SPREAD))) for value in record.history["loss"]]
    return replace(record, history={**record.history, "loss": losses})

"""Verdicts on the runs of one submission."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Literal

from autograder.records.examiner import Examines
from autograder.records.judge import RecordContext, examinable, judge_record
from autograder.records.requests import ExaminationRequest
from autograder.results.scorecard import RecordVerdict
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

Replays = Literal["one", "all"]


def verdicts(
    records: Mapping[str, TrainingRecord],
    weights: Mapping[str, bytes],
    examiner: Examines,
    *,
    assignment: str,
    student: str,
    is_classmate: Callable[[str], bool] = lambda _: False,
    lot: str = "",
    replays: Replays = "one",
) -> dict[str, RecordVerdict]:
    """A verdict for each run.

    Args:
        records: by run, validated.
        weights: by run, the bytes of their .npz files.
        examiner: the process is opened only if there is something to examine.
        assignment: its name.
        student: whose submission it is.
        is_classmate: whether an id is that of another student of the class.
        lot: decides which run is replayed, the same one whenever it is graded; a student cannot know it.
        replays: "one" run's first steps are taken again, or those of "all".
    """
    order = [run for run, record in records.items() if examinable(record) is None]
    drawn = order[int(hashlib.sha256(lot.encode()).hexdigest(), 16) % len(order)] if order else None
    found = {}
    for run, record in records.items():
        around = RecordContext(
            assignment=assignment,
            student=student,
            is_classmate=is_classmate,
            weights=weights.get(run),
            replayed=run in order and (replays == "all" or run == drawn),
        )
        examined = None
        if run in order:
            seed = seed_of(record.assignment, record.student)
            question = ExaminationRequest(record=record, seed=seed, weights=weights.get(run), replay=around.replayed)
            examined = examiner.examine(question)
        found[run] = judge_record(record, examined, around)
    return found

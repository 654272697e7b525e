"""Verdicts on all runs of one submission."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Literal

from autograder.records.examiner import Examiner
from autograder.records.judge import RecordContext, judge_record, reason_not_examinable
from autograder.records.requests import ExaminationRequest
from autograder.results.scorecard import RecordVerdict
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

Replays = Literal["one", "all"]


def verdicts(
    records: Mapping[str, TrainingRecord],
    weights: Mapping[str, bytes],
    examiner: Examiner,
    *,
    assignment: str,
    student: str,
    is_classmate: Callable[[str], bool] = lambda _: False,
    lot: str = "",
    replays: Replays = "one",
) -> dict[str, RecordVerdict]:
    """Examine and judge each run of a submission.

    Args:
        records: validated records by run.
        weights: bytes of their .npz files by run.
        examiner: used only if a record can be examined.
        assignment: name of the assignment.
        student: id of the student who handed them in.
        is_classmate: returns True for the id of a different student of the class.
        lot: text that no student can know; it decides which run is replayed, always the same one for one text.
        replays: replay the first steps of "one" run, or of "all".

    Returns:
        Verdicts by run, in the order of `records`.
    """
    candidates = [run for run, record in records.items() if reason_not_examinable(record) is None]
    drawn = candidates[int(hashlib.sha256(lot.encode()).hexdigest(), 16) % len(candidates)] if candidates else None
    found = {}
    for run, record in records.items():
        context = RecordContext(
            assignment=assignment,
            student=student,
            is_classmate=is_classmate,
            weights=weights.get(run),
            replayed=run in candidates and (replays == "all" or run == drawn),
        )
        examined = None
        if run in candidates:
            seed = seed_of(record.assignment, record.student)
            request = ExaminationRequest(record=record, seed=seed, weights=weights.get(run), replay=context.replayed)
            examined = examiner.examine(request)
        found[run] = judge_record(record, examined, context)
    return found

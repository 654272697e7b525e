"""Records that resemble each other too much: across a class, one of them was copied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnkit.recording.schema import TrainingRecord

NEAR, ROUNDED = 2e-4, 6e-5
"""Losses that differ by less than this share, and this much, in every epoch are the same but for rounding. Two seeds of
the reference runs differ by 0.08 % (Adadelta in quick mode, which hardly moves) to 11 % in some epoch."""


@dataclass(frozen=True)
class SimilarPair:
    """A pair of students whose records of some runs are alike.

    Attributes:
        students: both, in their order.
        runs: which.
        same_id: whether the records carry one student id, as those without any do.
    """

    students: tuple[str, str]
    runs: tuple[str, ...]
    same_id: bool

    def __str__(self) -> str:
        why = "under one student id" if self.same_id else "under different student ids"
        return f"{self.students[0]} and {self.students[1]}: {', '.join(self.runs)} ({why})"


def similar_pairs(class_records: Mapping[str, Mapping[str, TrainingRecord]]) -> list[SimilarPair]:
    """The pairs of students with runs that are alike.

    Args:
        class_records: by student, their records by run.
    """
    found: dict[tuple[str, str], list[str]] = {}
    same_id: dict[tuple[str, str], bool] = {}
    for run in sorted({run for records in class_records.values() for run in records}):
        having = {student: records[run] for student, records in class_records.items() if run in records}
        for pair in _pairs(having):
            one, other = (having[student] for student in pair)
            if _near(one.history, other.history):
                found.setdefault(pair, []).append(run)
                same_id[pair] = one.student == other.student
    return [SimilarPair(pair, tuple(runs), same_id[pair]) for pair, runs in sorted(found.items())]


def _pairs(records: Mapping[str, TrainingRecord]) -> Sequence[tuple[str, str]]:
    """Pairs whose first losses are near, found by sorting: the others need not be compared."""
    first = sorted((record.history["loss"][0], student) for student, record in records.items() if _has_losses(record))
    pairs = set()
    for position, (loss, student) in enumerate(first):
        for other_loss, other in first[position + 1 :]:
            if other_loss > loss * (1 + NEAR) + ROUNDED:
                break
            pairs.add((min(student, other), max(student, other)))
    return sorted(pairs)


def _has_losses(record: TrainingRecord) -> bool:
    losses = record.history.get("loss", [])
    return bool(losses) and all(math.isfinite(value) and value > 0 for value in losses)


def _near(one: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]]) -> bool:
    """Whether all losses of two histories are the same but for rounding."""
    for metric in ("loss", "val_loss"):
        ours, theirs = one.get(metric, []), other.get(metric, [])
        if len(ours) != len(theirs):
            return False
        if any(not abs(a - b) <= NEAR * max(abs(a), abs(b)) + ROUNDED for a, b in zip(ours, theirs, strict=True)):
            return False
    return True

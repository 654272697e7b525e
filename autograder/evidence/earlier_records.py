"""Records that were contradicted in an earlier hand-in of the same student, judged again each time.

A hand-in that replaces it would otherwise erase every trace of a forged record: somebody could try until one passes.
The records are kept with their examinations, so that changed code of verdicts judges them again without running
anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from autograder.records.requests import Examination
from autograder.results.scorecard import RecordVerdict
from cnnkit.recording.schema import TrainingRecord

MOST = 5
"""Hand-ins with a contradicted record that are kept, the first ones."""

LARGEST = 1_000_000
"""Bytes of the records and examinations of one hand-in; of a larger one the verdicts alone are kept."""


class EarlierHandIn(msgspec.Struct, kw_only=True, frozen=True):
    """A hand-in of which a record was contradicted.

    Attributes:
        submission: digest of its files.
        digests: of its contradicted records, by run.
        reasons: for which they were contradicted, by run.
        records: all its records; none if they are too large to be kept.
        lot: decided what was examined.
        examined: examinations of the records, by `autograder.evidence.cache.examination_key`.
        classmates: students of the class whom the records named.
    """

    submission: str
    digests: dict[str, str]
    reasons: dict[str, str]
    records: dict[str, TrainingRecord] = {}
    lot: str = ""
    examined: dict[str, Examination] = {}
    classmates: list[str] = []


Judge = Callable[[EarlierHandIn], Mapping[str, RecordVerdict]]


def hand_in_to_keep(
    submission: str,
    records: Mapping[str, TrainingRecord],
    verdicts: Mapping[str, RecordVerdict],
    *,
    lot: str,
    examined: Mapping[str, Examination],
    classmates: Sequence[str],
) -> EarlierHandIn | None:
    """The hand-in as it is kept; None if no record of it is contradicted.

    Args:
        submission: digest of its files.
        records: all its records, by run.
        verdicts: on them.
        lot, examined, classmates: see `EarlierHandIn`.
    """
    reasons = {run: found.reason for run, found in verdicts.items() if found.verdict == "contradicted"}
    if not reasons:
        return None
    kept = EarlierHandIn(
        submission=submission,
        digests={run: record_digest(records[run]) for run in reasons},
        reasons=reasons,
        records=dict(records),
        lot=lot,
        examined=dict(examined),
        classmates=list(classmates),
    )
    if len(msgspec.msgpack.encode(kept)) > LARGEST:
        kept = msgspec.structs.replace(kept, records={}, examined={})
    return kept


def kept_hand_ins(
    earlier: Sequence[EarlierHandIn], latest: EarlierHandIn | None, submission: str
) -> list[EarlierHandIn]:
    """The hand-ins to keep after a grading, at most `MOST`.

    Args:
        earlier: kept so far.
        latest: the one that was graded, if a record of it was contradicted.
        submission: digest of the one that was graded, which replaces what was kept of it.
    """
    others = [one for one in earlier if one.submission != submission]
    return [*others, *([latest] if latest else [])][:MOST]


def notes_on_earlier(
    earlier: Sequence[EarlierHandIn], records: Mapping[str, TrainingRecord], judge: Judge
) -> Iterator[str]:
    """A sentence for each contradicted record of an earlier hand-in that is not handed in any more.

    Args:
        earlier: kept hand-ins.
        records: of the present one; a record that is still among them has a verdict of its own.
        judge: judges the records of an earlier hand-in again, by what was examined.
    """
    told = {record_digest(record) for record in records.values()}
    for one in earlier:
        reasons = one.reasons
        if one.records:
            reasons = {run: found.reason for run, found in judge(one).items() if found.verdict == "contradicted"}
        for run, digest in one.digests.items():
            if run in reasons and digest not in told:
                told.add(digest)
                yield f"An earlier hand-in had a contradicted record of {run} (sha256 {digest[:12]}): {reasons[run]}"


def record_digest(record: TrainingRecord) -> str:
    """Hash of a record, whatever notebook it came in."""
    return hashlib.sha256(msgspec.msgpack.encode(record)).hexdigest()

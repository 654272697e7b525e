"""Verdicts on all runs of one submission."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

import msgspec

from autograder.records.asked_runs import asked_runs
from autograder.records.examiner import Examiner
from autograder.records.findings import RecordFinding, combined_verdict
from autograder.records.image_draw import chosen_images
from autograder.records.judge import RecordContext, reason_not_examinable, record_findings, verified_reason
from autograder.records.reference_bands import load_references
from autograder.records.requests import FEW_HIDDEN, Examination, ExaminationRequest
from autograder.records.specified_networks import is_specified, specified_networks
from autograder.records.training_conditions import obstacles
from autograder.results.scorecard import RecordVerdict
from cnnkit.recording.record_bounds import FIRST_STEPS
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

Replays = Literal["one", "all"]

FEW_STEPS = 4
"""Number of first steps that are replayed if nothing is in doubt. Seeds, data, order and initial weights show in the
first one, the optimizer from the second one on."""

_OPEN_ANYWAY = (
    "whose",
    "weights",
    "network",
    "loss",
    "data",
    "process",
    "epochs",
    "examinable",
    "layout",
    "missing",
    "conditions",
    "draws",
    "name",
)
"""Checks whose inconclusive findings no further examination would change."""


_OTHER_NETWORK = Examination(problems={"network": "it is not one that the assignment specifies"})
"""In place of an examination: a network of the student's own may take any time and memory."""


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
        lot: text that no student can know; it decides which run is replayed and which validation images are looked at,
            always the same ones for one text.
        replays: replay the first steps of "one" run, or of "all", which then are examined in full.

    Returns:
        Verdicts by run, in the order of `records`.
    """
    repeated = bool(specified_networks(assignment))
    candidates = [run for run, record in records.items() if repeated and reason_not_examinable(record) is None]
    # among the runs that count: beside twenty others a forged one would hardly ever be drawn
    candidates = [run for run in candidates if run in asked_runs(assignment)] or candidates
    drawn = candidates[int(hashlib.sha256(lot.encode()).hexdigest(), 16) % len(candidates)] if candidates else None
    found = {}
    for run, record in records.items():
        context = RecordContext(
            assignment=assignment,
            student=student,
            is_classmate=is_classmate,
            weights=weights.get(run),
            replayed=run == drawn or (replays == "all" and reason_not_examinable(record) is None),
            repeated=repeated,
        )
        findings = examined_findings(record, examiner, context, lot=lot, thorough=replays == "all")
        found[run] = combined_verdict(findings, verified_reason(context))
    return found


def examined_findings(
    record: TrainingRecord, examiner: Examiner, context: RecordContext, *, lot: str = "", thorough: bool = False
) -> list[RecordFinding]:
    """Examine one run, in brief first where that is possible, and in full on any doubt; all findings about its record.

    Args:
        record: validated.
        examiner: used only if the record can be examined.
        context: with the weights, and whether the first steps are to be replayed.
        lot: decides which validation images are looked at.
        thorough: True to examine in full at once.
    """
    if not context.repeated or reason_not_examinable(record) is not None:
        return record_findings(record, None, context)
    if record.network is None or not is_specified(record.network, context.assignment):
        return record_findings(record, _OTHER_NETWORK, context)
    against = obstacles(record)
    full = ExaminationRequest(
        record=record,
        seed=seed_of(record.assignment, record.student),
        weights=context.weights,
        replay=context.replayed and not (against.beginning or against.steps),
        images=chosen_images(record, lot) if record.schema >= 3 and record.image_losses else (),
    )
    context = replace(context, images=full.images)
    if full.images and not thorough:
        brief = msgspec.structs.replace(full, steps=FEW_STEPS, whole=False, hidden=_hidden(record, context))
        findings = record_findings(record, examiner.examine(brief), replace(context, steps=FEW_STEPS))
        if not _in_doubt(findings):
            return findings
    return record_findings(record, examiner.examine(full), replace(context, steps=FIRST_STEPS))


def _hidden(record: TrainingRecord, context: RecordContext) -> int:
    """Which hidden images to evaluate: none without reference runs to compare with, else as few as those allow."""
    reference = load_references(context.assignment).get((record.run, record.images, record.epochs))
    if reference is None:
        return 0
    return FEW_HIDDEN if "few_holdout" in reference.bands else 1


def _in_doubt(findings: Iterable[RecordFinding]) -> bool:
    return any(finding.against or finding.check not in _OPEN_ANYWAY for finding in findings)

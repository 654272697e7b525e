"""Findings that contradict a record, and findings that make it inconclusive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.scorecard import RecordVerdict


@dataclass(frozen=True)
class RecordFinding:
    """Finding of one check about one record.

    Attributes:
        check: name of the check: "replay", "final weights", ...
        text: a sentence, with numbers.
        against: True if it contradicts the record, False if it makes it inconclusive.
    """

    check: str
    text: str
    against: bool = True


def combined_verdict(findings: Iterable[RecordFinding], proven: str) -> RecordVerdict:
    """Combine findings into a verdict: contradicted by a single finding against it, inconclusive by any other one.

    Args:
        findings: all findings about one record.
        proven: reason of the verdict "verified", if there are no findings.
    """
    findings = list(findings)
    against = [finding for finding in findings if finding.against]
    if against:
        return RecordVerdict(verdict="contradicted", reason=_sentences(against))
    if findings:
        return RecordVerdict(verdict="inconclusive", reason=_sentences(findings), open=open_kind(findings))
    return RecordVerdict(verdict="verified", reason=proven)


def open_kind(findings: Iterable[RecordFinding]) -> str:
    """Kind of what a record lacks that is left open, in words; where it lacks several things, the most telling one.

    Example:
        >>> open_kind([RecordFinding("weights", "No final weights came with the record.", against=False)])
        'no weights handed in'
    """
    checks = {finding.check for finding in findings}
    return next((kind for kind, of_kind in _OPEN_KINDS.items() if checks & of_kind), OTHERWISE)


OTHERWISE = "made by something else"

_OPEN_KINDS = {
    "not repeated in this assignment": {"assignment"},
    OTHERWISE: {"missing", "examinable", "replay", "beginning", "images", "final weights", "fingerprints"},
    "made by an older version of the package": {"layout"},
    "trained in another way than the assignment asks": {"conditions", "name", "draws", "network", "loss", "epochs"},
    "not the course's own images": {"data"},
    "no student id, or another one": {"whose"},
    "no weights handed in": {"weights"},
    "not examined": {"process"},
}
"""Checks by kind, the most telling kind first. The checks of OTHERWISE leave a record open where a number is off, or
where it lacks what the package writes."""


def _sentences(findings: list[RecordFinding]) -> str:
    texts = list(dict.fromkeys(finding.text for finding in findings))
    return " ".join(texts[:3]) + (f" And {len(texts) - 3} more." if len(texts) > 3 else "")

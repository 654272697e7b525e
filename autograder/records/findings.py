"""What speaks against a record, and what only leaves it open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.scorecard import RecordVerdict


@dataclass(frozen=True)
class RecordFinding:
    """One finding.

    Attributes:
        check: which check made it: "replay", "final weights", ...
        text: a sentence, with numbers.
        against: whether it contradicts the record. Otherwise the record is only not proven by it.
    """

    check: str
    text: str
    against: bool = True


def combined_verdict(findings: Iterable[RecordFinding], proven: str) -> RecordVerdict:
    """One verdict: a single finding against a record contradicts it; anything open leaves it inconclusive.

    Args:
        findings: all of them.
        proven: the reason where there are none.
    """
    findings = list(findings)
    against = [finding for finding in findings if finding.against]
    if against:
        return RecordVerdict(verdict="contradicted", reason=_sentences(against))
    if findings:
        return RecordVerdict(verdict="inconclusive", reason=_sentences(findings))
    return RecordVerdict(verdict="verified", reason=proven)


def _sentences(findings: list[RecordFinding]) -> str:
    texts = list(dict.fromkeys(finding.text for finding in findings))
    return " ".join(texts[:3]) + (f" And {len(texts) - 3} more." if len(texts) > 3 else "")

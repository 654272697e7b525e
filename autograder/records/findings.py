"""What speaks against a record, and what only leaves it open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.scorecard import Verdict


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        check: which check made it: "replay", "final weights", ...
        text: a sentence, with numbers.
        against: whether it contradicts the record. Otherwise the record is only not proven by it.
    """

    check: str
    text: str
    against: bool = True


def verdict(findings: Iterable[Finding], proven: str) -> Verdict:
    """One verdict: a single finding against a record contradicts it; anything open leaves it inconclusive.

    Args:
        findings: all of them.
        proven: the reason where there are none.
    """
    findings = list(findings)
    against = [finding for finding in findings if finding.against]
    if against:
        return Verdict(verdict="contradicted", reason=_sentences(against))
    if findings:
        return Verdict(verdict="inconclusive", reason=_sentences(findings))
    return Verdict(verdict="verified", reason=proven)


def _sentences(findings: list[Finding]) -> str:
    texts = list(dict.fromkeys(finding.text for finding in findings))
    return " ".join(texts[:3]) + (f" And {len(texts) - 3} more." if len(texts) > 3 else "")

"""The result of one submission: named checks with points and words. The format is fixed in docs/scorecard.md."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Literal

import msgspec

Outcome = Literal["passed", "failed", "skipped", "error"]


class CheckResult(msgspec.Struct, kw_only=True, frozen=True):
    """One check of the rubric.

    Attributes:
        id: "<exercise>.<name>", e.g. "architecture.second_convolution".
        exercise: the grade_id of the nbgrader cell the points belong to.
        points, max_points: finite, 0 <= points <= max_points.
        outcome: "skipped" when a check it depends on did not pass; "error" when the student's code raised.
        message: what was expected and what was found; of a passed check a remark, or empty.
        hint: what to do next; may be empty.
    """

    id: str
    exercise: str
    points: float
    max_points: float
    outcome: Outcome
    message: str = ""
    hint: str = ""


class RecordVerdict(msgspec.Struct, kw_only=True, frozen=True):
    """Verdict of the verification of one training run.

    Attributes:
        verdict: "inconclusive" if nothing contradicts the record, but something is missing.
        reason: in sentences.
        open: kind of what an inconclusive record lacks, by which a class is counted: "no weights handed in".
    """

    verdict: Literal["verified", "inconclusive", "contradicted"]
    reason: str = ""
    open: str = ""


class StageKeys(msgspec.Struct, kw_only=True, frozen=True):
    """Keys of the stages in which a result was made, see `autograder.grading.freshness`; each includes the one before.

    Attributes:
        evidence: what ran, within which limits and isolation, with which code and libraries.
        verdicts: how the training records were judged.
        marks: the rubric and the points.
        page: how the feedback page was made.
    """

    evidence: str
    verdicts: str
    marks: str
    page: str


class Scorecard(msgspec.Struct, kw_only=True, frozen=True):
    """Result of one submission. `score` is None exactly when `status` is "ungradable"; then `notes` says why.

    Attributes:
        left_aside: notes about work that was handed in and not graded, and files that may hold some.
        submission: digest of the files that were handed in.
        rubric: digest of the code of the marks stage.
        isolation: of the process that ran the code.
        classmates: other students whom the training records name.
        missing: packages that the notebook imports and that are not installed where work is graded.
        keys: tell whether the result is up to date; None on a card of an earlier version, which never is.
    """

    schema: Literal[1] = 1
    assignment: str
    student: str
    status: Literal["graded", "ungradable"]
    score: float | None
    max_score: float
    checks: list[CheckResult] = []
    training: dict[str, RecordVerdict] = {}
    notes: list[str] = []
    left_aside: list[str] = []
    seconds: float = 0.0
    submission: str
    rubric: str
    kit: str
    isolation: str = ""
    classmates: list[str] = []
    missing: list[str] = []
    keys: StageKeys | None = None

    def __post_init__(self) -> None:
        for check in self.checks:
            if not (math.isfinite(check.points) and 0 <= check.points <= check.max_points):
                raise ValueError(f"check {check.id}: {check.points} points is not within 0 and {check.max_points}")
        if self.status == "ungradable":
            if self.score is not None or not self.notes:
                raise ValueError("an ungradable submission has no score and says why in its notes")
        elif self.score is None or not math.isclose(self.score, sum(c.points for c in self.checks), abs_tol=1e-9):
            raise ValueError(f"score {self.score} is not the sum of the checks' points")

    def exercises(self) -> dict[str, list[CheckResult]]:
        """The checks by exercise, in the rubric's order."""
        grouped: dict[str, list[CheckResult]] = {}
        for check in self.checks:
            grouped.setdefault(check.exercise, []).append(check)
        return grouped


def encode_card(card: Scorecard) -> bytes:
    """The card as indented JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def card_digest(card: Scorecard) -> str:
    """Digest "sha256:..." of what the gradebook takes from a card: everything but its keys and the time it took."""
    told = msgspec.structs.replace(card, keys=None, seconds=0.0)
    return f"sha256:{hashlib.sha256(encode_card(told)).hexdigest()}"


def decode_card(data: bytes) -> Scorecard:
    """The card from JSON.

    Raises:
        msgspec.ValidationError: the data is not a scorecard.
    """
    return msgspec.json.decode(data, type=Scorecard)


def load_card(path: Path) -> Scorecard:
    """Read `scorecard.json`."""
    return decode_card(path.read_bytes())

"""Verdicts on samples: is a mutant caught and named, an equivalent accepted, and no other check lost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from autograder.audit.by_heart import ByHeart
from autograder.audit.samples import Sample
from autograder.audit.trial import Trial, Way
from autograder.results.scorecard import CheckResult


@dataclass(frozen=True)
class SampleVerdict:
    """Verdict on one sample.

    Attributes:
        sample: its name.
        kind: "mutant" or "equivalent".
        fails: the checks it must fail.
        ways: how it was tried.
        checks: what came of each check.
        survived: checks of `fails` that passed.
        collateral: checks that did not pass and are not in `fails`. For an equivalent all that did not pass.
        unnamed: what the message of the first check of `fails` ought to say and does not.
        disagreement: where a network gave another result as data than as a notebook, or the inputs drawn for it
            decided, "" otherwise.
        seconds: time of all its trials.
    """

    sample: str
    kind: Literal["mutant", "equivalent"]
    fails: tuple[str, ...]
    ways: tuple[Way, ...]
    checks: tuple[CheckResult, ...]
    survived: tuple[str, ...] = ()
    collateral: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    disagreement: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """True if the rubric did what it should."""
        return not (self.survived or self.collateral or self.unnamed or self.disagreement)

    @property
    def exercise(self) -> str:
        """Exercise of the first check that the sample must fail; "" for an equivalent."""
        return self.fails[0].partition(".")[0] if self.fails else ""

    @property
    def problem(self) -> str:
        """The problem, in a sentence; "" if there is none."""
        parts = []
        if self.survived:
            parts.append(f"survives {', '.join(self.survived)}")
        if self.collateral:
            verb = "is refused by" if self.kind == "equivalent" else "also loses"
            parts.append(f"{verb} {', '.join(self.collateral)}")
        if self.unnamed:
            parts.append(f"the message of {self.fails[0]} does not say {'; nor '.join(self.unnamed)}")
        if self.disagreement:
            parts.append(self.disagreement)
        return "; ".join(parts)

    def message(self) -> str:
        """Message that the student would read first; for an equivalent, its remarks."""
        if self.fails:
            return next((check.message for check in self.checks if check.id == self.fails[0]), "")
        return " ".join(check.message for check in self.checks if check.message)


def judge_sample(sample: Sample, kind: Literal["mutant", "equivalent"], trials: Sequence[Trial]) -> SampleVerdict:
    """Judge a sample by its trials; the last one, through the most of the pipeline, is the one shown."""
    final = trials[-1]
    lost = [check.id for check in final.checks if check.outcome != "passed"]
    message = next((check.message for check in final.checks if sample.fails and check.id == sample.fails[0]), "")
    return SampleVerdict(
        sample=sample.name,
        kind=kind,
        fails=sample.fails,
        ways=tuple(trial.way for trial in trials),
        checks=final.checks,
        survived=tuple(check for check in sample.fails if check not in lost),
        collateral=tuple(check for check in lost if check not in sample.fails),
        unnamed=tuple(sample.missing_words(message)) if sample.fails and sample.fails[0] in lost else (),
        disagreement=_disagreement(trials) or _unstable(final),
        seconds=sum(trial.seconds for trial in trials),
    )


def _disagreement(trials: Sequence[Trial]) -> str:
    first, last = trials[0], trials[-1]
    for one, other in zip(first.checks, last.checks, strict=True):
        if (one.outcome, one.message) != (other.outcome, other.message):
            return f"{one.id} says {one.message or one.outcome!r} of the network as data, not {other.message!r}"
    return ""


def _unstable(trial: Trial) -> str:
    return f"what is drawn decides over {', '.join(trial.unstable)}" if trial.unstable else ""


@dataclass(frozen=True)
class Audit:
    """All verdicts on one rubric.

    Attributes:
        assignment: whose rubric it is.
        checks: the ids of its checks, in order.
        verdicts: in the order of the samples.
        unguarded: checks without a mutant.
        by_heart: what the student gets who knows the public questions by heart, by exercise. No mutants: they are not
            counted.
        seconds: wall time.
        seed: what chose the networks that also went the whole way.
    """

    assignment: str
    checks: tuple[str, ...]
    verdicts: tuple[SampleVerdict, ...]
    unguarded: tuple[str, ...] = ()
    by_heart: tuple[ByHeart, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        mutants = [verdict for verdict in self.verdicts if verdict.kind == "mutant"]
        equivalents = [verdict for verdict in self.verdicts if verdict.kind == "equivalent"]
        counts = {
            "caught": sum(not verdict.survived for verdict in mutants),
            "survived": sum(bool(verdict.survived) for verdict in mutants),
            "accepted": sum(not verdict.collateral for verdict in equivalents),
            "refused": sum(bool(verdict.collateral) for verdict in equivalents),
            "collateral": sum(len(verdict.collateral) for verdict in mutants),
            "unnamed": sum(bool(verdict.unnamed) for verdict in mutants),
        }
        object.__setattr__(self, "counts", counts)

    @property
    def good(self) -> bool:
        """True if nothing is wrong with the rubric."""
        known = any(one.passed for one in self.by_heart)
        return not self.unguarded and not known and all(verdict.good for verdict in self.verdicts)


def audit_summary(audits: Sequence[Audit]) -> str:
    """Last line of `autograder audit`, for all rubrics that were audited."""
    total = {name: sum(audit.counts[name] for audit in audits) for name in audits[0].counts}
    return (
        f"{total['caught']} mutants caught, {total['survived']} survived; {total['accepted']} equivalents accepted, "
        f"{total['refused']} refused; {total['collateral']} collateral losses"
    )

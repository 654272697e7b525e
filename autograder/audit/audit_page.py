"""Page of an audit: every sample against every check of its exercise, and the message that a student would read."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.audit.verdict import Audit, SampleVerdict
from autograder.report.rendering import template, words
from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.text import printable

_PASSED, _FAILED = OUTCOMES["passed"].sign, OUTCOMES["failed"].sign

MARKS = {
    "caught": (_FAILED, "failed, as it must"),
    "survived": (f"≠{_PASSED}", "passed, but must fail"),
    "collateral": (f"≠{_FAILED}", "failed, but must pass"),
    "passed": (_PASSED, "passed"),
}
"""Sign and meaning of a cell: the sign of the outcome, after "≠" where it is not the expected one."""


@dataclass(frozen=True)
class SampleRow:
    """One sample as a row of the page.

    Attributes:
        name: the sample's name, in words.
        way: how it was tried: "as a notebook", "as a network", "both ways".
        good: True if the rubric did what it should.
        problem: what is wrong; "" if nothing is.
        cells: a key of MARKS for each check of the exercise.
        elsewhere: checks of other exercises that did not pass, with a key of MARKS.
        message: the message that the student reads first.
    """

    name: str
    way: str
    good: bool
    problem: str
    cells: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True)
class ExerciseSection:
    """Mutants of one exercise: its checks as columns, how many mutants must fail each, and one row per mutant."""

    title: str
    columns: tuple[str, ...]
    aimed: tuple[int, ...]
    rows: tuple[SampleRow, ...]

    @property
    def elsewhere(self) -> bool:
        """True if any of them loses a check of a different exercise."""
        return any(row.elsewhere for row in self.rows)

    @property
    def open(self) -> int:
        """Number of mutants that the rubric does not judge as it should."""
        return sum(not row.good for row in self.rows)


def sections(audit: Audit) -> list[ExerciseSection]:
    """Group the mutants by exercise, in the rubric's order."""
    exercises = dict.fromkeys(check.partition(".")[0] for check in audit.checks)
    return [_section(audit, exercise) for exercise in exercises]


def _section(audit: Audit, exercise: str) -> ExerciseSection:
    checks = tuple(check for check in audit.checks if check.startswith(f"{exercise}."))
    verdicts = [verdict for verdict in audit.verdicts if verdict.kind == "mutant" and verdict.exercise == exercise]
    return ExerciseSection(
        words(exercise),
        tuple(words(check.partition(".")[2]) for check in checks),
        tuple(sum(check in verdict.fails for verdict in verdicts) for check in checks),
        tuple(_row(verdict, checks) for verdict in verdicts),
    )


def _row(verdict: SampleVerdict, columns: tuple[str, ...]) -> SampleRow:
    marks = {check.id: _mark(verdict, check.id) for check in verdict.checks}
    elsewhere = [(name, mark) for name, mark in marks.items() if name not in columns and mark != "passed"]
    way = "both ways" if len(verdict.ways) > 1 else f"as a {verdict.ways[0]}"
    return SampleRow(
        words(verdict.sample),
        way,
        verdict.good,
        verdict.problem,
        tuple(marks[check] for check in columns),
        tuple((words(name.replace(".", ": ")), mark) for name, mark in elsewhere),
        printable(verdict.message(), 1_500),
    )


def _mark(verdict: SampleVerdict, check: str) -> str:
    if check in verdict.survived:
        return "survived"
    if check in verdict.collateral:
        return "collateral"
    return "caught" if check in verdict.fails else "passed"


def audit_page_html(audit: Audit) -> str:
    """Render the page. It has no script and refers to nothing outside itself."""
    equivalents = [_row(verdict, ()) for verdict in audit.verdicts if verdict.kind == "equivalent"]
    return template("matrix.html.j2").render(
        assignment=audit.assignment,
        counts=audit.counts,
        good=audit.good,
        problems=[(words(verdict.sample), verdict.problem) for verdict in audit.verdicts if not verdict.good],
        unguarded=audit.unguarded,
        sections=sections(audit),
        equivalents=equivalents,
        marks=MARKS,
        seconds=round(audit.seconds),
        checks=len(audit.checks),
    )

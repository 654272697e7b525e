"""feedback.html: one submission's result as a page for the student, complete in a single file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from autograder.report.curves import curves_svg, run_summaries
from autograder.report.network_table import side_by_side
from autograder.report.rendering import points_text, template, words
from autograder.results.scorecard import CheckResult, Scorecard
from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.plots.svg import MOST_RUNS
from cnnkit.text import one_line, printable

_VERDICTS = {
    "verified": ("✓", "verified"),
    "inconclusive": ("?", "inconclusive"),
    "contradicted": ("✗", "contradicted"),
}


@dataclass(frozen=True)
class FeedbackCheck:
    """One check in words. `hint` is "" where there is none."""

    name: str
    outcome: str
    symbol: str
    word: str
    points: str
    max_points: str
    message: str
    hint: str


@dataclass(frozen=True)
class FeedbackExercise:
    """One exercise: its points, what did not pass, and what did."""

    name: str
    points: str
    max_points: str
    share: int
    open: list[FeedbackCheck]
    passed: list[FeedbackCheck]


def feedback_html(
    card: Scorecard,
    *,
    title: str,
    found: ModelSpec | None = None,
    brief: ModelSpec | None = None,
    network_note: str = "",
    histories: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
) -> str:
    """The feedback page: the mark, every check with its reason and a next step, the network, the loss curves.

    The page has no script and refers to nothing outside itself. Whatever comes from the student is escaped. The same
    arguments give the same text.

    Args:
        card: the result.
        title: the assignment's title.
        found: the student's network, to be shown beside the brief's.
        brief: the network that was asked for; the two are shown only together.
        network_note: what is to be said of the two besides.
        histories: run to metric to values per epoch, from the student's training records.
    """
    exercises = [_exercise(name, checks) for name, checks in card.exercises().items()]
    runs = {name: values for name, values in (histories or {}).items() if values.get("loss") or values.get("val_loss")}
    return template("feedback.html.j2").render(
        title=printable(title, 200),
        student=one_line(card.student, 80),
        graded=card.status == "graded",
        score=None if card.score is None else points_text(card.score),
        max_score=points_text(card.max_score),
        share=_share(card.score or 0.0, card.max_score),
        counts=_counts(card.checks),
        exercises=exercises,
        notes=[printable(note, 1_000) for note in card.notes],
        verdicts=[
            (one_line(run, 40), *_VERDICTS[v.verdict], printable(v.reason, 600)) for run, v in card.training.items()
        ],
        network=side_by_side(found, brief) if found is not None and brief is not None else None,
        network_note=network_note,
        curves=Markup(curves_svg(runs)),  # made of numbers and escaped names
        runs=run_summaries(runs),
        runs_left_out=max(0, len(runs) - MOST_RUNS),
        submission=one_line(card.submission, 80),
        kit=one_line(card.kit, 40),
    )


def _exercise(name: str, checks: list[CheckResult]) -> FeedbackExercise:
    reached, possible = sum(check.points for check in checks), sum(check.max_points for check in checks)
    shown = [_check(check) for check in checks]
    return FeedbackExercise(
        words(one_line(name, 80)),
        points_text(reached),
        points_text(possible),
        _share(reached, possible),
        _grouped([check for check in shown if check.outcome != "passed"]),
        [check for check in shown if check.outcome == "passed"],
    )


def _grouped(checks: list[FeedbackCheck]) -> list[FeedbackCheck]:
    """Neighbours that were skipped for one reason as one entry: the reason is read once, not nine times."""
    grouped: list[FeedbackCheck] = []
    for check in checks:
        before = grouped[-1] if grouped else None
        if before and before.outcome == check.outcome == "skipped" and before.message == check.message:
            both = float(before.max_points) + float(check.max_points)
            grouped[-1] = replace(before, name=f"{before.name} · {check.name}", max_points=points_text(both))
        else:
            grouped.append(check)
    return grouped


def _check(check: CheckResult) -> FeedbackCheck:
    symbol, word = OUTCOMES[check.outcome]
    name = check.id.removeprefix(f"{check.exercise}.")
    return FeedbackCheck(
        words(one_line(name, 80)),
        check.outcome,
        symbol,
        word,
        points_text(check.points),
        points_text(check.max_points),
        printable(check.message).strip(),
        printable(check.hint, 1_000).strip(),
    )


def _share(value: float, maximum: float) -> int:
    return round(100 * value / maximum) if maximum > 0 else 0


def _counts(checks: list[CheckResult]) -> list[tuple[str, str, int, str]]:
    """How many checks passed, did not, ...: (outcome, symbol, number, word), those that occur."""
    numbers = {outcome: sum(check.outcome == outcome for check in checks) for outcome in OUTCOMES}
    return [(outcome, *_counted(outcome, number)) for outcome, number in numbers.items() if number]


def _counted(outcome: str, number: int) -> tuple[str, int, str]:
    symbol, word = OUTCOMES[outcome]
    return symbol, number, word + ("s" if outcome == "error" and number != 1 else "")

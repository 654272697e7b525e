"""The marks on the terminal: a table where there is one, plain lines in a log or a pipe."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.report.rendering import points_text
from autograder.results.scorecard import CheckResult, Scorecard
from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.text import one_line


def print_table(cards: Iterable[Scorecard], console: Console | None = None) -> None:
    """Print a class: student, score, points by exercise, and the first check that did not pass.

    Sorted by student. On a terminal a table; otherwise one line a student, fields separated by tabs, after a heading.
    """
    console = console or Console()
    rows = sorted(cards, key=lambda card: card.student)
    if console.is_terminal:
        console.print(marks_table(rows))
    else:
        for line in plain_lines(rows):
            # Written as it is: rich would wrap and colour.
            console.file.write(line + "\n")


def marks_table(cards: list[Scorecard]) -> Table:
    """The same as a rich Table."""
    exercises = _exercises(cards)
    table = Table(title=f"{len(cards)} submission{'s' * (len(cards) != 1)}", title_justify="left")
    table.add_column("student", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for name in exercises:
        table.add_column(name, justify="right")
    table.add_column("first to look at", ratio=1)
    for card in cards:
        style = "" if card.status == "graded" else "yellow"
        cells = [
            escape(one_line(card.student, 30)),
            _score(card),
            *_by_exercise(card, exercises),
            escape(_remark(card, 90)),
        ]
        table.add_row(*cells, style=style)
    return table


def plain_lines(cards: list[Scorecard]) -> list[str]:
    """The same as lines of fields separated by tabs, with a heading."""
    exercises = _exercises(cards)
    lines = ["\t".join(["student", "score", *exercises, "first to look at"])]
    for card in cards:
        lines.append(
            "\t".join([one_line(card.student, 60), _score(card), *_by_exercise(card, exercises), _remark(card, 160)])
        )
    return lines


def _exercises(cards: list[Scorecard]) -> list[str]:
    return list(dict.fromkeys(name for card in cards for name in card.exercises()))


def _score(card: Scorecard) -> str:
    return "ungradable" if card.score is None else f"{points_text(card.score)}/{points_text(card.max_score)}"


def _by_exercise(card: Scorecard, exercises: list[str]) -> list[str]:
    found = card.exercises()
    if card.score is None:
        return ["–" for _ in exercises]
    return [points_text(sum(check.points for check in found[name])) if name in found else "–" for name in exercises]


def _remark(card: Scorecard, limit: int) -> str:
    if card.score is None:
        return one_line(" ".join(card.notes), limit)
    check = _first(card.checks)
    if check is None:
        return "all passed"
    sign, word = OUTCOMES[check.outcome]
    return one_line(f"{sign} {check.id} ({word}): {check.message}", limit)


def _first(checks: list[CheckResult]) -> CheckResult | None:
    """The first check that failed or raised; a skipped one only where there is no other."""
    failed = [check for check in checks if check.outcome in ("failed", "error")]
    skipped = [check for check in checks if check.outcome == "skipped"]
    return next(iter([*failed, *skipped]), None)

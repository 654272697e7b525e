"""Marks of a class as a table on a terminal, as plain lines in a log or a pipe."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.report.rendering import points_text
from autograder.results.scorecard import CheckResult, Scorecard
from cnnkit.checks.outcomes import OUTCOMES
from cnnkit.text import one_line

if TYPE_CHECKING:  # rich is imported for a terminal only
    from rich.console import Console
    from rich.table import Table


def print_table(cards: Iterable[Scorecard], console: Console | None = None) -> None:
    """Print a class: student, score, points by exercise, and the first check that did not pass; also if work of a
    student was set aside.

    Sorted by student. On a terminal a table; otherwise one line a student, fields separated by tabs, after a heading.
    """
    rows = sorted(cards, key=lambda card: card.student)
    if console is None and sys.stdout.isatty():
        from rich.console import Console

        console = Console()
    if console is not None and console.is_terminal:
        console.print(marks_table(rows))
        return
    file = sys.stdout if console is None else console.file
    for line in plain_lines(rows):
        # Written as it is: rich would wrap and colour.
        file.write(line + "\n")


def marks_table(cards: list[Scorecard]) -> Table:
    """Marks of a class as a rich Table."""
    from rich.markup import escape
    from rich.table import Table

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
    """Marks of a class as lines of fields separated by tabs, with a heading."""
    exercises = _exercises(cards)
    lines = ["\t".join(["student", "score", *exercises, "first to look at"])]
    for card in cards:
        lines.append(
            "\t".join([one_line(card.student, 60), _score(card), *_by_exercise(card, exercises), _remark(card, 160)])
        )
    return lines


def missing_packages(cards: Iterable[Scorecard]) -> str:
    """Packages that notebooks of a class import and that are not installed for grading, in one line; "" for none.

    The most frequent ones come first, at most ten.

    Example:
        >>> missing_packages([])
        ''
    """
    counts = Counter(name for card in cards for name in set(card.missing))
    if not counts:
        return ""
    found = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    named = [f"{one_line(name, 60)} ({count} student{'s' * (count != 1)})" for name, count in found[:10]]
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return f"Missing while grading: {', '.join(named)}{more}."


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
    aside = "work was set aside; " if card.left_aside else ""
    check = _first(card.checks)
    if check is None:
        return f"{aside}all passed"
    sign, word = OUTCOMES[check.outcome]
    return one_line(f"{aside}{sign} {check.id} ({word}): {check.message}", limit)


def _first(checks: list[CheckResult]) -> CheckResult | None:
    """The first check that failed or raised, else the first that was skipped, else None."""
    failed = [check for check in checks if check.outcome in ("failed", "error")]
    skipped = [check for check in checks if check.outcome == "skipped"]
    return next(iter([*failed, *skipped]), None)

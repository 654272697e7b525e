"""Audit of a rubric on the terminal: one row per check, and every problem by name."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.audit.by_heart import share_of_public
from autograder.audit.verdict import Audit, SampleVerdict


def print_audit(audit: Audit, console: Console | None = None) -> None:
    """Print the audit by check: on a terminal as a table, otherwise as lines of fields separated by tabs."""
    console = console or Console()
    heading = ("check", "mutants", "caught", "survived", "message names it", "lost without cause")
    rows = [_row(audit, check) for check in audit.checks]
    if console.is_terminal:
        table = Table(title=f"{audit.assignment}: {audit.counts['caught']} mutants caught", title_justify="left")
        for place, name in enumerate(heading):
            table.add_column(name, justify="right" if place else "left", no_wrap=place == 0)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    else:
        for row in (heading, *rows):
            console.file.write("\t".join(row) + "\n")
    if audit.by_heart:
        console.print(public_share(audit), soft_wrap=True, highlight=False)
    for problem in problems(audit):
        console.print(escape(problem), style="red", soft_wrap=True, highlight=False)


def public_share(audit: Audit) -> str:
    """The share of the points that public checks alone decide, in all and by exercise."""
    parts = [f"{one.exercise} {share_of_public([one]):.0%}" for one in audit.by_heart]
    return f"Public checks alone decide {share_of_public(audit.by_heart):.0%} of the points: {', '.join(parts)}."


def problems(audit: Audit) -> list[str]:
    """Problems of the rubric, one sentence each."""
    unguarded = [f"✗ {check}: no mutant has to fail it, so nobody knows whether it can" for check in audit.unguarded]
    known = [
        f"✗ {check} passes whoever knows the public questions by heart: it asks nothing else"
        for one in audit.by_heart
        for check in one.passed
    ]
    return (
        unguarded
        + known
        + [f"✗ {verdict.kind} {verdict.sample} {verdict.problem}" for verdict in audit.verdicts if not verdict.good]
    )


def _row(audit: Audit, check: str) -> tuple[str, ...]:
    aimed = [verdict for verdict in audit.verdicts if check in verdict.fails]
    survived = sum(check in verdict.survived for verdict in aimed)
    first = [verdict for verdict in aimed if _leads(verdict, check)]
    named = sum(not verdict.unnamed for verdict in first)
    collateral = sum(check in verdict.collateral for verdict in audit.verdicts)
    numbers = (len(aimed), len(aimed) - survived, survived)
    return (check, *map(str, numbers), f"{named} of {len(first)}", str(collateral))


def _leads(verdict: SampleVerdict, check: str) -> bool:
    """True if it is this check's message that has to name the mistake."""
    return verdict.fails[0] == check and check not in verdict.survived

"""`autograder doctor`: print what works on this machine, and what to do about what does not."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.commands.diagnosis import Diagnosis, diagnose


@click.command("doctor")
def doctor_command() -> None:
    """Check what works on this machine, and say what to do about what does not.

    Exit status: 0 ready to grade; 1 not.
    """
    sys.exit(print_report(diagnose(Path.cwd())))


def print_report(results: list[Diagnosis], console: Console | None = None) -> int:
    """Print the results as a table, then the remedies.

    Returns:
        The exit status: 1 if something necessary is not as it should be, else 0.
    """
    out = console or Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for result in results:
        mark = "[green]✓ ok[/]" if result.ok else "[red]✗ fails[/]" if result.necessary else "[yellow]! note[/]"
        table.add_row(mark, escape(result.name), escape(result.detail))
    out.print(table)
    for result in results:
        if not result.ok and result.remedy:
            out.print(f"\n[bold]{escape(result.name)}[/]: {escape(result.remedy)}")
    failing = [result.name for result in results if result.necessary and not result.ok]
    if failing:
        out.print(f"\nNot ready to grade: {escape(', '.join(failing))}.")
        return 1
    out.print("\nReady to grade.")
    return 0

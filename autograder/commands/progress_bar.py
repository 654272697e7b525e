"""Progress on stderr: a bar on a terminal, otherwise lines for a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(doing: str, total: int) -> Iterator[Callable[[str, bool], None]]:
    """Show the progress of a piece of work.

    Args:
        doing: the work, as a word: "grading".
        total: number of steps.

    Yields:
        `step(text, log)`, to be called after each step: `text` is shown beside the bar; without a terminal it is a line
        of the log if `log` is true.
    """
    with _terminal_bar(doing, total) if sys.stderr.isatty() else _log(total) as step:
        yield step


@contextmanager
def _log(total: int) -> Iterator[Callable[[str, bool], None]]:
    done = 0

    def step(text: str, log: bool) -> None:
        nonlocal done
        done += 1
        if log:
            click.echo(f"[{done}/{total}] {text}", err=True)

    yield step


@contextmanager
def _terminal_bar(doing: str, total: int) -> Iterator[Callable[[str, bool], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[last]}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total, last="starting Keras")
        yield lambda text, log: bar.update(task, advance=1, last=text)

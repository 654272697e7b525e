"""Progress on stderr: a bar on a terminal, otherwise lines for a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


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
    console = Console(stderr=True)
    done = 0
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        TextColumn("{task.fields[last]}"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task(doing, total=total, last="starting Keras")

        def step(text: str, log: bool) -> None:
            nonlocal done
            done += 1
            bar.update(task, advance=1, last=text)
            if log and not console.is_terminal:
                click.echo(f"[{done}/{total}] {text}", err=True)

        yield step

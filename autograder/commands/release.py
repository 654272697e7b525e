"""`autograder release`: build the release notebooks, or compare them with their sources."""

from __future__ import annotations

import sys

import click

from autograder.commands.options import with_course
from autograder.course.config import Course
from autograder.release import release


@click.command("release")
@click.argument("names", nargs=-1)
@click.option("--check", is_flag=True, help="Only compare; exit 1 on any difference.")
@with_course
def release_command(course: Course, names: tuple[str, ...], check: bool) -> None:
    """Build assignments/ from solutions/: all assignments, or those named.

    Exit status: 0 done, or nothing to do; 1 the release differs from its source (--check); 2 the call or the source is
    wrong.
    """
    changes = release(course, list(names) or None, check=check)
    for change in changes:
        click.echo(f"{change.kind}: {change.path}")
        if check and change.diff:
            click.echo(change.diff)
    if check and changes:
        click.echo("The release differs from its source: run `autograder release`.", err=True)
        sys.exit(1)
    if not changes:
        click.echo("The release is up to date.")

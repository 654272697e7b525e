"""The commands: thin, each a few lines over the room that does the work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from autograder.course.config import Course, CourseError, load_course
from cnnkit.text import did_you_mean

_FOLDER = click.Path(file_okay=False, path_type=Path)


class CallError(click.ClickException):
    """The call itself is wrong: exit status 2."""

    exit_code = 2


class _Commands(click.Group):
    """A group that answers a mistyped command with the nearest one."""

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            question = did_you_mean(args[0], self.list_commands(context))
            if not question:
                raise
            raise click.UsageError(f"No such command '{args[0]}'. {question}", context) from error


def _with_course(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the command the course that the working directory belongs to."""

    @wraps(command)
    def run(**options: Any) -> None:
        try:
            command(load_course(), **options)
        except CourseError as error:
            raise CallError(str(error)) from error

    return run


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cnn-course-kit")
def main() -> None:
    """Prepare a course's notebooks, and grade what students hand in."""


@main.command()
def doctor() -> None:
    """Say what works on this machine, and what to do about what does not."""
    from autograder.commands.doctor import diagnose, print_report

    sys.exit(print_report(diagnose(Path.cwd())))


@main.command()
@click.argument("names", nargs=-1)
@click.option("--check", is_flag=True, help="Only compare; exit 1 on any difference.")
@_with_course
def release(course: Course, names: tuple[str, ...], check: bool) -> None:
    """Make assignments/ from solutions/."""
    from autograder.release import ReleaseError
    from autograder.release import release as make

    try:
        changes = make(course, list(names) or None, check=check)
    except ReleaseError as error:
        raise CallError(str(error)) from error
    for change in changes:
        click.echo(f"{change.kind}: {change.path}")
        if check and change.diff:
            click.echo(change.diff)
    if check and changes:
        click.echo("The release differs from its source: run `autograder release`.", err=True)
        sys.exit(1)
    if not changes:
        click.echo("The release is up to date.")


@main.command()
@click.argument("name")
@click.option(
    "--submitted",
    type=_FOLDER,
    default=Path("submitted"),
    show_default=True,
    help="What came in, laid out as nbgrader does.",
)
@click.option(
    "--output", type=_FOLDER, default=Path("graded"), show_default=True, help="Where scorecards and feedback go."
)
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may be given several times."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Submissions at a time.  [default: the number of cores]")
@click.option(
    "--executor", default="local", show_default=True, help="Where the work is done: tcp://... is a Dask cluster."
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", "namespaces", "bubblewrap", "none"]),
    default="auto",
    show_default=True,
    help="How submissions are kept away from this machine; `none` has to be asked for.",
)
@click.option("--force", is_flag=True, help="Grade again what has been graded already.")
@click.option(
    "--replays",
    type=click.Choice(["one", "all"]),
    default="one",
    show_default=True,
    help="Of each student's training runs: how many first steps are taken again. Has its effect on fresh grading only.",
)
@click.option("--no-gradebook", is_flag=True, help="Leave nbgrader's database alone.")
@_with_course
def grade(course: Course, name: str, **options: Any) -> None:
    """Grade the class: scorecards, feedback, grades.csv, and nbgrader's gradebook."""
    from autograder.commands.grade import grade_command

    grade_command(course, name, **options)


@main.command()
@click.argument("name")
@click.option("--student", required=True, metavar="ID", help="Whose records.")
@click.option(
    "--submitted", type=_FOLDER, default=Path("submitted"), show_default=True, help="What came in, as for `grade`."
)
@click.option("--full", is_flag=True, help="Train every run again and compare epoch by epoch. Takes as long as it did.")
@_with_course
def verify(course: Course, name: str, **options: Any) -> None:
    """Look closely at one student's training records: every run replayed, or trained again."""
    from autograder.commands.verify import verify_command

    verify_command(course, name, **options)


@main.command()
@click.argument("names", nargs=-1)
@click.option("--output", type=_FOLDER, default=Path("audit"), show_default=True, help="Where the pages go.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Samples at a time.  [default: the number of cores]")
@click.option("--everything", is_flag=True, help="Try every wrong network as a notebook too, not only one in ten.")
@_with_course
def audit(course: Course, names: tuple[str, ...], **options: Any) -> None:
    """Put wrong and right answers to the rubrics: all must be caught, or accepted, and nothing lost besides."""
    from autograder.commands.audit import audit_command

    audit_command(course, names, **options)


if __name__ == "__main__":
    main()

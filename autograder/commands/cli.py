"""The command `autograder`: a group that imports a subcommand only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from cnnkit.errors import KitError
from cnnkit.text import did_you_mean

COMMANDS = {
    "doctor": "Check what works on this machine.",
    "release": "Build assignments/ from solutions/.",
    "grade": "Grade the submissions to an assignment.",
    "verify": "Check the training records of one student.",
    "audit": "Test the rubrics with wrong and right answers.",
}
"""Each subcommand with its line in `autograder --help`, in the order of use.

`autograder.commands.<name>` defines the subcommand as `<name>_command`. The line stands here so that the list of
commands can be printed without importing any of them.
"""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as of a program that SIGINT ended (128 + 2)."""


class LazyGroup(click.Group):
    """A click group whose subcommands are imported on demand.

    It is also the one place that turns exceptions into exit statuses: a `KitError` ends the command with its message
    and its `exit_status`, Ctrl-C with status 130. Click handles its own errors (status 2 for a wrong call).
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"autograder.commands.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand that was called.

        Raises:
            click.UsageError: there is none of this name; the message suggests the nearest one.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            suggestion = did_you_mean(args[0], COMMANDS)
            if not suggestion:
                raise
            raise click.UsageError(f"No such command '{args[0]}'. {suggestion}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands, each with its line from `COMMANDS`."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand and turn a `KitError` or Ctrl-C into a message and an exit status."""
        try:
            return super().invoke(ctx)
        except KitError as error:
            click.echo(f"Error: {error}", err=True)
            raise click.exceptions.Exit(error.exit_status) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cnn-course-kit")
def main() -> None:
    """Prepare a course's notebooks, and grade what students hand in."""

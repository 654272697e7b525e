"""The group of commands: listed without being imported, and one place that turns errors into exit statuses."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autograder import commands
from autograder.commands import cli
from autograder.commands.cli import COMMANDS, main
from autograder.course.config import CourseError
from cnnkit.errors import KitError

HEAVY = ("pytest", "nbgrader", "numpy", "keras", "tensorflow", "rich", "jinja2", "sqlalchemy")


def run(*arguments, **options):
    return CliRunner().invoke(main, list(arguments), **options)


@pytest.fixture
def broken(monkeypatch):
    """Lets `autograder doctor` raise an error of the test's choice."""

    def raises(error):
        @click.command()
        def command():
            raise error

        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)
        return run("doctor")

    return raises


def test_the_list_of_commands_imports_none_of_them():
    code = (
        "import sys\n"
        "from autograder.commands.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_list_has_whole_sentences_on_80_columns():
    lines = run("--help", terminal_width=80).output.splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    assert len(listed) == len(COMMANDS)
    assert all(line.endswith(".") and "..." not in line and len(line) <= 80 for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named_as_its_module_and_explains_itself(name):
    context = click.Context(main)
    command = main.get_command(context, name)
    assert command.name == name
    assert command.help.splitlines()[0].endswith((".", ":", ","))
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_every_module_that_defines_a_command_is_listed():
    found = [
        module.name
        for module in pkgutil.iter_modules(commands.__path__)
        if "@click.command(" in Path(commands.__path__[0], f"{module.name}.py").read_text(encoding="utf-8")
    ]
    assert sorted(found) == sorted(COMMANDS)


def test_a_misspelled_command():
    done = run("grad", "mnist_convnet")
    assert done.exit_code == 2
    assert "No such command 'grad'. Did you mean 'grade'?" in done.stderr
    assert "Did you mean" not in run("zzz").stderr


@pytest.mark.parametrize(("error", "status"), [(KitError("no disk"), 1), (CourseError("no course"), 2)])
def test_an_error_ends_the_command_with_its_text_and_status(broken, error, status):
    done = broken(error)
    assert (done.exit_code, done.stderr, done.stdout) == (status, f"Error: {error}\n", "")


def test_an_error_that_nobody_foresaw_keeps_its_traceback(broken):
    assert isinstance(broken(ZeroDivisionError()).exception, ZeroDivisionError)


def test_an_interrupted_command_has_status_130(broken):
    done = broken(KeyboardInterrupt())
    assert (done.exit_code, done.stderr) == (130, "Interrupted.\n")


def test_the_version():
    import cnnkit

    by_module = subprocess.run(
        [sys.executable, "-m", "autograder", "--version"], capture_output=True, text=True, check=True
    )
    assert by_module.stdout == run("--version", prog_name="autograder").output
    assert by_module.stdout.strip().endswith(cnnkit.__version__)

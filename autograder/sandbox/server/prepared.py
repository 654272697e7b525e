"""Everything that a child needs before it knows its submission: made once, in the zygote, and copied by each fork.

Nothing here depends on a submission, and a child that changes it changes its own copy.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from autograder.sandbox.server.kit_guard import KitGuard
from autograder.sandbox.server.notebook_shell import NotebookShell
from cnnkit.networks.describe.keras_model import TracedModel
from cnnkit.networks.describe.keras_own import collect_keras
from cnnkit.probe.weightless_watching import trial_error


@dataclass(frozen=True)
class Prepared:
    """Parts of a child that are ready before its submission arrives.

    Attributes:
        notebook: a shell in which nothing has been run.
        guard: snapshot of the kit's functions.
        weightless: True if trainings may be watched without weights.
        described: the network that was described last, by the bytes of the request.
    """

    notebook: NotebookShell
    guard: KitGuard
    weightless: bool
    described: dict[bytes, TracedModel] = field(default_factory=dict)


def prepare(*, weightless: bool) -> Prepared:
    """Make the parts; everything that the kit needs must have been imported.

    Args:
        weightless: True if `start_trial` has shown that trainings can be watched without weights.
    """
    collect_keras()  # before any code of a submission can add to it
    with _bare_surroundings():
        notebook = NotebookShell()
    return Prepared(notebook, KitGuard(), weightless)


def start_trial() -> int:
    """Try in a fork whether trainings can be watched without weights; returns its process number for `trial_passed`.

    In a fork, because TensorFlow may start threads in it, which no later fork would survive.
    """
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 1 if trial_error() else 0
        finally:
            os._exit(status)
    return pid


def trial_passed(pid: int) -> bool:
    """Wait for the end of a trial; True if it found nothing wrong."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


@contextmanager
def _bare_surroundings() -> Iterator[None]:
    """Context with an empty folder and nearly no environment, as a child has them: a shell looks at both."""
    environment, folder = dict(os.environ), os.getcwd()
    with tempfile.TemporaryDirectory(prefix="shell-") as empty:
        os.environ.clear()
        os.environ.update(HOME=empty, PATH="/usr/bin:/bin")
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)

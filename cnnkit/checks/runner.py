"""`cnnkit.check`: run an exercise's public checks and show the result, in a notebook or in a terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from cnnkit.checks.evidence import StudentError
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import PublicChecks, public_checks
from cnnkit.checks.remarks import collecting
from cnnkit.checks.report import CheckLine, CheckReport
from cnnkit.errors import KitError
from cnnkit.mismatch import Mismatch
from cnnkit.text import did_you_mean, one_line


class _Short:
    """An exception whose message says all: IPython asks it for its own traceback, and gets one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_Short, KitError):
    """Some checks did not pass; what and why is shown above the cell's error. Shows itself without a stack trace.

    Args:
        headline: how many passed.
        details: the whole report as text; `nbgrader validate` shows a cell's error and nothing else of its output.
    """

    def __init__(self, headline: str, details: str = "") -> None:
        super().__init__(headline)
        self.details = details

    def _render_traceback_(self) -> list[str]:
        if os.environ.get("NBGRADER_EXECUTION") and self.details:
            return self.details.split("\n")
        return super()._render_traceback_()


class NoSuchCheck(_Short, KitError, AttributeError):
    """There is no check of that name, or no assignment has been started. An AttributeError, so that `hasattr` works."""


class WrongCall(_Short, KitError, TypeError):
    """A check was called with another number of functions than it takes."""


class Checker:
    """`check.<exercise>(function, ...)` runs the public checks of an exercise of the current assignment."""

    def __getattr__(self, exercise: str) -> Callable[..., None]:
        if exercise.startswith("_"):
            raise AttributeError(exercise)
        checks = _current()
        if exercise not in checks.functions:
            known, question = ", ".join(checks.functions), did_you_mean(exercise, checks.functions)
            raise NoSuchCheck(f"{checks.assignment} has no exercise {exercise!r}; it has {known}. {question}".rstrip())

        def run(*functions: Any) -> None:
            report = run_checks(checks, exercise, functions)
            report.show()
            if not report.passed:
                raise CheckFailed(report.headline(), str(report))

        run.__name__ = run.__qualname__ = exercise
        run.__doc__ = f"Check {', '.join(checks.functions[exercise])}: the public checks of {exercise!r}."
        return run

    def __dir__(self) -> list[str]:
        """The exercises of the current assignment, for completion with the Tab key; none before it is started."""
        try:
            return sorted(_current().functions)
        except NoSuchCheck:
            return []

    def __repr__(self) -> str:
        exercises = dir(self)
        return f"<checks of {', '.join(exercises)}>" if exercises else "<checks: no assignment has been started>"


check = Checker()


def run_checks(checks: PublicChecks, exercise: str, functions: tuple[Any, ...]) -> CheckReport:
    """Run the public checks of one exercise on live functions, given in the order of `checks.functions[exercise]`.

    Raises:
        WrongCall: another number of functions was given.
    """
    names = checks.functions[exercise]
    if len(functions) != len(names):
        call = f"check.{exercise}({', '.join(names)})"
        raise WrongCall(f"expected {call}, found {len(functions)} argument{'s' if len(functions) != 1 else ''}")
    evidence = LiveEvidence(dict(zip(names, functions, strict=True)))
    lines: list[CheckLine] = []
    remarked: set[str] = set()
    for item in checks.of(exercise):
        try:
            with collecting() as remarks:
                item.run(evidence)
        except Mismatch as mismatch:
            lines.append(CheckLine(item.title, "failed", mismatch.message, mismatch.hint))
        except StudentError as error:
            lines.append(CheckLine(item.title, "error", str(error), error.hint))
        except Exception as error:  # a mistake in the check itself must not hide the others
            said = f"This check could not deal with your answer ({type(error).__name__}: {one_line(error, 200)})."
            lines.append(CheckLine(item.title, "error", said, "Please tell your teacher: the mistake is in the check."))
        else:
            lines.append(CheckLine(item.title, "passed", " ".join(said for said in remarks if said not in remarked)))
            remarked.update(remarks)
    return CheckReport(exercise, tuple(lines))


def _current() -> PublicChecks:
    from cnnkit.session import current_session

    session = current_session()
    if session is None:
        raise NoSuchCheck('no assignment has been started: run the cell with `cnnkit.start("...")` first')
    found = public_checks(session.assignment)
    if found is None:
        raise NoSuchCheck(f"{session.assignment} has no checks to run in the notebook")
    return found

"""`cnnkit.check`: run an exercise's public checks and show the result, in a notebook or in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnkit.checks.evidence import StudentError
from cnnkit.checks.live_evidence import LiveEvidence
from cnnkit.checks.registry import PublicCheck, PublicChecks, public_checks
from cnnkit.checks.remarks import collecting
from cnnkit.checks.report import CheckLine, CheckReport
from cnnkit.errors import KitError
from cnnkit.execution import runs_under_nbgrader
from cnnkit.mismatch import Mismatch
from cnnkit.text import did_you_mean, one_line


class _OneLineTraceback:
    """Mixin for exceptions that IPython shows as one line, without a stack trace."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_OneLineTraceback, KitError):
    """Checks that did not pass; the report above the cell's error says which and why.

    Args:
        headline: the report's headline.
        details: the report as text, for `nbgrader validate`, which shows a cell's error and no other output.
    """

    def __init__(self, headline: str, details: str = "") -> None:
        super().__init__(headline)
        self.details = details

    def _render_traceback_(self) -> list[str]:
        if runs_under_nbgrader() and self.details:
            return self.details.split("\n")
        return super()._render_traceback_()


class NoSuchCheck(_OneLineTraceback, KitError, AttributeError):
    """Missing check, or no started assignment. It is an AttributeError, so that `hasattr` works."""


class WrongCall(_OneLineTraceback, KitError, TypeError):
    """Call of a check with a wrong number of functions."""


class Checker:
    """Namespace of checks: `check.<exercise>(function, ...)` checks an exercise of the current assignment."""

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
        """Exercises of the current assignment, for completion with the Tab key; none before it is started."""
        try:
            return sorted(_current().functions)
        except NoSuchCheck:
            return []

    def __repr__(self) -> str:
        exercises = dir(self)
        return f"<checks of {', '.join(exercises)}>" if exercises else "<checks: no assignment has been started>"


check = Checker()


def run_checks(checks: PublicChecks, exercise: str, functions: tuple[Any, ...]) -> CheckReport:
    """Run the public checks of one exercise on live functions.

    Args:
        checks: the checks of the assignment.
        exercise: name of the exercise.
        functions: the student's functions, in the order of `checks.functions[exercise]`.

    Returns:
        The result of every check; an error in one does not stop the others.

    Raises:
        WrongCall: the number of functions is wrong.
    """
    names = checks.functions[exercise]
    if len(functions) != len(names):
        call = f"check.{exercise}({', '.join(names)})"
        raise WrongCall(f"expected {call}, found {len(functions)} argument{'s' if len(functions) != 1 else ''}")
    forbid = checks.forbid.get(exercise, ())
    evidence = LiveEvidence(dict(zip(names, functions, strict=True)), forbid)
    lines: list[CheckLine] = []
    remarked: set[str] = set()
    items = checks.of(exercise)
    if forbid:  # last, after the others have called the functions
        items.append(PublicCheck(exercise, f"it uses none of {', '.join(forbid)}", lambda _: evidence.check_uses()))
    for item in items:
        try:
            with collecting() as remarks:
                item.run(evidence)
        except Mismatch as mismatch:
            lines.append(CheckLine(item.title, "failed", mismatch.message, mismatch.hint))
        except StudentError as error:
            lines.append(CheckLine(item.title, "error", str(error), error.hint))
        except Exception as error:  # an error of the check itself must not stop the others
            message = f"This check could not deal with your answer ({type(error).__name__}: {one_line(error, 200)})."
            lines.append(
                CheckLine(item.title, "error", message, "Please tell your teacher: the mistake is in the check.")
            )
        else:
            lines.append(CheckLine(item.title, "passed", " ".join(one for one in remarks if one not in remarked)))
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

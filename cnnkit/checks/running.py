"""`cnnkit.check`: run an exercise's public checks and show the result, in a notebook or in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from cnnkit.checks.evidence import LiveEvidence, StudentError
from cnnkit.checks.registry import PublicChecks
from cnnkit.checks.report import Line, Report
from cnnkit.mismatch import Mismatch


class CheckFailed(Exception):
    """Some checks did not pass; what and why is shown above the cell's error. Shows itself without a stack trace."""

    def _render_traceback_(self) -> list[str]:
        """IPython asks an exception for its own traceback: one line says all."""
        return [f"CheckFailed: {self}"]


class Checker:
    """`check.<exercise>(function, ...)` runs the public checks of an exercise of the current assignment."""

    def __getattr__(self, exercise: str) -> Callable[..., None]:
        if exercise.startswith("_"):
            raise AttributeError(exercise)
        checks = _current()
        if exercise not in checks.functions:
            close = get_close_matches(exercise, checks.functions, 1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            known = ", ".join(checks.functions)
            raise AttributeError(f"{checks.assignment} has no exercise {exercise!r}{hint} It has: {known}.")

        def run(*functions: Any) -> None:
            report = examine(checks, exercise, functions)
            report.show()
            if not report.passed:
                raise CheckFailed(report.headline())

        return run

    def __dir__(self) -> list[str]:
        return sorted(_current().functions)


check = Checker()


def examine(checks: PublicChecks, exercise: str, functions: tuple[Any, ...]) -> Report:
    """Run the public checks of one exercise on live functions, given in the order of `checks.functions[exercise]`.

    Raises:
        TypeError: another number of functions was given.
    """
    names = checks.functions[exercise]
    if len(functions) != len(names):
        raise TypeError(f"check.{exercise} takes {len(names)} functions: {', '.join(names)}; found {len(functions)}")
    evidence = LiveEvidence(dict(zip(names, functions, strict=True)))
    lines = []
    for item in checks.of(exercise):
        try:
            item.run(evidence)
        except Mismatch as mismatch:
            lines.append(Line(item.title, "failed", mismatch.message, mismatch.hint))
        except StudentError as error:
            lines.append(Line(item.title, "error", str(error), error.hint))
        else:
            lines.append(Line(item.title, "passed"))
    return Report(exercise, tuple(lines))


def _current() -> PublicChecks:
    from cnnkit.session import current

    session = current()
    if session is None:
        raise RuntimeError('no assignment has been started: run the cell with `cnnkit.start("...")` first')
    found: PublicChecks = import_module(f"cnnkit.checks.{session.assignment}").CHECKS
    return found

"""While a notebook is graded, a call of `cnnkit.check` runs no check: it is recorded, whatever name it goes by.

The rubric runs the public checks itself. The cell that calls a check says in which state of the notebook the student
looked at the exercise (see `autograder.sandbox.server.checked_states`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cnnkit.checks.runner import Checker  # at once, so that the guard that is made before a fork knows it


class CheckCalls:
    """Record of the checks that the running cell has called.

    Args:
        exercises: for each exercise of the assignment the functions that its check is called with.
    """

    def __init__(self, exercises: Mapping[str, Sequence[str]]) -> None:
        self._exercises = exercises
        self._called: dict[str, None] = {}

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Context in which `cnnkit.check` is replaced. What a notebook puts there stays, for the guard to find."""
        real = Checker.__getattr__

        def recording(checker: Checker, exercise: str) -> Callable[..., None]:
            if exercise not in self._exercises:
                return real(checker, exercise)  # an exercise that the assignment does not have

            def run(*_: Any, **__: Any) -> None:
                self._called[exercise] = None

            run.__name__ = run.__qualname__ = exercise
            return run

        Checker.__getattr__ = recording  # type: ignore[method-assign]
        try:
            yield
        finally:
            if Checker.__getattr__ is recording:
                Checker.__getattr__ = real  # type: ignore[method-assign]

    def take(self, mentioned: Sequence[str] = ()) -> list[str]:
        """The functions whose checks have been called since the last time.

        Args:
            mentioned: exercises whose check is called in the text of a cell that did not come to its end.
        """
        exercises = dict.fromkeys([*self._called, *mentioned])
        self._called = {}
        return [function for exercise in exercises for function in self._exercises.get(exercise, ())]

"""The public checks of one assignment: named functions, grouped by exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnkit.checks.evidence import Evidence


@dataclass(frozen=True)
class Check:
    """One public check: `run(evidence)` raises Mismatch or StudentError when it does not pass."""

    exercise: str
    title: str
    run: Callable[[Evidence], None]


class PublicChecks:
    """The public checks of one assignment.

    Args:
        assignment: its name.
        functions: for each exercise, the student's functions it takes, in the order in which the notebook passes them.

    Example:
        >>> CHECKS = PublicChecks("mnist_convnet", {"curves": ("plot_loss_curves",)})
        >>> @CHECKS.add("curves", "each curve has a label")
        ... def curves_have_labels(evidence): ...
    """

    def __init__(self, assignment: str, functions: Mapping[str, tuple[str, ...]]) -> None:
        self.assignment = assignment
        self.functions = dict(functions)
        self.checks: list[Check] = []

    def add(self, exercise: str, title: str) -> Callable[[Callable[[Evidence], None]], Callable[[Evidence], None]]:
        """Decorator: the function is a public check of `exercise`, shown to the student under `title`."""
        if exercise not in self.functions:
            raise ValueError(f"{self.assignment} has no exercise {exercise!r}; it has {', '.join(self.functions)}")

        def keep(run: Callable[[Evidence], None]) -> Callable[[Evidence], None]:
            self.checks.append(Check(exercise, title, run))
            return run

        return keep

    def of(self, exercise: str) -> list[Check]:
        """The checks of one exercise, in the order in which they were added."""
        return [check for check in self.checks if check.exercise == exercise]

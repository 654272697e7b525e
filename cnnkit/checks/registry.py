"""The public checks of one assignment: named functions, grouped by exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from cnnkit.checks.assigned_network import Brief
from cnnkit.checks.evidence import Evidence
from cnnkit.networks.model_spec import ModelSpec


@dataclass(frozen=True)
class PublicCheck:
    """One public check: `run(evidence)` raises Mismatch or StudentError when it does not pass."""

    exercise: str
    title: str
    run: Callable[[Evidence], None]


class PublicChecks:
    """The public checks of one assignment.

    Args:
        assignment: its name.
        functions: for each exercise, the student's functions it takes, in the order in which the notebook passes them.
        brief: the network the assignment is about, where it is about one.

    Example:
        >>> CHECKS = PublicChecks("mnist_convnet", {"curves": ("plot_loss_curves",)})
        >>> @CHECKS.add("curves", "each curve has a label")
        ... def curves_have_labels(evidence): ...
    """

    def __init__(self, assignment: str, functions: Mapping[str, tuple[str, ...]], brief: Brief | None = None) -> None:
        self.assignment = assignment
        self.functions = dict(functions)
        self.brief = brief
        self.checks: list[PublicCheck] = []

    def add(self, exercise: str, title: str) -> Callable[[Callable[[Evidence], None]], Callable[[Evidence], None]]:
        """Decorator: the function is a public check of `exercise`, shown to the student under `title`."""
        if exercise not in self.functions:
            raise ValueError(f"{self.assignment} has no exercise {exercise!r}; it has {', '.join(self.functions)}")

        def keep(run: Callable[[Evidence], None]) -> Callable[[Evidence], None]:
            self.checks.append(PublicCheck(exercise, title, run))
            return run

        return keep

    def of(self, exercise: str) -> list[PublicCheck]:
        """The checks of one exercise, in the order in which they were added."""
        return [check for check in self.checks if check.exercise == exercise]


def public_checks(assignment: str) -> PublicChecks | None:
    """The public checks of an assignment, `CHECKS` of its brief, with those of every exercise; None where it has none.

    Each exercise has a module beside the brief, cnnkit/assignments/<assignment>/<exercise>.py, that adds its checks.
    """
    package = f"cnnkit.assignments.{assignment}"
    if find_spec(package) is None:
        return None
    checks: PublicChecks = import_module(f"{package}.brief").CHECKS
    for exercise in checks.functions:
        import_module(f"{package}.{exercise}")
    return checks


def stand_ins(assignment: str) -> dict[str, ModelSpec]:
    """The networks of an assignment by the function that should return them; see the sandbox's `stand_in`."""
    checks = public_checks(assignment)
    return {checks.brief.function: checks.brief.network} if checks and checks.brief else {}

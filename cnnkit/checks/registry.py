"""Public checks of an assignment: functions with a title, grouped by exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from cnnkit.catalog import index
from cnnkit.checks.assigned_network import Brief
from cnnkit.checks.evidence import Evidence
from cnnkit.probe.stand_ins import StandIn


@dataclass(frozen=True)
class PublicCheck:
    """One public check.

    Attributes:
        exercise: name of the exercise.
        title: title in reports.
        run: `run(evidence)` raises Mismatch or StudentError if the check does not pass.
    """

    exercise: str
    title: str
    run: Callable[[Evidence], None]


class PublicChecks:
    """Public checks of one assignment.

    Args:
        assignment: its name.
        functions: for each exercise the names of the student's functions, in the order in which the notebook passes
            them.
        brief: specification of the assignment's network, if it has one.
        stand_ins: what takes the place of further functions' results in a training, while they fail.
        forbid: by exercise, the modules and functions that it may not use; `public_checks` takes them from
            assignment.toml.

    Example:
        >>> CHECKS = PublicChecks("mnist_convnet", {"curves": ("plot_loss_curves",)})
        >>> @CHECKS.add("curves", "each curve has a label")
        ... def curves_have_labels(evidence): ...
    """

    def __init__(
        self,
        assignment: str,
        functions: Mapping[str, tuple[str, ...]],
        brief: Brief | None = None,
        stand_ins: Mapping[str, StandIn] | None = None,
        forbid: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.assignment = assignment
        self.functions = dict(functions)
        self.brief = brief
        self.stand_ins = dict(stand_ins or {})
        self.forbid = dict(forbid or {})
        self.checks: list[PublicCheck] = []

    def add(self, exercise: str, title: str) -> Callable[[Callable[[Evidence], None]], Callable[[Evidence], None]]:
        """Decorator that registers a function as a public check.

        Args:
            exercise: name of the exercise.
            title: title in reports.

        Raises:
            ValueError: the assignment has no such exercise.
        """
        if exercise not in self.functions:
            raise ValueError(f"{self.assignment} has no exercise {exercise!r}; it has {', '.join(self.functions)}")

        def register(run: Callable[[Evidence], None]) -> Callable[[Evidence], None]:
            self.checks.append(PublicCheck(exercise, title, run))
            return run

        return register

    def of(self, exercise: str) -> list[PublicCheck]:
        """Checks of one exercise, in the order in which they were added."""
        return [check for check in self.checks if check.exercise == exercise]


def public_checks(assignment: str) -> PublicChecks | None:
    """Find the public checks of an assignment; None if it has none.

    They are `CHECKS` of cnnkit/assignments/<assignment>/brief.py, to which the module <exercise>.py beside it adds the
    checks of each exercise when it is imported.
    """
    package = f"cnnkit.assignments.{assignment}"
    if find_spec(package) is None:
        return None
    checks: PublicChecks = import_module(f"{package}.brief").CHECKS
    for exercise in checks.functions:
        import_module(f"{package}.{exercise}")
    checks.forbid = dict(index.find_assignment(assignment).forbid)
    return checks


def forbidden_by_function(assignment: str, forbid: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Forbidden modules and functions by the student's function that may not use them.

    Args:
        assignment: its name.
        forbid: by exercise, as in assignment.toml.
    """
    checks = public_checks(assignment) if forbid else None
    functions = checks.functions if checks else {}
    return {name: list(names) for exercise, names in forbid.items() for name in functions.get(exercise, ())}


def stand_ins(assignment: str) -> dict[str, StandIn]:
    """Stand-ins for the results of functions that fail, by function, for the sandbox's `stand_in`."""
    checks = public_checks(assignment)
    if checks is None:
        return {}
    network = {checks.brief.function: StandIn(checks.brief.network)} if checks.brief else {}
    return network | checks.stand_ins

"""The assignments that notebooks can start, and what their exercises are worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True)
class Assignment:
    """One assignment, as its notebook announces it.

    Attributes:
        name: as `cnnkit.start` and nbgrader know it.
        title: for people.
        points: by exercise, in the notebook's order; graded automatically.
        written: by exercise; graded by a person.
    """

    name: str
    title: str
    points: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)


ASSIGNMENTS = (
    Assignment(
        name="mnist_convnet",
        title="A ConvNet for handwritten digits",
        points={"data": 2, "arithmetic": 4, "architecture": 6, "training": 5, "curves": 3},
        written={"discussion": 4},
    ),
    Assignment(
        name="lenet",
        title="LeNet-5: the network of 1998",
        points={
            "data": 1,
            "table": 3,
            "mend": 1,
            "architecture": 6,
            "pooling": 2,
            "field": 2,
            "training": 3,
            "maps": 2,
        },
        written={"discussion": 4},
    ),
    Assignment(
        name="data_augmentation",
        title="Data augmentation",
        points={
            "pipeline": 4,
            "show": 2,
            "digits": 2,
            "when": 1,
            "model": 3,
            "batches": 3,
            "training": 3,
            "curves": 2,
        },
        written={"discussion": 4},
    ),
    Assignment(
        name="transfer_learning",
        title="Birds against mammals: borrowing a network",
        points={"preprocessing": 3, "parameters": 3, "model": 6, "features": 2, "training": 3, "unfreezing": 3},
        written={"discussion": 4},
    ),
)


def find(name: str) -> Assignment:
    """The assignment of that name.

    Raises:
        ValueError: there is none; the message names the nearest one.
    """
    known = {assignment.name: assignment for assignment in ASSIGNMENTS}
    if isinstance(name, str) and name in known:
        return known[name]
    near = get_close_matches(str(name), known, n=1, cutoff=0.5)
    advice = f"Did you mean {near[0]!r}?" if near else f"Expected one of: {', '.join(map(repr, known))}."
    raise ValueError(f"there is no assignment {name!r}. {advice}")

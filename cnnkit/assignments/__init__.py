"""The assignments: a folder each, with what it is worth (`assignment.toml`), its brief and its public checks.

An assignment is found by its folder: a new one is announced nowhere else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cnnkit.text import did_you_mean

FILE = "assignment.toml"


@dataclass(frozen=True)
class AssignmentDescription:
    """One assignment, as its notebook announces it.

    Attributes:
        name: as `cnnkit.start` and nbgrader know it.
        title: for people.
        order: assignments are listed by it.
        data: the data sets that its notebook reads.
        points: by exercise, in the notebook's order; graded automatically.
        written: by exercise; graded by a person.
    """

    name: str
    title: str
    order: int = 0
    data: Sequence[str] = ()
    points: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)


@cache
def all_assignments() -> dict[str, AssignmentDescription]:
    """All assignments of the kit by name, in their order."""
    found = []
    for file in Path(__file__).parent.glob(f"*/{FILE}"):
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        found.append(AssignmentDescription(name=file.parent.name, **said))
    return {assignment.name: assignment for assignment in sorted(found, key=lambda one: (one.order, one.name))}


def find_assignment(name: str) -> AssignmentDescription:
    """The assignment of that name.

    Raises:
        ValueError: there is none; the message names the nearest one.
    """
    known = all_assignments()
    if isinstance(name, str) and name in known:
        return known[name]
    advice = did_you_mean(name, known) or f"Expected one of: {', '.join(map(repr, known))}."
    raise ValueError(f"there is no assignment {name!r}. {advice}")

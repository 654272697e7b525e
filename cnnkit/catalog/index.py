"""All assignments of the kit, found by their folders below cnnkit/assignments."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cnnkit.catalog.description import FILE, AssignmentDescription, AssignmentError, read_description
from cnnkit.text import did_you_mean

__all__ = [
    "FILE",
    "AssignmentDescription",
    "AssignmentError",
    "all_assignments",
    "broken_assignments",
    "find_assignment",
]


def all_assignments() -> dict[str, AssignmentDescription]:
    """The assignments of the kit by name, in their order; without those whose description is broken."""
    return _read_all(_folder())[0]


def broken_assignments() -> dict[str, str]:
    """By name, the assignments whose assignment.toml is not valid, with the error: file, key, expected and found."""
    return _read_all(_folder())[1]


def find_assignment(name: str) -> AssignmentDescription:
    """The assignment of that name.

    Raises:
        AssignmentError: there is none, and the message names the nearest one; or its description is broken, and the
            message names file and key.
    """
    known, broken = all_assignments(), broken_assignments()
    if isinstance(name, str) and name in known:
        return known[name]
    if isinstance(name, str) and name in broken:
        raise AssignmentError(broken[name])
    advice = did_you_mean(name, [*known, *broken]) or f"Expected one of: {', '.join(map(repr, known))}."
    raise AssignmentError(f"there is no assignment {name!r}. {advice}")


def _folder() -> Path:
    return Path(__file__).parents[1] / "assignments"


@cache
def _read_all(folder: Path) -> tuple[dict[str, AssignmentDescription], dict[str, str]]:
    """Read the description in each folder of `folder`: those that are valid, and the errors of the others."""
    found, broken = [], {}
    for file in sorted(folder.glob(f"*/{FILE}")):
        try:
            found.append(read_description(file))
        except AssignmentError as error:
            broken[file.parent.name] = str(error)
    return {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}, broken

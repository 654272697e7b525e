"""The order of the repaired notebook.

The student's cells keep the student's order, since that is the order in which the student ran them. Around them the
release's cells keep the release's order, with two rules: a solution cell comes after every release cell that precedes
it in the release, and an added cell after those that precede it in the submission; and a release cell that uses an
exercise's function comes after its definition, if there is one. A notebook that was not reordered is returned as it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.intake.match import Matching
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release, ReleaseCell


@dataclass(frozen=True)
class PlacedCell:
    """Cell of the repaired notebook.

    Attributes:
        kind: "code", "markdown" or "raw".
        source: the text that is run.
        shown: the text in the repaired notebook; None if it is already part of a cell there.
        slot: the release cell that it fills; None for a cell of the student's own.
        cell: the submitted cell; None for a release cell that was put back.
        owner: author of `source`.
    """

    kind: str
    source: str
    shown: str | None
    slot: ReleaseCell | None
    cell: SubmittedCell | None
    owner: Literal["student", "release"]


def arrange(release: Release, matching: Matching) -> list[PlacedCell]:
    """Put all cells of the repaired notebook in order: every release cell once, and the student's own.

    Args:
        release: the release notebook.
        matching: the submitted cells, matched to it.
    """
    waiting, work = _split(release, matching)
    placed: list[PlacedCell] = []
    defined: set[str] = set()
    awaited = release.functions & frozenset().union(*(_defines(item) for _, item in work))

    def emit(limit: int) -> None:
        for item in [w for w in waiting if w.slot is not None and w.slot.index < limit]:
            if not _needs(item, awaited - defined):
                placed.append(item)
                waiting.remove(item)

    for limit, item in work:
        emit(limit)
        placed.append(item)
        defined |= _defines(item)
    defined |= awaited
    emit(len(release.cells))
    return placed


def _split(release: Release, matching: Matching) -> tuple[list[PlacedCell], list[tuple[int, PlacedCell]]]:
    """Split into the release's cells, and the student's with the release index that each follows, both in order."""
    waiting: list[PlacedCell] = []
    solutions: dict[int, tuple[int, PlacedCell]] = {}  # by cell number
    defined_in = dict(_definitions(matching))
    for slot in release.cells:
        cell = matching.taken.get(slot.index)
        if cell is not None and slot.role in ("solution", "written"):
            solutions[cell.number] = (
                slot.index,
                PlacedCell(slot.kind, cell.source, matching.doubts.get(slot.index, cell.source), slot, cell, "student"),
            )
        else:
            source = _release_text(slot, cell, defined_in)
            # A cell that is not locked is there to be filled in (an id, a table of predictions): a reader sees what the
            # student wrote. Run is the release's text all the same, and what the student added.
            shown = cell.source if cell is not None and not slot.locked else matching.doubts.get(slot.index, source)
            waiting.append(PlacedCell(slot.kind, source, shown, slot, cell, "release"))
    edits: dict[int, list[tuple[int, PlacedCell]]] = {}
    limits = _release_limits(matching)
    for added in matching.added:
        kind = added.cell.kind
        stands_there = added.slot is not None and not release.cells[added.slot].locked
        item = PlacedCell(kind, added.source, None if stands_there else added.source, None, added.cell, "student")
        above = limits[bisect_left(limits, (added.cell.number, 0)) - 1][1]
        limit = above if added.slot is None else added.slot + 1
        edits.setdefault(added.cell.number, []).append((limit, item))
    numbers = sorted({*solutions, *edits})
    work = [entry for n in numbers for entry in [*([solutions[n]] if n in solutions else []), *edits.get(n, [])]]
    return waiting, work


def _release_limits(matching: Matching) -> list[tuple[int, int]]:
    """For each matched cell by number: one more than the highest release index of it and the cells above it."""
    limits, highest = [(0, 0)], 0
    for number, index in sorted((cell.number, index) for index, cell in matching.taken.items()):
        highest = max(highest, index + 1)
        limits.append((number, highest))
    return limits


def _release_text(slot: ReleaseCell, cell: SubmittedCell | None, defined_in: dict[str, int]) -> str:
    """Text of a release cell; for a missing solution that is in a different cell, a comment that names the cell."""
    if slot.role == "solution" and cell is None:
        elsewhere = sorted({defined_in[name] for name in slot.functions if name in defined_in})
        if elsewhere:
            places = " and ".join(str(number) for number in elsewhere)
            return f"# Written in cell {places} of the notebook as it was handed in."
    return slot.source


def _definitions(matching: Matching) -> Iterator[tuple[str, int]]:
    for cell in [*matching.taken.values(), *(added.cell for added in matching.added)]:
        for name in cell.defines:
            yield name, cell.number


def _defines(item: PlacedCell) -> frozenset[str]:
    if item.kind != "code" or item.cell is None:
        return frozenset()
    return item.cell.defines


def _needs(item: PlacedCell, missing: frozenset[str]) -> bool:
    return item.slot is not None and item.slot.kind == "code" and bool(item.slot.uses & missing)

"""Which submitted cell is which cell of the release, whatever happened to the notebook in between.

In this order, each step taking cells that the ones before left over: by nbgrader's grade_id; solution cells by the
functions they define; equal text; similar text; written answers by where they stand. A cell that matches nothing is the
student's own and is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from autograder.intake import syntax
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release, ReleaseCell

SIMILAR = 80.0
"""Percentage (rapidfuzz.fuzz.ratio) from which two texts count as the same cell, edited."""

_COMPARED = 2_000
"""Characters of a text that the similarity looks at."""


@dataclass(frozen=True)
class AddedCell:
    """A cell of the student's own: one that is not in the release, or what an edit of a given cell added.

    Attributes:
        cell: where it stood and what it said.
        source: the text that is kept of it.
        slot: index of the release cell that it is an edit of; None for a new cell.
    """

    cell: SubmittedCell
    source: str
    slot: int | None = None


@dataclass
class Matching:
    """The result: release cells by index with the submitted cell that fills them, and the student's own cells."""

    taken: dict[int, SubmittedCell] = field(default_factory=dict)
    added: list[AddedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match(cells: Iterable[SubmittedCell], release: Release) -> Matching:
    """Match submitted cells to the release. Every submitted cell is taken, added, or a copy that changes nothing."""
    matcher = _Matcher(list(cells), release)
    matcher.by_grade_id()
    matcher.by_function()
    matcher.by_equal_text()
    matcher.by_similar_text()
    matcher.by_place()
    matcher.keep_the_rest()
    return matcher.result


class _Matcher:
    def __init__(self, cells: list[SubmittedCell], release: Release) -> None:
        self.release = release
        self.result = Matching()
        self.free = {cell.number: cell for cell in cells}
        self.identified = 0
        self.stubs = {_squeezed(slot.source) for slot in release.cells if slot.role == "solution"}

    def open(self, *roles: str) -> list[ReleaseCell]:
        """Release cells of these roles that no submitted cell fills yet."""
        return [slot for slot in self.release.cells if slot.role in roles and slot.index not in self.result.taken]

    def take(self, slot: ReleaseCell, cell: SubmittedCell) -> None:
        self.result.taken[slot.index] = cell
        del self.free[cell.number]

    def note(self, text: str) -> None:
        self.result.notes.append(text)

    # -- by grade_id ------------------------------------------------------------------------------------------------

    def by_grade_id(self) -> None:
        groups: dict[str, list[SubmittedCell]] = defaultdict(list)
        for cell in list(self.free.values()):
            if cell.grade_id in self.release.by_id:
                groups[cell.grade_id].append(cell)
        for grade_id, group in groups.items():
            slot = self.release.by_id[grade_id]
            fitting = [fitted for cell in group if (fitted := self._fit(cell, slot)) is not None]
            if not fitting:
                continue
            self.identified += 1
            chosen = max(fitting, key=lambda cell: _claim(cell, slot))
            if slot.role == "solution" and _same(chosen.source, slot.source) and self._written_elsewhere(slot):
                # An untouched stub says nothing. Left where it stands it would overwrite the answer above it.
                for cell in group:
                    del self.free[cell.number]
                continue
            if slot.role in ("solution", "written") and chosen.kind != next(
                cell.kind for cell in group if cell.number == chosen.number
            ):
                self.note(
                    f"Cell {chosen.number} ({grade_id}) had been turned into another type of cell and was turned back."
                )
            self.take(slot, chosen)
            copies = [cell for cell in fitting if cell.number != chosen.number]
            if copies:
                self._copies(slot, chosen, copies)

    def _fit(self, cell: SubmittedCell, slot: ReleaseCell) -> SubmittedCell | None:
        """The cell with the type that its place asks for, or None if what it says cannot be of that type."""
        is_code = bool(cell.defines & self.release.functions) and syntax.parse_code(cell.source) is not None
        if slot.kind != "code":
            # Whatever its metadata says, an exercise's function in the place of a text is not a text.
            return None if is_code else replace(cell, kind=slot.kind)
        if cell.kind == "code":
            return cell
        if slot.role == "solution":
            return replace(cell, kind="code") if is_code and cell.defines & slot.functions else None
        return None if is_code else cell

    def _written_elsewhere(self, slot: ReleaseCell) -> bool:
        cells = [*self.free.values(), *self.result.taken.values()]
        return any(
            cell.kind == "code" and cell.defines & slot.functions and not _same(cell.source, slot.source)
            for cell in cells
        )

    def _copies(self, slot: ReleaseCell, chosen: SubmittedCell, copies: list[SubmittedCell]) -> None:
        """Copies of one cell: those that say nothing new go, the others stay as the student's own."""
        for cell in copies:
            if _same(cell.source, slot.source) or cell.source.strip() == chosen.source.strip():
                del self.free[cell.number]
            elif slot.role in ("given", "check"):
                del self.free[cell.number]
                self._edit(cell, slot)
        places = ", ".join(map(str, sorted(cell.number for cell in [*copies, chosen])[:10]))
        text = f"Cells {places} are copies of one cell ({slot.grade_id}); cell {chosen.number} is the one that counts."
        if slot.role == "solution":
            text += " Where a function is written more than once, the last one counts, as in a run from the top."
        self.note(text)

    # -- by what it says --------------------------------------------------------------------------------------------

    def by_function(self) -> None:
        self._turn_back()
        for slot in self.open("solution"):
            named = [c for c in self.free.values() if c.kind == "code" and c.defines & slot.functions]
            if not named:
                continue
            chosen = max(named, key=lambda cell: _claim(cell, slot))
            self.take(slot, chosen)
            names = ", ".join(f"{name}()" for name in sorted(chosen.defines & slot.functions))
            if self.identified:
                self.note(f"Cell {chosen.number} has no usable nbgrader metadata; it was recognised by {names}.")

    def _turn_back(self) -> None:
        """Text cells that are code from end to end and define a function that no code cell has are code cells again."""
        missing = set(self.release.functions)
        for cell in [*self.free.values(), *self.result.taken.values()]:
            if cell.kind == "code" and _squeezed(cell.source) not in self.stubs:
                missing -= cell.defines
        for cell in sorted(self.free.values(), key=lambda cell: -cell.number):
            if cell.kind != "code" and cell.defines & missing and syntax.parse_code(cell.source) is not None:
                self.free[cell.number] = replace(cell, kind="code")
                missing -= cell.defines
                self.note(f"Cell {cell.number} had been turned into a text cell and was turned back into code.")

    def by_equal_text(self) -> None:
        places: dict[tuple[str, str], list[SubmittedCell]] = defaultdict(list)
        for cell in self.free.values():
            places[cell.kind, _squeezed(cell.source)].append(cell)
        for slot in self.open("given", "check", "written"):
            if same := places.get((slot.kind, _squeezed(slot.source))):
                self.take(slot, same.pop(0))

    def by_similar_text(self) -> None:
        for slot in self.open("given", "check"):
            text = slot.source[:_COMPARED]
            best: SubmittedCell | None = None
            score = SIMILAR
            for cell in self.free.values():
                if cell.kind != slot.kind or cell.defines & self.release.functions:
                    continue
                if not slot.locked and slot.defines and cell.defines >= slot.defines:
                    best = cell  # a cell to fill in may look quite different afterwards; the names in it stay
                    break
                found = fuzz.ratio(text, cell.source[:_COMPARED], score_cutoff=score)
                if found > score or (best is None and found == score):
                    best, score = cell, found
            if best is not None:
                self.take(slot, best)

    def by_place(self) -> None:
        """A written answer shares no word with its placeholder: take the text between the cells around it."""
        for slot in self.open("written"):
            before = [c.number for i, c in self.result.taken.items() if i < slot.index]
            after = [c.number for i, c in self.result.taken.items() if i > slot.index]
            low, high = max(before, default=0), min(after, default=1 << 30)
            left = [cell for cell in self.free.values() if cell.kind != "code" and cell.source.strip()]
            texts = [cell for cell in left if low < cell.number < high]
            if not texts and len(left) == 1:
                texts = left  # cells were moved about, but only one text is nobody else's
            if texts:
                chosen = max(texts, key=lambda cell: (len(cell.source), -cell.number))
                self.take(slot, chosen)
                self.note(f"Cell {chosen.number} was taken as the written answer {slot.grade_id}, by its place.")

    # -- the rest ---------------------------------------------------------------------------------------------------

    def keep_the_rest(self) -> None:
        for cell in self.free.values():
            if cell.kind == "code" and _squeezed(cell.source) in self.stubs:
                # Below the answer it would overwrite it, though nobody wrote it.
                self.note(f"Cell {cell.number} is an untouched copy of an exercise's beginning and was left out.")
            elif cell.source.strip():
                self.result.added.append(AddedCell(cell, cell.source))
        for index, cell in sorted(self.result.taken.items()):
            slot = self.release.cells[index]
            if slot.role in ("given", "check") and slot.kind == "code" and not _same(cell.source, slot.source):
                self._edit(cell, slot)
        self._what_is_missing()

    def _edit(self, cell: SubmittedCell, slot: ReleaseCell) -> None:
        """A given cell or a check that was changed: the release's text counts, what the change added is kept."""
        name = f"Cell {cell.number}" + (f" ({slot.grade_id})" if slot.grade_id else "")
        if cell.kind != "code":
            return
        if exercise := cell.defines & (self.release.functions - slot.functions):
            self.result.added.append(AddedCell(cell, cell.source, slot.index))
            names = ", ".join(f"{function}()" for function in sorted(exercise))
            self.note(f"{name} is given, but {names} was written into it: it counts as yours, after the original.")
            return
        if slot.locked and syntax.same_but_for_values(cell.source, slot.source):
            return  # a switch turned, a number tried out
        kept = syntax.additions(cell.source, slot.source, definitions_only=slot.skipped or slot.role == "check")
        if kept:
            self.result.added.append(AddedCell(cell, kept, slot.index))
        if not slot.locked:
            return  # it was there to be filled in
        if kept:
            names = ", ".join(sorted(syntax.defined_names(kept))[:8])
            self.note(f"{name} is given and was changed: the original was used, and what you added ({names}) was kept.")
        else:
            self.note(f"{name} is given and was changed: the original was used for grading.")

    def _what_is_missing(self) -> None:
        if not self.identified and self.result.taken and self.release.by_id:
            self.note("The notebook has lost its nbgrader metadata; its cells were recognised by what they say.")
        gone = [slot for slot in self.open("check", "given") if slot.kind == "code" and slot.locked]
        if gone:
            names = ", ".join(slot.grade_id for slot in gone[:12])
            more = f" and {len(gone) - 12} more" if len(gone) > 12 else ""
            self.note(f"Cells of the assignment were missing and were put back: {names}{more}.")
        everywhere: set[str] = set()
        for cell in [*self.result.taken.values(), *(added.cell for added in self.result.added)]:
            everywhere |= cell.defines
        for slot in self.open("solution"):
            missing = sorted(slot.functions - everywhere)
            if missing:
                names = ", ".join(f"{function}()" for function in missing)
                self.note(
                    f"The cell {slot.grade_id} is missing, and {names} was not found anywhere in the notebook: "
                    "put the function back under its name and hand in again."
                )
        for slot in self.open("written"):
            self.note(f"The cell for the written answer {slot.grade_id} is missing; no answer was found in its place.")


def _claim(cell: SubmittedCell, slot: ReleaseCell) -> tuple[int, bool, int]:
    """How strong a cell's claim to be THE cell is, among several: compare with `max`."""
    if slot.role in ("given", "check"):
        return (0, _same(cell.source, slot.source), -cell.number)
    changed = not _same(cell.source, slot.source) and bool(cell.source.strip())
    # An untouched stub defines the functions too, but says nothing: it comes after every changed cell that has one.
    return (len(cell.defines & slot.functions) if changed else 0, changed, cell.number)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _same(one: str, other: str) -> bool:
    return one == other or _squeezed(one) == _squeezed(other)

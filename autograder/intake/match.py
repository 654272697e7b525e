"""Match submitted cells to the cells of the release, whatever happened to the notebook in between.

The steps, each for the cells that the steps before left over: by nbgrader's grade_id; solution cells by the functions
that they define; by equal text; by similar text; written answers by position. A cell that matches nothing is the
student's own and stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from autograder.intake import syntax
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release, ReleaseCell
from autograder.intake.written_answers import find_answer

SIMILAR = 80.0
"""Similarity in percent (`rapidfuzz.fuzz.ratio`) from which a cell counts as an edited cell of the release."""

SIMILAR_NAME = 75.0
"""The same, from which a function may be one of the release's under another name."""

MOST_COPIES = 5
"""Copied cells that are noted one by one."""

_LAST_ONE = "Where a function is written more than once, the one counts that its last check saw."

_COMPARED = 2_000
"""Characters of a text that are compared."""


@dataclass(frozen=True)
class AddedCell:
    """Cell of the student's own: one that is not in the release, or the additions to an edited release cell.

    Attributes:
        cell: the submitted cell.
        source: the part of its text that is used.
        slot: index of the release cell that was edited; None for a new cell.
    """

    cell: SubmittedCell
    source: str
    slot: int | None = None


@dataclass
class Matching:
    """Result of the matching.

    Attributes:
        taken: submitted cells by index of the release cell that each fills.
        added: the student's own cells.
        doubts: text for a person to decide on, by index of the written answer's cell, where nothing is written in it.
        notes: sentences about repairs, for student and TA.
    """

    taken: dict[int, SubmittedCell] = field(default_factory=dict)
    added: list[AddedCell] = field(default_factory=list)
    doubts: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def match(cells: Iterable[SubmittedCell], release: Release) -> Matching:
    """Match submitted cells to the release.

    Args:
        cells: the cells of the submitted notebook, in order.
        release: the release notebook.

    Returns:
        The matching. Every submitted cell is in it, but for empty cells and copies that change nothing.
    """
    matcher = _Matcher(list(cells), release)
    matcher.by_grade_id()
    matcher.by_function()
    matcher.by_equal_text()
    matcher.by_similar_text()
    matcher.by_position()
    matcher.add_unmatched()
    return matcher.result


class _Matcher:
    def __init__(self, cells: list[SubmittedCell], release: Release) -> None:
        self.release = release
        self.result = Matching()
        self.free = {cell.number: cell for cell in cells}
        self.identified = 0
        self.copied: list[tuple[int, str]] = []
        self.stubs = {_normalized(slot.source) for slot in release.cells if slot.role == "solution"}

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
            chosen = max(fitting, key=lambda cell: _priority(cell, slot))
            if slot.role == "solution" and _same(chosen.source, slot.source) and self._solved_elsewhere(slot):
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
        self._note_copies()

    def _fit(self, cell: SubmittedCell, slot: ReleaseCell) -> SubmittedCell | None:
        """The cell with the type of the release cell; None if its text cannot be of that type."""
        code = self._as_code(cell)
        if slot.kind != "code":
            # Whatever its metadata says, an exercise's function in the place of a text is not a text.
            return None if code is not None else replace(cell, kind=slot.kind)
        if cell.kind == "code":
            return cell
        if slot.role == "solution":
            return code if code is not None and code.defines & slot.functions else None
        return None if code is not None else cell

    def _as_code(self, cell: SubmittedCell) -> SubmittedCell | None:
        """The cell as code, or the code that a text quotes; None if no exercise's function is defined there."""
        for source in (cell.source, syntax.fenced_code(cell.source) if cell.kind != "code" else ""):
            code = replace(cell, kind="code", source=source)
            if code.defines & self.release.functions and syntax.parse_code(source) is not None:
                return code
        return None

    def _solved_elsewhere(self, slot: ReleaseCell) -> bool:
        cells = [*self.free.values(), *self.result.taken.values()]
        return any(
            cell.kind == "code" and cell.defines & slot.functions and not _same(cell.source, slot.source)
            for cell in cells
        )

    def _copies(self, slot: ReleaseCell, chosen: SubmittedCell, copies: list[SubmittedCell]) -> None:
        """Drop copies of a cell that add nothing; the others stay as the student's own."""
        for cell in copies:
            if _same(cell.source, slot.source) or cell.source.strip() == chosen.source.strip():
                del self.free[cell.number]
            elif slot.role in ("given", "check"):
                del self.free[cell.number]
                self._edit(cell, slot)
        places = ", ".join(map(str, sorted(cell.number for cell in [*copies, chosen])[:10]))
        defined = [cell.defines & slot.functions for cell in [*copies, chosen]]
        if slot.role == "solution" and all(defined) and sum(map(len, defined)) == len(frozenset().union(*defined)):
            self.note(f"Cells {places} are parts of one cell ({slot.grade_id}); all of them count.")
            return
        text = f"Cells {places} are copies of one cell ({slot.grade_id}); cell {chosen.number} is the one that counts."
        if slot.role == "solution":
            text += " " + _LAST_ONE
        self.copied.append((chosen.number, text))

    def _note_copies(self) -> None:
        """Note each copied cell, or, where the notebook was pasted twice, all in one sentence."""
        if len(self.copied) <= MOST_COPIES:
            self.result.notes += [text for _, text in self.copied]
            return
        numbers = ", ".join(map(str, sorted(number for number, _ in self.copied)))
        self.note(
            f"{len(self.copied)} cells stand in the notebook more than once, as if it had been pasted into itself; of "
            f"their copies, cells {numbers} are those that count. {_LAST_ONE}"
        )

    # -- by its text ------------------------------------------------------------------------------------------------

    def by_function(self) -> None:
        self._restore_code_cells()
        for slot in self.open("solution"):
            named = [c for c in self.free.values() if c.kind == "code" and c.defines & slot.functions]
            if not named:
                continue
            chosen = max(named, key=lambda cell: _priority(cell, slot))
            self.take(slot, chosen)
            names = ", ".join(f"{name}()" for name in sorted(chosen.defines & slot.functions))
            if self.identified:
                self.note(f"Cell {chosen.number} has no usable nbgrader metadata; it was recognised by {names}.")

    def _restore_code_cells(self) -> None:
        """Turn text cells back into code that are code throughout and define a function that no code cell defines."""
        missing = set(self.release.functions)
        for cell in [*self.free.values(), *self.result.taken.values()]:
            if cell.kind == "code" and _normalized(cell.source) not in self.stubs:
                missing -= cell.defines
        given = {_normalized(slot.source) for slot in self.release.cells if slot.kind != "code"}
        for cell in sorted(self.free.values(), key=lambda cell: -cell.number):
            if cell.kind == "code" or _normalized(cell.source) in given:
                continue
            code = self._as_code(cell)
            if code is not None and code.defines & missing:
                self.free[cell.number] = code
                missing -= code.defines
                self.note(f"Cell {cell.number} is a text cell that holds code; it was run as code.")

    def by_equal_text(self) -> None:
        places: dict[tuple[str, str], list[SubmittedCell]] = defaultdict(list)
        for cell in self.free.values():
            places[cell.kind, _normalized(cell.source)].append(cell)
        for slot in self.open("given", "check", "written"):
            if same := places.get((slot.kind, _normalized(slot.source))):
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

    def by_position(self) -> None:
        """Match written answers that stand beside their cell, which share no word with its placeholder."""
        for slot in [slot for slot in self.release.cells if slot.role == "written"]:
            found = find_answer(slot, self.release, self.result.taken, list(self.free.values()))
            if found is None:
                continue
            cells = f"Cell{'s' * (len(found.cells) != 1)} {', '.join(map(str, found.cells[:10]))}"
            if found.doubtful:
                self.result.doubts[slot.index] = found.source
                self.note(
                    f"The cell for the written answer {slot.grade_id} is empty. {cells} may be the answer; a person "
                    "will decide."
                )
                continue
            number = next((number for number in found.cells if number in self.free), found.cells[0])
            before = self.result.taken.get(slot.index)
            chosen = self.free.get(number) or before or SubmittedCell(number, slot.kind, "")
            self.result.taken[slot.index] = replace(chosen, kind=slot.kind, source=found.source, grade_id=slot.grade_id)
            for used in found.cells:
                self.free.pop(used, None)
            verb, stand = ("was", "it stands") if len(found.cells) == 1 else ("were", "they stand")
            self.note(f"{cells} {verb} taken to be the written answer {slot.grade_id}, because of where {stand}.")

    # -- the rest ---------------------------------------------------------------------------------------------------

    def add_unmatched(self) -> None:
        for cell in self.free.values():
            if cell.kind == "code" and _normalized(cell.source) in self.stubs:
                # Below the answer it would overwrite it, though nobody wrote it.
                self.note(f"Cell {cell.number} is an untouched copy of an exercise's beginning and was left out.")
            elif cell.source.strip():
                self.result.added.append(AddedCell(cell, cell.source))
        for index, cell in sorted(self.result.taken.items()):
            slot = self.release.cells[index]
            if slot.role in ("given", "check") and slot.kind == "code" and not _same(cell.source, slot.source):
                self._edit(cell, slot)
        self._note_missing()

    def _edit(self, cell: SubmittedCell, slot: ReleaseCell) -> None:
        """Use the release's text of an edited cell or check, and add what the edit defines beyond it."""
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

    def _note_missing(self) -> None:
        if not self.identified and self.result.taken and self.release.by_id:
            self.note("The notebook has lost its nbgrader metadata; its cells were recognised by what they say.")
        gone = [slot for slot in self.open("check", "given") if slot.kind == "code" and slot.locked]
        if gone:
            names = ", ".join(slot.grade_id for slot in gone[:12])
            more = f" and {len(gone) - 12} more" if len(gone) > 12 else ""
            self.note(f"Cells of the assignment were missing and were put back: {names}{more}.")
        self._note_functions()
        for slot in self.open("written"):
            self.note(f"The cell for the written answer {slot.grade_id} is missing; no answer was found in its place.")

    def _note_functions(self) -> None:
        """Note functions that no cell defines, with the name that each may have been given instead."""
        cells = [*self.result.taken.values(), *(added.cell for added in self.result.added)]
        code = [cell for cell in cells if cell.kind == "code"]
        everywhere = frozenset[str]().union(*(cell.defines for cell in cells))
        elsewhere = any(syntax.binds_unnamed(cell.source) for cell in code)
        known = frozenset[str]().union(*(slot.defines for slot in self.release.cells))
        for slot in [slot for slot in self.release.cells if slot.role == "solution"]:
            missing = sorted(slot.functions - everywhere)
            own = {name: cell.number for cell in code for name in cell.defines - known - self.release.functions}
            for function in missing:
                if near := process.extractOne(function, list(own), scorer=_likeness, score_cutoff=SIMILAR_NAME):
                    name = near[0]
                    self.note(
                        f"`{function}` was not found; cell {own[name]} defines `{name[:80]}`. Was it renamed? "
                        "It counts only under the name that the assignment gives it."
                    )
            if missing and slot.index not in self.result.taken and not elsewhere:
                names = ", ".join(f"{function}()" for function in missing)
                self.note(
                    f"The cell {slot.grade_id} is missing, and {names} was not found anywhere in the notebook: "
                    "put the function back under its name and hand in again."
                )


def _likeness(one: str, other: str, *, score_cutoff: float | None = None) -> float:
    """Similarity of two names in percent, whatever their capitals and underscores."""
    plain = [name.replace("_", "").lower() for name in (one, other)]
    return fuzz.ratio(*plain, score_cutoff=score_cutoff)


def _priority(cell: SubmittedCell, slot: ReleaseCell) -> tuple[int, bool, int]:
    """Sort key of cells that could fill one release cell: the largest one does."""
    if slot.role in ("given", "check"):
        return (0, _same(cell.source, slot.source), -cell.number)
    changed = not _same(cell.source, slot.source) and bool(cell.source.strip())
    # An untouched stub defines the functions too, but says nothing: it comes after every changed cell that has one.
    return (len(cell.defines & slot.functions) if changed else 0, changed, cell.number)


def _normalized(text: str) -> str:
    return " ".join(text.split())


def _same(one: str, other: str) -> bool:
    return one == other or _normalized(one) == _normalized(other)

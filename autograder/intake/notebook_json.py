"""JSON of a notebook from bytes in whatever state: repaired where nothing of the cells is missing, else named.

What happens to notebooks on their way: a full disk or a crash pads them with NUL bytes or cuts off their end, tools
append to them, people merge them by hand. The beginning of the text that is JSON is kept as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from autograder.intake.merge_conflict import Sides, sides_of_conflicts
from cnnkit.errors import KitError
from cnnkit.linear_pattern import compile_linear

MAX_NESTED = 100
MAX_EDITS = 1_000
MAX_BEFORE = 2_000
"""Bounds of a text that is repaired: brackets within brackets, commas that are put right, and characters before it."""

_AGAIN = "Save the notebook in Jupyter or Colab and hand in that .ipynb file."

# Possessive, and closed by the end of the text too: linear time on whatever the characters are.
_TOKEN = compile_linear(r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"?|[^\s"{}\[\],:]++|[{}\[\],:]')
_CLOSING = {"{": "}", "[": "]"}
_PADDING = "\x00\x1a\ufeff \t\r\n"
"""Characters around a text: NUL of a full disk, Ctrl-Z of old systems, byte order marks, blanks."""


class NotJson(KitError):
    """The bytes are no JSON that can be repaired; `str(error)` completes the sentence "<name> ..."."""


@dataclass
class Json:
    """JSON data, and how it came to be read.

    Attributes:
        data: the data.
        notes: sentences about what was repaired.
        cut: of a text that breaks off within the list of cells, the reason to refuse it if an exercise is missing; ""
            otherwise.
    """

    data: object
    notes: list[str] = field(default_factory=list)
    cut: str = ""


def read_json(text: str, size: int) -> Json:
    """Read the JSON of a notebook.

    Args:
        text: the file as text.
        size: its bytes, for messages.

    Raises:
        NotJson: it cannot be read.
    """
    try:
        return Json(_loaded(text))
    except json.JSONDecodeError as error:
        reason = error
    body = text.strip(_PADDING)
    if body.startswith("version https://git-lfs"):
        raise NotJson(
            "is a Git LFS pointer, not the notebook itself: the repository stores large files elsewhere. Run "
            "`git lfs pull`, or save the notebook in Jupyter or Colab, and hand in that .ipynb file."
        )
    if (sides := sides_of_conflicts(body)) is not None:
        return _merged(sides, size)
    try:
        return _repaired(body, size)
    except (json.JSONDecodeError, _NotAlmostJson):
        raise _not_json(body, reason) from None


class _NotAlmostJson(KitError):
    """A text that is not JSON but for its end and a few commas."""


def _loaded(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError, MemoryError):
        # A number of thousands of digits, or brackets nested thousands deep.
        raise NotJson(f"is not a notebook: its JSON goes beyond what can be read. {_AGAIN}") from None


def _merged(sides: Sides, size: int) -> Json:
    """A notebook with the marks of a merge: read where both sides have the same cells."""
    refusal = NotJson(
        f"contains Git merge conflict markers (<<<<<<<) on line {sides.line:,}, and the two sides have different "
        "cells. Resolve the conflict, or save the notebook in Jupyter again, and hand in that .ipynb file."
    )
    try:
        ours, theirs = read_json(sides.ours, size), read_json(sides.theirs, size)
    except NotJson:
        raise refusal from None
    if _sources(ours.data) is None or _sources(ours.data) != _sources(theirs.data):
        raise refusal
    note = (
        f"The file contains Git merge conflict markers on line {sides.line:,}; both sides have the same cells, and "
        "the first one was read."
    )
    return Json(ours.data, [note, *ours.notes], ours.cut)


def _sources(data: object) -> list[object] | None:
    """Kinds and texts of a notebook's cells; None if there are none."""
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        return None
    return [(cell.get("cell_type"), _joined(cell.get("source"))) for cell in cells if isinstance(cell, dict)]


def _joined(source: object) -> object:
    return "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source


def _repaired(body: str, size: int) -> Json:
    """Read what is almost JSON.

    Raises:
        _NotAlmostJson, JSONDecodeError: it is something else.
        NotJson: it breaks off before the cells.
    """
    start = body.find("{", 0, MAX_BEFORE)
    if start < 0:
        raise _NotAlmostJson
    scan = _Scan(body, start)
    breaks_off = f"breaks off after {size:,} bytes: it was not saved or uploaded completely. {_AGAIN}"
    if scan.missing and scan.cells == "ahead":
        raise NotJson(breaks_off)
    data = _loaded(scan.repaired())
    if scan.missing and isinstance(data, dict) and "cells" in data:
        data.setdefault("nbformat", 4)  # it stands at the end, and no other format has cells there
    notes, cut = [], ""
    if start:
        notes.append(f"Before the notebook there were {start:,} other characters; they were ignored.")
    if scan.edits:
        notes.append(f"{len(scan.edits):,} commas too many or too few in the notebook's JSON were put right.")
    if scan.missing and scan.cells == "open":
        cut = breaks_off
        notes.append(f"The notebook breaks off after {size:,} bytes; all exercises come before that and were read.")
        if scan.in_cell and isinstance(data, dict) and isinstance(cells := data.get("cells"), list):
            del cells[-1:]  # half a cell
    elif scan.missing:
        notes.append("The end of the notebook was missing; all cells are there, and it was read all the same.")
    elif rest := len(body) - scan.end:
        notes.append(f"After the end of the notebook there were {rest:,} more characters; they were ignored.")
    return Json(data, notes, cut)


class _Scan:
    """A text from an opening bracket to the closing one, or to its end.

    Args:
        text: the text.
        start: position of the opening bracket.

    Attributes:
        missing: closing brackets that are missing at the end.
        end: position behind what is complete.
        edits: commas to leave out or to put in, by position.
        cells: "ahead", "open" or "closed", as the list of cells is yet to come, has begun, or has ended.

    Raises:
        _NotAlmostJson: the brackets do not match, or there is something else than JSON between them.
    """

    def __init__(self, text: str, start: int) -> None:
        self._text, self._start = text, start
        self.missing: list[str] = []
        self.end = start
        self.edits: dict[int, Literal["leave out", "put in"]] = {}
        self.cells = "ahead"
        self._before, self._key, self._comma = "", "", start
        for found in _TOKEN.finditer(text, start):
            self._take(found[0], found.start(), found.end())
            if not self.missing:
                return
        if self.cells == "open" and len(self.missing) == 2 and self._before == "}":
            self.cells = "closed"  # it breaks off after a cell, and no comma announces another one

    @property
    def in_cell(self) -> bool:
        """True if the text breaks off within a cell."""
        return len(self.missing) > 2

    def repaired(self) -> str:
        """The text with its edits and closing brackets."""
        parts, done = [], self._start
        for place, edit in self.edits.items():
            if place >= self.end:
                break
            parts += [self._text[done:place], "," if edit == "put in" else ""]
            done = place + (edit == "leave out")
        return "".join([*parts, self._text[done : self.end], *reversed(self.missing)])

    def _take(self, token: str, start: int, end: int) -> None:
        """Take one token: a bracket, a comma, a colon, a string or a literal."""
        kind = token if token in "{}[],:" else ("string" if token[0] == '"' else "literal")
        value_before = self._before in ("}", "]", "string", "literal")
        if kind in ("{", "[", "string", "literal") and value_before:
            if "literal" in (kind, self._before):
                raise _NotAlmostJson
            self._edit(start, "put in")
        if kind in ("{", "["):
            if len(self.missing) >= MAX_NESTED:
                raise _NotAlmostJson
            if kind == "[" and len(self.missing) == 1 and self._key in ('"cells"', '"worksheets"'):
                self.cells = "open"
            self.missing.append(_CLOSING[kind])
            self.end = end
        elif kind in ("}", "]"):
            if self._before == ",":
                self._edit(self._comma, "leave out")
            if self.missing.pop() != kind:
                raise _NotAlmostJson
            if self.cells == "open" and len(self.missing) == 1:
                self.cells = "closed"
            self.end = end
        elif kind == ",":
            if self._before in (",", "[", "{"):
                self._edit(start, "leave out")
            else:
                self.end = start
            self._comma = start
        elif kind == ":":
            if self._before != "string":
                raise _NotAlmostJson
        elif kind == "string":
            if len(self.missing) == 1 and self._before in ("{", ","):
                self._key = token
            if (self._before == ":" or self.missing[-1] == "]") and _is_closed(token):
                self.end = end
        self._before = kind

    def _edit(self, place: int, edit: Literal["leave out", "put in"]) -> None:
        if len(self.edits) >= MAX_EDITS:
            raise _NotAlmostJson
        self.edits[place] = edit


def _is_closed(string: str) -> bool:
    """True for a string with a closing quotation mark."""
    inside = string[1:-1]
    return len(string) > 1 and string[-1] == '"' and (len(inside) - len(inside.rstrip("\\"))) % 2 == 0


def _not_json(body: str, error: json.JSONDecodeError) -> NotJson:
    if body.startswith("{'"):
        return NotJson(f"is not JSON but a notebook as Python prints it, with single quotes. {_AGAIN}")
    if "\x00" in body:
        return NotJson(f"is damaged: it contains NUL bytes, as a crash or a full disk leaves behind. {_AGAIN}")
    return NotJson(f"is not a notebook: line {error.lineno:,} is not valid JSON ({error.msg}). {_AGAIN}")

"""Parser of submitted .ipynb files of any kind into bounded plain data."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from autograder.intake import files, syntax
from autograder.intake.large_notebook import without_outputs
from autograder.intake.notebook_json import Json, NotJson, read_json
from autograder.intake.old_formats import cells_of_old_format
from cnnkit.errors import KitError
from cnnkit.linear_pattern import compile_linear
from cnnkit.recording.schema import MIME
from cnnkit.text import encodable

CellKind = Literal["code", "markdown", "raw"]

MAX_CELLS = 1_000
MAX_CELL = 1_000_000
MAX_CODE = 3_000_000
MAX_VALUES = 3_000_000
"""Bounds: cells, characters in one cell, characters of code in all, values (lists, objects, fields) in the file."""

_BREAKS = ("\n", "\r")

_LONGEST_CHARACTER = 4
"""Bytes of a character in UTF-8."""

# Possessive, and closed by the end of the file too: linear time on whatever the bytes are.
_STRING = compile_linear(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive; unpack it and hand in the .ipynb file that is inside"),
    (b"%PDF", "a PDF; hand in the notebook itself (File, Download, .ipynb)"),
    (b"\x89PNG", "a picture; hand in the notebook itself (.ipynb)"),
    (b"\xff\xd8\xff", "a picture; hand in the notebook itself (.ipynb)"),
    (b"\x1f\x8b", "a compressed archive; unpack it and hand in the .ipynb file that is inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which is not read; hand in a zip file or the .ipynb file"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not read; hand in a zip file or the .ipynb file"),
    (b"<", "a web page; download the notebook itself (in Colab: File, Download, Download .ipynb)"),
)


@dataclass(frozen=True)
class SubmittedCell:
    """Cell of a notebook as it was handed in.

    Attributes:
        number: 1-based position among all cells of the notebook.
        kind: "code", "markdown" or "raw".
        source: the text, in one string that can be encoded as UTF-8.
        grade_id: grade_id of the cell's nbgrader metadata; "" if there is none that is usable.
        outputs: the outputs with a training record, unchecked.
    """

    number: int
    kind: CellKind
    source: str
    grade_id: str = ""
    outputs: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @cached_property
    def defines(self) -> frozenset[str]:
        """Names that the cell binds; read from text cells too, since a cell's type may have been switched."""
        return syntax.defined_names(self.source)


@dataclass(frozen=True)
class SubmittedNotebook:
    """Notebook as it was handed in.

    Attributes:
        cells: its cells.
        notes: sentences about what was repaired in order to read it.
        cut: of one that breaks off, the reason to refuse it if an exercise is missing; "" otherwise.
    """

    cells: tuple[SubmittedCell, ...]
    notes: tuple[str, ...] = ()
    cut: str = ""


class NotANotebook(KitError):
    """The bytes hold no notebook; `str(error)` completes the sentence "<name> ..."."""


def parse_notebook(data: bytes) -> SubmittedNotebook:
    """Parse a notebook of any nbformat from bytes of any kind.

    Raises:
        NotANotebook: there is no notebook in these bytes, or it is beyond the bounds. No other exception is raised.
    """
    found = _json(data)
    content, notes = found.data, found.notes
    if not isinstance(content, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(content), "a number")
        raise NotANotebook(f"is not a notebook: it holds {kind} where a notebook's cells were expected. {_AGAIN}")
    cells = _cell_list(content, notes)
    if len(cells) > MAX_CELLS:
        raise NotANotebook(
            f"has {len(cells):,} cells; at most {MAX_CELLS:,} are read. Delete the cells that are not part of your "
            "answer and hand it in again."
        )
    return SubmittedNotebook(_bounded(cells, notes), tuple(notes), found.cut)


_AGAIN = "Save the notebook in Jupyter or Colab and hand in that .ipynb file."


def _json(data: bytes) -> Json:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise NotANotebook(f"is empty ({len(data)} bytes). {_AGAIN}")
    for signature, name in _SIGNATURES:
        if data.lstrip()[: len(signature)] == signature and not data.lstrip().startswith(b"<<<<<<<"):
            raise NotANotebook(f"is not a notebook but {name}.")
    notes: list[str] = []
    if _is_too_large(data):
        size = len(data)
        data = without_outputs(data)
        if _is_too_large(data):
            raise NotANotebook(
                f"is {size / 1e6:,.0f} MB large, or holds more than {MAX_VALUES:,} values, even without its outputs: "
                "far beyond any notebook. Delete the cells that are not part of your answer and hand it in again."
            )
        notes.append(
            f"The notebook is very large because of its outputs ({size / 1e6:,.0f} MB); it was read without them, "
            "except for the training records."
        )
    try:
        found = _unwrapped(read_json(_text(data, notes), len(data)), len(data))
    except NotJson as error:
        raise NotANotebook(str(error)) from None
    return Json(found.data, [*notes, *found.notes], found.cut)


def _is_too_large(data: bytes) -> bool:
    if len(data) > files.MAX_NOTEBOOK:
        return True
    values = sum(map(data.count, (b"[", b"{", b",")))
    return values > MAX_VALUES and sum(map(_STRING.sub(b"", data).count, (b"[", b"{", b","))) > MAX_VALUES


def _unwrapped(found: Json, size: int) -> Json:
    """The notebook in what programs wrap around it: a text of JSON, or the answer of a Jupyter server."""
    if isinstance(found.data, str) and found.data.lstrip().startswith("{"):
        inner = read_json(found.data, size)
        note = "The notebook was JSON within a text; it was read all the same."
        return Json(inner.data, [note, *found.notes, *inner.notes], inner.cut)
    if isinstance(found.data, dict) and "cells" not in found.data and isinstance(found.data.get("content"), dict):
        note = "The file holds a Jupyter server's answer with the notebook in it; it was read all the same."
        return Json(found.data["content"], [note, *found.notes], found.cut)
    return found


def _text(data: bytes, notes: list[str]) -> str:
    encoding = json.detect_encoding(data)
    width = 4 if "32" in encoding else 2 if "16" in encoding else 1
    try:
        text = data[: len(data) - len(data) % width].decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise NotANotebook(f"is not a notebook: it cannot be read as {encoding.upper()} text. {_AGAIN}") from None
        if error.start >= len(data) - _LONGEST_CHARACTER:
            return data[: error.start].decode(encoding)  # it breaks off within a character
        notes.append(
            f"The file is not UTF-8 (byte {error.start + 1:,}): it was read as Latin-1, accents may look wrong."
        )
        return data.decode("latin-1")
    if encoding == "utf-8-sig":
        notes.append("The file begins with a byte order mark, which a notebook should not have; it was ignored.")
    elif encoding != "utf-8":
        notes.append(f"The file is encoded in {encoding.upper()} instead of UTF-8; it was read all the same.")
    return text


def _cell_list(content: dict[str, Any], notes: list[str]) -> list[Any]:
    cells, version = content.get("cells"), content.get("nbformat")
    if isinstance(cells, list):
        if version != 4:
            notes.append(
                f"The notebook says it has format {_short(version)}; its cells were read as those of format 4."
            )
        return cells
    if isinstance(content.get("worksheets"), list) or version in (1, 2, 3):
        return _upgraded(content, notes)
    raise NotANotebook(f"is JSON but not a notebook: it has no list of cells. {_AGAIN}")


def _upgraded(content: dict[str, Any], notes: list[str]) -> list[Any]:
    cells = cells_of_old_format(content, MAX_CELLS)
    if cells is None:
        raise NotANotebook(f"is JSON but not a notebook: it has no list of cells. {_AGAIN}")
    notes.append(f"The notebook has the old format {_short(content.get('nbformat'))}; it was converted to format 4.")
    return cells


def _bounded(cells: list[Any], notes: list[str]) -> tuple[SubmittedCell, ...]:
    kept: list[SubmittedCell] = []
    broken, joined, code_left = [], [], MAX_CODE
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            broken.append(number)
            continue
        raw = _cell(number, cell)
        if isinstance(lines := cell.get("source"), list) and _lacks_breaks(lines):
            joined.append(number)
        if len(raw.source) > (min(MAX_CELL, code_left) if raw.kind == "code" else MAX_CELL):
            notes.append(
                f"Cell {number} was left out: it holds {len(raw.source):,} characters; a cell may hold {MAX_CELL:,}, "
                f"all code together {MAX_CODE:,}."
            )
            continue
        code_left -= len(raw.source) if raw.kind == "code" else 0
        kept.append(raw)
    if joined:
        notes.append(f"{_cells(joined)} without line breaks between the lines; they were put back.")
    if broken:
        notes.append(f"{_cells(broken)} left out: what stands there is not a notebook cell.")
    return tuple(kept)


def _cells(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Cell {numbers[0]} was"
    shown = ", ".join(map(str, numbers[:10])) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
    return f"Cells {shown} were"


def _cell(number: int, cell: dict[str, Any]) -> SubmittedCell:
    found = cell.get("cell_type")
    kind: CellKind = found if found in ("code", "markdown") else "raw"
    source = cell.get("source", "")
    if isinstance(source, list):
        source = _joined(source, kind)
    outputs = cell.get("outputs")
    return SubmittedCell(
        number=number,
        kind=kind,
        source=encodable(source) if isinstance(source, str) else "",
        grade_id=_grade_id(cell.get("metadata")),
        outputs=tuple(filter(_has_record, outputs)) if isinstance(outputs, list) else (),
    )


def _has_record(output: object) -> bool:
    return isinstance(output, dict) and isinstance(data := output.get("data"), dict) and MIME in data


def _joined(lines: list[Any], kind: CellKind) -> str:
    """The text of a list of lines, of which each but the last should end in a line break.

    Where breaks are missing they are put in, unless the text is code only as it stands.
    """
    parts = [part for part in lines if isinstance(part, str)]
    plain = "".join(parts)
    if not _lacks_breaks(lines):
        return plain
    text = "".join(part if part.endswith(_BREAKS) else f"{part}\n" for part in parts[:-1]) + parts[-1]
    if kind == "code" and syntax.parse_code(text) is None and syntax.parse_code(plain) is not None:
        return plain
    return text


def _lacks_breaks(lines: list[Any]) -> bool:
    parts = [part for part in lines if isinstance(part, str)]
    return any(not part.endswith(_BREAKS) for part in parts[:-1])


def _grade_id(metadata: object) -> str:
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) and len(grade_id) <= 200 else ""


def _short(value: object) -> str:
    return repr(value)[:20] if isinstance(value, (int, float, str)) else "that is not a number"

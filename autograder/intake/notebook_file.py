"""Parser of submitted .ipynb files of any kind into bounded plain data."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from autograder.intake import syntax
from autograder.intake.old_formats import cells_of_old_format
from cnnkit.errors import KitError
from cnnkit.linear_pattern import compile_linear
from cnnkit.text import encodable

CellKind = Literal["code", "markdown", "raw"]

MAX_CELLS = 1_000
MAX_CELL = 1_000_000
MAX_CODE = 3_000_000
MAX_VALUES = 3_000_000
"""Bounds: cells, characters in one cell, characters of code in all, values (lists, objects, fields) in the file."""

# Possessive, and closed by the end of the file too: linear time on whatever the bytes are.
_STRING = compile_linear(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive; unpack it and hand in the .ipynb file that is inside"),
    (b"%PDF", "a PDF; hand in the notebook itself (File, Download, .ipynb)"),
    (b"\x89PNG", "a picture; hand in the notebook itself (.ipynb)"),
    (b"\xff\xd8\xff", "a picture; hand in the notebook itself (.ipynb)"),
    (b"\x1f\x8b", "a compressed archive; unpack it and hand in the .ipynb file that is inside"),
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
        outputs: the outputs that are JSON objects, unchecked.
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
    """Notebook as it was handed in, and sentences about what was repaired in order to read it."""

    cells: tuple[SubmittedCell, ...]
    notes: tuple[str, ...] = ()


class NotANotebook(KitError):
    """The bytes hold no notebook; `str(error)` completes the sentence "<name> ..."."""


def parse_notebook(data: bytes) -> SubmittedNotebook:
    """Parse a notebook of any nbformat from bytes of any kind.

    Raises:
        NotANotebook: there is no notebook in these bytes, or it is beyond the bounds. No other exception is raised.
    """
    notes: list[str] = []
    content = _json(data, notes)
    if not isinstance(content, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(content), "a number")
        raise NotANotebook(f"is not a notebook: it holds {kind} where a notebook's cells were expected. {_AGAIN}")
    cells = _cell_list(content, notes)
    if len(cells) > MAX_CELLS:
        raise NotANotebook(
            f"has {len(cells):,} cells; at most {MAX_CELLS:,} are read. Delete the cells that are not part of your "
            "answer and hand it in again."
        )
    return SubmittedNotebook(_bounded(cells, notes), tuple(notes))


_AGAIN = "Save the notebook in Jupyter or Colab and hand in that .ipynb file."


def _json(data: bytes, notes: list[str]) -> object:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise NotANotebook(f"is empty ({len(data)} bytes). {_AGAIN}")
    for signature, name in _SIGNATURES:
        if data.lstrip()[: len(signature)] == signature:
            raise NotANotebook(f"is not a notebook but {name}.")
    values = sum(map(data.count, (b"[", b"{", b",")))
    if values > MAX_VALUES and sum(map(_STRING.sub(b"", data).count, (b"[", b"{", b","))) > MAX_VALUES:
        raise NotANotebook(
            f"holds more than {MAX_VALUES:,} values, far beyond any notebook. Clear its outputs (Edit, Clear Outputs "
            "of All Cells), save it and hand it in again."
        )
    text = _text(data, notes)
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string"):
            raise NotANotebook(
                f"breaks off after {len(data):,} bytes: it was not saved or uploaded completely. {_AGAIN}"
            ) from None
        raise NotANotebook(
            f"is not a notebook: line {error.lineno:,} is not valid JSON ({error.msg}). {_AGAIN}"
        ) from None
    except (ValueError, RecursionError, MemoryError):
        # A number of thousands of digits, or brackets nested thousands deep.
        raise NotANotebook(f"is not a notebook: its JSON goes beyond what can be read. {_AGAIN}") from None


def _text(data: bytes, notes: list[str]) -> str:
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise NotANotebook(f"is not a notebook: it cannot be read as {encoding.upper()} text. {_AGAIN}") from None
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
    broken, code_left = [], MAX_CODE
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            broken.append(number)
            continue
        raw = _cell(number, cell)
        if len(raw.source) > (min(MAX_CELL, code_left) if raw.kind == "code" else MAX_CELL):
            notes.append(
                f"Cell {number} was left out: it holds {len(raw.source):,} characters; a cell may hold {MAX_CELL:,}, "
                f"all code together {MAX_CODE:,}."
            )
            continue
        code_left -= len(raw.source) if raw.kind == "code" else 0
        kept.append(raw)
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
        source = "".join(part for part in source if isinstance(part, str))
    outputs = cell.get("outputs")
    return SubmittedCell(
        number=number,
        kind=kind,
        source=encodable(source) if isinstance(source, str) else "",
        grade_id=_grade_id(cell.get("metadata")),
        outputs=tuple(o for o in outputs if isinstance(o, dict)) if isinstance(outputs, list) else (),
    )


def _grade_id(metadata: object) -> str:
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) and len(grade_id) <= 200 else ""


def _short(value: object) -> str:
    return repr(value)[:20] if isinstance(value, (int, float, str)) else "that is not a number"

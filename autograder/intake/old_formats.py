"""Cells of notebooks in formats 1 to 3, which nobody writes any more, as cells of format 4.

nbformat's own converter writes as many "#" as a heading claims to have levels, so that a short file takes any amount of
memory. Here the few fields that grading needs are read, and nothing becomes longer than it was.
"""

from __future__ import annotations

from typing import Any

HEADING_LEVELS = 6

_TEXT_KINDS = {"markdown": "markdown", "html": "markdown", "text": "markdown", "raw": "raw", "rst": "raw"}
_MIME = {"text": "text/plain", "png": "image/png"}
_NO_DATA = {"output_type", "prompt_number", "metadata", "collapsed", "stream", "ename", "evalue", "traceback"}


def cells_of_old_format(content: dict[str, Any], most: int) -> list[Any] | None:
    """List the cells of a notebook as cells of format 4.

    Args:
        content: the notebook.
        most: cells that are converted; of more, that many and one, so that the caller sees that there are more.

    Returns:
        The cells; what is no cell stays as it is. None if there is no list of cells.

    Example:
        >>> cells_of_old_format({"worksheets": [{"cells": [{"cell_type": "code", "input": "1"}]}]}, 10)
        [{'cell_type': 'code', 'source': '1', 'metadata': {}, 'outputs': []}]
    """
    sheets = content.get("worksheets")
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    found = [cells for cells in [content.get("cells"), *lists] if isinstance(cells, list)]
    if not found:
        return None
    converted: list[Any] = []
    for cells in found:
        converted += [_cell(cell) if isinstance(cell, dict) else cell for cell in cells[: most + 1 - len(converted)]]
    return converted


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    kind, metadata = cell.get("cell_type"), cell.get("metadata", {})
    if kind == "code":
        source = next((cell[key] for key in ("input", "code", "source") if key in cell), "")
        outputs = cell.get("outputs")
        found = [_output(output) for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
        return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": found}
    source = _joined(next((cell[key] for key in ("source", "text") if key in cell), ""))
    if kind == "heading":
        level = cell.get("level")
        level = level if type(level) is int and 1 <= level <= HEADING_LEVELS else 1
        return {"cell_type": "markdown", "source": f"{'#' * level} {' '.join(source.split())}", "metadata": metadata}
    return {"cell_type": _TEXT_KINDS.get(str(kind), "raw"), "source": source, "metadata": metadata}


def _output(output: dict[str, Any]) -> dict[str, Any]:
    """An output with its data in a bundle, as training records are looked for."""
    if isinstance(output.get("data"), dict):
        return output
    data = {_MIME.get(key, key): value for key, value in output.items() if key not in _NO_DATA}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _joined(source: object) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""

"""The repaired notebook: the release's cells and metadata with the student's work in them, as nbgrader expects it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from autograder.intake import syntax
from autograder.intake.arrange import PlacedCell
from autograder.intake.check_positions import with_checks
from autograder.intake.notebook_file import SubmittedCell
from autograder.intake.release_notebook import Release
from autograder.intake.side_files import LONGEST_SHOWN
from autograder.intake.submission import Cell, CellRole
from autograder.intake.training_records import safe_outputs


def cells_to_run(
    placed: Sequence[PlacedCell], submitted: Sequence[SubmittedCell], release: Release
) -> tuple[Cell, ...]:
    """Select the code cells for the sandbox, in order.

    Left out are given cells tagged `skip-in-grading`, solutions that were put back (nobody wrote them), empty cells. Of
    checks only the position is left.

    Args:
        placed: the repaired notebook.
        submitted: the cells as they were handed in.
        release: the release notebook.
    """
    cells = []
    for index, item in enumerate(placed):
        slot = item.slot
        if item.kind != "code" or not item.source.strip():
            continue
        if slot is not None and item.owner == "release" and (slot.role != "given" or slot.skipped):
            continue
        role: CellRole = "student" if item.owner == "student" else "given"
        grade_id = slot.grade_id if slot is not None else ""
        checks = syntax.called_checks(item.source) if role == "student" else ()
        cells.append((index, Cell(item.cell.number if item.cell else 0, grade_id, item.source, role, checks)))
    return with_checks(cells, placed, submitted, release)


def answers(placed: list[PlacedCell]) -> dict[str, str]:
    """Written answers by grade_id, without those that equal the release's placeholder."""
    return {
        item.slot.grade_id: item.source
        for item in placed
        if item.slot is not None and item.slot.role == "written" and item.cell is not None
        and item.source.strip() != item.slot.source.strip()
    }  # fmt: skip


def repaired(release: Release, placed: list[PlacedCell], modules: Mapping[str, str]) -> bytes:
    """Write the notebook as nbformat 4 JSON: every release cell exactly once, the student's own cells between them.

    Modules beside the notebook that it uses stand in front of the student's first cell, so that they are read with it.

    Release cells keep metadata, checksum and id of the release, so that nbgrader takes the notebook whatever happened
    to the submitted one. Outputs are dropped (they are not evidence), except training records with their pictures.
    """
    with_ids = any("id" in cell.data for cell in release.cells)
    cells = [_cell(item, item.shown, with_ids) for item in placed if item.shown is not None]
    first = next((place for place, item in enumerate(placed) if item.owner == "student" and item.kind == "code"), 0)
    at = sum(item.shown is not None for item in placed[:first])
    cells[at:at] = [_module_cell(number, *module, with_ids) for number, module in enumerate(modules.items(), 1)]
    return notebook_json({"cells": cells, **{key: value for key, value in release.data.items() if key != "cells"}})


def notebook_json(data: dict[str, Any], *, sort_keys: bool = False) -> bytes:
    r"""A notebook as JSON indented by one space, ending in a newline.

    The same bytes as from `json.dumps(..., indent=1)`, which does without Python's encoder in C and takes three times
    as long.

    Example:
        >>> notebook_json({"cells": [], "nbformat": 4})
        b'{\n "cells": [],\n "nbformat": 4\n}\n'
    """
    return msgspec.json.format(json.dumps(data, ensure_ascii=False, sort_keys=sort_keys).encode(), indent=1) + b"\n"


def _module_cell(number: int, path: str, text: str, with_ids: bool) -> dict[str, Any]:
    """A cell that shows a module; it would write the file if it were run."""
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    if with_ids:
        cell["id"] = f"module-{number}"
    more = len(text) - LONGEST_SHOWN
    cut = f"\n# {more:,} more characters are in the file that was handed in" if more > 0 else ""
    cell["source"] = f"%%writefile {path}\n{text[:LONGEST_SHOWN]}{cut}".splitlines(keepends=True)
    return cell


def _cell(item: PlacedCell, source: str, with_ids: bool) -> dict[str, Any]:
    cell: dict[str, Any]
    if item.slot is not None:
        cell = dict(item.slot.data)  # what is in it is only written out
    else:
        cell = {"cell_type": item.kind, "metadata": {}}
        if with_ids and item.cell is not None:
            # An edit that was kept stands beside the release cell it came from, so the number alone is unique.
            cell["id"] = f"submitted-{item.cell.number}"
    cell["source"] = source.splitlines(keepends=True)
    if item.kind == "code":
        cell["execution_count"] = None
        is_check = item.slot is not None and item.slot.role == "check"
        cell["outputs"] = safe_outputs(item.cell.outputs) if item.cell is not None and not is_check else []
    return cell

"""The repaired notebook: the release's cells and metadata with the student's work in them, as nbgrader expects it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from autograder.intake.arrange import PlacedCell
from autograder.intake.release_notebook import Release
from autograder.intake.submission import Cell, CellRole
from autograder.intake.training_records import safe_outputs


def cells_to_run(placed: list[PlacedCell]) -> tuple[Cell, ...]:
    """Select the code cells for the sandbox, in order.

    Left out are checks, given cells tagged `skip-in-grading`, solutions that were put back (nobody wrote them), empty
    cells.
    """
    cells = []
    for item in placed:
        slot = item.slot
        if item.kind != "code" or not item.source.strip():
            continue
        if slot is not None and item.owner == "release" and (slot.role != "given" or slot.skipped):
            continue
        role: CellRole = "student" if item.owner == "student" else "given"
        grade_id = slot.grade_id if slot is not None else ""
        cells.append(Cell(item.cell.number if item.cell else 0, grade_id, item.source, role))
    return tuple(cells)


def answers(placed: list[PlacedCell]) -> dict[str, str]:
    """Written answers by grade_id, without those that equal the release's placeholder."""
    return {
        item.slot.grade_id: item.source
        for item in placed
        if item.slot is not None and item.slot.role == "written" and item.cell is not None
        and item.source.strip() != item.slot.source.strip()
    }  # fmt: skip


def repaired(release: Release, placed: list[PlacedCell]) -> bytes:
    """Write the notebook as nbformat 4 JSON: every release cell exactly once, the student's own cells between them.

    Release cells keep metadata, checksum and id of the release, so that nbgrader takes the notebook whatever happened
    to the submitted one. Outputs are dropped (they are not evidence), except training records with their pictures.
    """
    with_ids = any("id" in cell.data for cell in release.cells)
    cells = [_cell(item, item.shown, with_ids) for item in placed if item.shown is not None]
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

"""Public checks of the exercise `table`."""

from __future__ import annotations

from typing import Any

from cnnkit import expect
from cnnkit.assignments.lenet.brief import BRIEF, CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch


def cell(which: str, number: int) -> str:
    """Name of a number or shape in the table, for messages."""
    return f"lenet_table(), {which} in row {number}"


def rows_of(value: Any) -> list[tuple[tuple[int | None, ...], float]]:
    """Read the eight rows of lenet_table: output shapes without the batch axis, and numbers of parameters.

    Raises:
        Mismatch: the value is no list of eight such pairs.
    """
    what, hint = "lenet_table()", "A row is a pair: the shape as a tuple, then the number of parameters."
    rows = list(value.values()) if type(value) is dict else value
    if type(rows) not in (list, tuple):
        raise Mismatch(what, expected="a list of 8 rows", found=expect.kind(value), hint=hint)
    if len(rows) != len(BRIEF.layers):
        raise Mismatch(what, expected=f"{len(BRIEF.layers)} rows, one for each layer", found=len(rows), hint=hint)
    found = []
    for number, row in enumerate(rows, 1):
        if type(row) not in (list, tuple) or len(row) != 2:
            raise Mismatch(f"{what}, row {number}", expected="a pair", found=expect.kind(row), hint=hint)
        shape = _shape(row[0], number, hint)
        found.append((shape, expect.scalar(row[1], cell("parameters", number), hint=hint)))
    return found


def _shape(value: Any, number: int, hint: str) -> tuple[int | None, ...]:
    sizes = list(value) if type(value) in (list, tuple) else [value]
    if sizes and sizes[0] is None:  # the batch axis, as model.summary() prints it
        remark("The first axis of a shape in lenet_table() is the batch; it is not looked at.")
        sizes = sizes[1:]
    what = cell("output shape", number)
    if not sizes:
        raise Mismatch(what, expected="a tuple of sizes", found="an empty one", hint=hint)
    return tuple(int(expect.scalar(size, what, hint=hint)) for size in sizes)


@CHECKS.add("table", "lenet_table has eight rows, each an output shape and a number of parameters")
def table_form(evidence: Evidence) -> None:
    """Expect rows of the specified form."""
    rows_of(evidence.call("lenet_table"))


@CHECKS.add("table", "the parameters add up to 61,706")
def table_total(evidence: Evidence) -> None:
    """Expect the total that the notebook states. Not in the rubric: there each row counts."""
    total = sum(parameters for _, parameters in rows_of(evidence.call("lenet_table")))
    if total != BRIEF.parameters:
        hint = "A filter has height × width × channels weights and one bias; a unit has one weight for each input."
        raise Mismatch("the parameters of all rows", expected=f"{BRIEF.parameters:,}", found=f"{total:,}", hint=hint)

"""Submissions made from the reference solution: for the sample class, and to try a rubric on known answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.course.config import Course
from cnnkit.errors import KitError
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.display import record_bundle
from cnnkit.recording.schema import TrainingRecord

_MARKERS = re.compile(r"^[^\S\n]*### (BEGIN|END) SOLUTION[^\S\n]*\n", re.MULTILINE)


class SampleError(KitError, ValueError):
    """A sample does not fit the solution it is made from."""


CellChange = Callable[[str], str]
"""From the reference's source of a cell to the sample's."""

Records = dict[str, TrainingRecord]
"""Training records by run."""


@dataclass(frozen=True)
class NetworkAnswer:
    """A network as the answer of one of the student's functions: a mistake that needs no code to be told.

    Attributes:
        function: the function that returns it, called without arguments.
        network: what it returns.
    """

    function: str
    network: ModelSpec


@dataclass(frozen=True)
class Sample:
    """One answer, made from the reference's.

    Attributes:
        name: what it is, in a few words_joined_so.
        cell: grade_id of the solution cell it changes, e.g. "architecture_solution"; "" where it changes none.
        change: from the reference's source to the sample's.
        fails: ids of the checks that must not pass, and of no others; empty for an equivalent.
        says: text that the message of the first of these must contain: it names the culprit. All pieces of it.
        shows: text of which that message must contain at least one: the consequence.
        also: further cells that it changes.
        records: from the reference's training records to the sample's.
        answer: where the sample is nothing but another network, that network.
    """

    name: str
    cell: str
    change: CellChange = str
    fails: tuple[str, ...] = ()
    says: str | tuple[str, ...] = ""
    shows: tuple[str, ...] = ()
    also: Mapping[str, CellChange] = field(default_factory=dict)
    records: Callable[[Records], Records] | None = None
    answer: NetworkAnswer | None = None

    @property
    def changes(self) -> dict[str, CellChange]:
        """The changes by cell."""
        return ({self.cell: self.change} if self.cell else {}) | dict(self.also)

    def missing_words(self, message: str) -> list[str]:
        """What the message of the first check in `fails` ought to say and does not."""
        pieces = (self.says,) if isinstance(self.says, str) else self.says
        missing = [piece for piece in pieces if piece not in message]
        if self.shows and not any(piece in message for piece in self.shows):
            missing.append(" or ".join(self.shows[:3]))
        return missing


def swap(old: str, new: str) -> CellChange:
    """A change that replaces one piece of text, which must be there exactly once.

    Raises (when applied):
        SampleError: it is not, because the solution has changed.
    """

    def change(source: str) -> str:
        if source.count(old) != 1:
            raise SampleError(f"expected {old!r} exactly once in the solution, found it {source.count(old)} times")
        return source.replace(old, new)

    return change


def replace_cell(source: str) -> CellChange:
    """A change that replaces the whole cell."""
    return lambda _: source.strip("\n")


def compose(*changes: CellChange) -> CellChange:
    """One change after the other."""

    def change(source: str) -> str:
        for one in changes:
            source = one(source)
        return source

    return change


def change_record(run: str, *, loss: list[float] | None = None, **changes: Any) -> Callable[[Records], Records]:
    """A change of one run's record: other losses, or other values of its fields."""

    def change(records: Records) -> Records:
        made = replace(records[run], **changes)
        if loss is not None:
            made = replace(made, history={**made.history, "loss": loss})
        return records | {run: made}

    return change


def reference_cells(course: Course, name: str) -> dict[str, str]:
    """The reference's source of every solution cell, by grade id, without the solution markers."""
    import jupytext

    # the source itself, not the notebook built from it: the expected outputs in that are made with these cells
    notebook = jupytext.reads((course.root / course.layout.source(name)).read_text(encoding="utf-8"), fmt="py:percent")
    return {
        cell.metadata["nbgrader"]["grade_id"]: _MARKERS.sub("", cell.source + "\n").rstrip("\n")
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def apply_samples(reference: Mapping[str, str], samples: list[Sample]) -> dict[str, str]:
    """The reference's cells with the samples' changes.

    Raises:
        SampleError: a sample names a cell that is not there, or its change does not fit.
    """
    cells = dict(reference)
    for sample in samples:
        for cell, change in sample.changes.items():
            if cell not in cells:
                raise SampleError(f"sample {sample.name}: there is no solution cell {cell!r}")
            try:
                cells[cell] = change(cells[cell])
            except SampleError as error:
                raise SampleError(f"sample {sample.name}: {error}") from error
    return cells


def notebook_with(
    course: Course,
    name: str,
    cells: Mapping[str, str],
    *,
    student: str,
    records: Mapping[str, TrainingRecord],
    quick: bool = False,
) -> bytes:
    """The release notebook as a student hands it in: solutions filled in, records in the training cell's output.

    Args:
        course: where the release lies.
        name: the assignment.
        cells: source by grade id; solution cells that are left out stay as released.
        student: the id that is written into the call of `cnnkit.start`.
        records: training records by run; none for a student who has not trained.
        quick: whether the student left the notebook in its quick mode.

    Raises:
        SampleError: there is no release, or it lacks one of the cells.
    """
    released = course.root / course.layout.release_notebook(name)
    if not released.is_file():
        raise SampleError(f"expected the release {released}, found none: run `autograder release {name}` first")
    notebook = json.loads(released.read_bytes())
    ids = {cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in notebook["cells"]}
    if missing := sorted(set(cells) - ids):
        raise SampleError(f"the release of {name} has no cell {', '.join(missing)}: is it older than the solution?")
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        source = _text(cell["source"])
        if grade_id in cells:
            cell["source"] = cells[grade_id]
        elif "cnnkit.start(" in source and not grade_id:
            source = source.replace('student=""', f"student={json.dumps(student)}")
            cell["source"] = source.replace("QUICK = True", f"QUICK = {quick}")
        if cell["cell_type"] == "code" and "cnnkit.record(" in source and records and grade_id not in cells:
            cell["outputs"] = [_output(record) for record in records.values()]
            cell["execution_count"] = 1
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def _output(record: TrainingRecord) -> dict[str, object]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": record_bundle(record),
    }


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)

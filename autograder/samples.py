"""Submissions made from the reference solution: for the sample class, and for trying a rubric with wrong and right answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.course import Course
from autograder.release.build import source_path
from cnnkit.recording import summary
from cnnkit.training import MIME, TrainingRecord

_MARKERS = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*\n", re.MULTILINE)


class SampleError(ValueError):
    """A sample does not fit the solution it is made from."""


@dataclass(frozen=True)
class Sample:
    """One answer to one exercise, made from the reference's.

    Attributes:
        name: what it is, in a few words_joined_so.
        cell: grade_id of the solution cell it changes, e.g. "architecture_solution".
        change: from the reference's source to the sample's.
        fails: ids of the checks that must not pass; empty for an equivalent.
        says: a piece of text that the message of the first of these must contain: it names the culprit.
    """

    name: str
    cell: str
    change: Callable[[str], str]
    fails: tuple[str, ...] = ()
    says: str = ""


def swap(old: str, new: str) -> Callable[[str], str]:
    """A change that replaces one piece of text, which must be there exactly once.

    Raises (when applied):
        SampleError: it is not, because the solution has changed.
    """

    def change(source: str) -> str:
        if source.count(old) != 1:
            raise SampleError(f"expected {old!r} exactly once in the solution, found it {source.count(old)} times")
        return source.replace(old, new)

    return change


def written(source: str) -> Callable[[str], str]:
    """A change that replaces the whole cell."""
    return lambda _: source.strip("\n")


def reference_cells(course: Course, name: str) -> dict[str, str]:
    """The reference's source of every solution cell, by grade id, without the solution markers."""
    import jupytext

    # the source itself, not the notebook built from it: the expected outputs in that are made with these cells
    notebook = jupytext.reads((course.root / source_path(name)).read_text(encoding="utf-8"), fmt="py:percent")
    return {
        cell.metadata["nbgrader"]["grade_id"]: _MARKERS.sub("", cell.source + "\n").rstrip("\n")
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def apply(reference: Mapping[str, str], samples: list[Sample]) -> dict[str, str]:
    """The reference's cells with the samples' changes.

    Raises:
        SampleError: a sample names a cell that is not there, or its change does not fit.
    """
    cells = dict(reference)
    for sample in samples:
        if sample.cell not in cells:
            raise SampleError(f"sample {sample.name}: there is no solution cell {sample.cell!r}")
        cells[sample.cell] = sample.change(cells[sample.cell])
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
    """The release notebook as a student hands it in: solution cells filled in, records in the output of the training cell.

    Args:
        cells: source by grade id; solution cells that are left out stay as released.
        quick: whether the student left the notebook in its quick mode.
    """
    released = course.root / "assignments" / name / f"{name}.ipynb"
    notebook = json.loads(released.read_bytes())
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        source = _text(cell["source"])
        if grade_id in cells:
            cell["source"] = cells[grade_id]
        elif "cnnkit.start(" in source and not grade_id:
            source = source.replace('student=""', f'student="{student}"')
            cell["source"] = source.replace("QUICK = True", f"QUICK = {quick}")
        if cell["cell_type"] == "code" and "cnnkit.record(" in source and records and grade_id not in cells:
            cell["outputs"] = [_output(record) for record in records.values()]
            cell["execution_count"] = 1
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def _output(record: TrainingRecord) -> dict[str, object]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {MIME: record.to_json(), "text/plain": summary(record)},
    }


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)

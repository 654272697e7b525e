"""Submissions written from known answers: for the audit, the sample class, benchmarks and tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from autograder.audit.samples import SampleError
from autograder.course.config import Course
from cnnkit.recording.display import record_bundle
from cnnkit.recording.schema import TrainingRecord

_MARKERS = re.compile(r"^[^\S\n]*### (BEGIN|END) SOLUTION[^\S\n]*\n", re.MULTILINE)


def reference_cells(course: Course, name: str) -> dict[str, str]:
    """Source of every solution cell of the reference, by grade id, without the solution markers."""
    import jupytext

    # Not from the notebook that is built from this source: its expected outputs are made with these cells.
    notebook = jupytext.reads((course.root / course.layout.source(name)).read_text(encoding="utf-8"), fmt="py:percent")
    return {
        cell.metadata["nbgrader"]["grade_id"]: _MARKERS.sub("", cell.source + "\n").rstrip("\n")
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def notebook_with(
    course: Course,
    name: str,
    cells: Mapping[str, str],
    *,
    student: str,
    records: Mapping[str, TrainingRecord],
    quick: bool = False,
) -> bytes:
    """Write the release notebook as a student hands it in: solutions filled in, records in the training cell's output.

    Args:
        course: the course that has the release.
        name: the assignment.
        cells: source by grade id; solution cells that are left out stay as released.
        student: the id in the call of `cnnkit.start`.
        records: training records by run; none for a student who has not trained.
        quick: True for a student who left the notebook in its quick mode.

    Returns:
        The notebook as JSON; the same bytes for the same arguments.

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

"""Build of the source notebook, solutions included, from solutions/NAME/NAME.py: the same bytes every time."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.config import Course
from autograder.release.placeholders import CellLocation, fill_in
from autograder.release.release_error import ReleaseError
from autograder.release.validate import validate

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
"""Without the version: it would change the notebook with every patch release of Python."""

KEPT_METADATA = ("nbgrader", "tags", "jupyter", "slideshow")
"""Everything else an editor left in a cell marker (Colab's ids, jupytext's line counts) does not reach the notebook."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def build_source(course: Course, name: str) -> bytes:
    """Build the source notebook of one assignment, solutions included.

    Cell ids derive from the grade ids, placeholders are filled in, and what the cells are worth is compared with
    course.toml. Building twice gives the same bytes.

    Args:
        course: the course.
        name: an assignment of course.toml whose source is solutions/NAME/NAME.py (jupytext py:percent).

    Returns:
        The notebook as nbformat 4.5 JSON.

    Raises:
        CourseError: course.toml has no such assignment.
        ReleaseError: the source is missing or malformed; the text names cell and file.
    """
    import jupytext

    assignment = course.assignment(name)
    file = course.layout.source(name).as_posix()
    path = course.root / file
    if not path.is_file():
        raise ReleaseError(f"{file} is missing: it is the source from which the notebook of {name!r} is built.")
    read = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    cells = [
        _cell(cell, fill_in(cell.source, course, name, CellLocation(file, number, _grade_id(cell))))
        for number, cell in enumerate(read.cells, start=1)
    ]
    metadata = {"kernelspec": KERNELSPEC, "language_info": LANGUAGE}
    notebook = _node({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    validate(notebook, assignment, file)
    _name_cells(notebook, file)
    _validate_format(notebook, file)
    return dump(notebook)


def dump(notebook: NotebookNode) -> bytes:
    """Serialise a notebook as Jupyter itself does, in UTF-8."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return text.rstrip("\n").encode("utf-8") + b"\n"


def _node(data: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = nbformat.from_dict(data)  # type: ignore[no-untyped-call]
    return node


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _cell(read: NotebookNode, source: str) -> NotebookNode:
    metadata: dict[str, Any] = {key: read.metadata[key] for key in KEPT_METADATA if key in read.metadata}
    if "nbgrader" in metadata:
        given = {"grade": False, "locked": False, "schema_version": 3, "solution": False, **metadata["nbgrader"]}
        if given["grade"] and not given["solution"]:
            given["locked"] = True  # nbgrader treats test cells so whatever the flag says
        metadata["nbgrader"] = given
    cell: dict[str, Any] = {"cell_type": read.cell_type, "metadata": metadata, "source": source}
    if read.cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    return _node(cell)


def _name_cells(notebook: NotebookNode, file: str) -> None:
    """Set the id of every cell: its grade id, or the grade id before it with a number."""
    taken = {_grade_id(cell) for cell in notebook.cells} - {""}
    before, counter = "start", 0
    for number, cell in enumerate(notebook.cells, start=1):
        own = _grade_id(cell)
        if own:
            before, counter, identity = own, 0, own
        else:
            counter += 1
            identity = f"{before}-{counter}"
            if identity in taken:
                raise ReleaseError(
                    f"{CellLocation(file, number)}: its id would be {identity!r}, which is a grade_id; "
                    "rename that grade_id."
                )
        if not _ID.fullmatch(identity):
            raise ReleaseError(
                f"{CellLocation(file, number, own)}: expected a grade_id of letters, digits, - and _ (at most 60), "
                f"found {identity!r}."
            )
        cell["id"] = identity


def _validate_format(notebook: NotebookNode, file: str) -> None:
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError

    try:
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
    except (nbformat.ValidationError, ValidationError) as error:
        text = str(error).strip().splitlines()[0]
        raise ReleaseError(f"{file}: the notebook is not valid: {text}") from error

"""The release notebook, to which every submission is matched."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from autograder.course.config import Course, CourseError
from autograder.intake import syntax
from autograder.intake.notebook_file import CellKind

ReleaseRole = Literal["solution", "written", "given", "check"]


@dataclass(frozen=True)
class ReleaseCell:
    """Cell of the release.

    Attributes:
        index: 0-based position in the release.
        kind: "code", "markdown" or "raw".
        role: "solution" (code the student writes), "written" (an answer in words, graded by hand), "check" (carries
            the points), "given" (everything else, text included).
        source: the text.
        grade_id: nbgrader's; "" for a cell without one.
        locked: True if nbgrader restores its text.
        skipped: tagged `skip-in-grading`: not run by the grader.
        functions: names of the functions it defines; for a solution cell, those of the exercise.
        data: the cell as JSON data. Copy it before a change.
    """

    index: int
    kind: CellKind
    role: ReleaseRole
    source: str
    grade_id: str
    locked: bool
    skipped: bool
    functions: frozenset[str]
    data: dict[str, Any]

    @cached_property
    def defines(self) -> frozenset[str]:
        """Names that its code binds."""
        return syntax.defined_names(self.source) if self.kind == "code" else frozenset()

    @cached_property
    def uses(self) -> frozenset[str]:
        """Names that its code reads."""
        return syntax.used_names(self.source)


@dataclass(frozen=True)
class Release:
    """Release notebook as data."""

    cells: tuple[ReleaseCell, ...]
    data: dict[str, Any]

    @cached_property
    def by_id(self) -> dict[str, ReleaseCell]:
        """Cells by grade_id."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}

    @cached_property
    def functions(self) -> frozenset[str]:
        """Names of the functions that the student completes, of all exercises."""
        return frozenset().union(*(cell.functions for cell in self.cells if cell.role == "solution"))


def release_path(course: Course, assignment: str) -> Path:
    """Path of an assignment's release notebook."""
    return course.root / course.layout.release_notebook(assignment)


def load_release(course: Course, assignment: str) -> Release:
    """Load the release notebook; it is cached until the file changes.

    Raises:
        CourseError: it is missing or is not a notebook.
    """
    path = release_path(course, assignment)
    try:
        found = path.stat()
    except OSError:
        raise CourseError(f"the release {path} is missing; make it with: autograder release {assignment}") from None
    return _load(os.fspath(path), found.st_mtime_ns, found.st_size)


def load_releases(course: Course, assignment: str) -> dict[str, Release]:
    """Load the release notebooks of all assignments by name; of the others, those that there are.

    Args:
        course: the course.
        assignment: the one whose release there has to be.

    Raises:
        CourseError: the release of `assignment` is missing or is not a notebook.
    """
    releases = {assignment: load_release(course, assignment)}
    for name in course.names:
        with contextlib.suppress(CourseError):
            releases.setdefault(name, load_release(course, name))
    return releases


@lru_cache(maxsize=32)
def _load(path: str, mtime: int, size: int) -> Release:
    try:
        data = json.loads(Path(path).read_bytes())
        cells = tuple(_cell(index, cell) for index, cell in enumerate(data["cells"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"the release {path} is not a notebook of format 4 ({error}); make it again") from error
    ids = [cell.grade_id for cell in cells if cell.grade_id]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise CourseError(f"the release {path} has the grade_id {', '.join(twice)} more than once; make it again")
    return Release(cells, data)


def _cell(index: int, cell: dict[str, Any]) -> ReleaseCell:
    metadata = cell.get("metadata", {})
    nbgrader = metadata.get("nbgrader", {})
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    grade, solution = bool(nbgrader.get("grade")), bool(nbgrader.get("solution"))
    role: ReleaseRole = "given"
    if solution:
        # Graded by hand is what a solution cell with points of its own is, in words or in code.
        role = "written" if cell["cell_type"] != "code" else "solution"
    elif grade:
        role = "check"
    return ReleaseCell(
        index=index,
        kind=cell["cell_type"],
        role=role,
        source=source,
        grade_id=nbgrader.get("grade_id", ""),
        locked=bool(nbgrader) and not solution and bool(grade or nbgrader.get("locked")),
        skipped="skip-in-grading" in metadata.get("tags", []),
        functions=syntax.defined_functions(source) if cell["cell_type"] == "code" else frozenset(),
        data=cell,
    )

"""A submission as data, the result of intake."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.intake.plain_code import is_plain_code
from cnnkit.errors import KitError
from cnnkit.recording.schema import TrainingRecord

CellRole = Literal["student", "given", "check"]


@dataclass(frozen=True)
class Cell:
    """Code cell to run.

    Attributes:
        number: 1-based position among ALL cells of the submitted notebook, as a reader counts them; 0 for a given cell
            that was missing there and was put back.
        grade_id: grade_id of the release cell that it fills; "" for a cell that the student added.
        source: the code; "" for a check.
        role: "student" (a solution cell or an added one), "given" (a release cell, taken from the release),
            "check" (a grade cell: never run, it says in which state its exercise is judged).
        checks: exercises whose check its text calls.
    """

    number: int
    grade_id: str
    source: str
    role: CellRole
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """A submission that can be graded.

    Attributes:
        cells: the code cells in order; given cells tagged `skip-in-grading` are left out.
        records: training records found in the outputs, by run; the last one of a run counts.
        weights: final weights by run, as the bytes of the .npz beside the record; nothing has looked into them.
        answers: text of the written answers, by grade_id.
        notes: plain sentences about what was repaired or ignored, for the student and the TA.
        left_aside: those of them that are about work which is not graded, or files that may hold some.
        digest: "sha256:..." of the submitted files, names included.
        exercises: for each exercise the functions that its check is called with.
        files: content by path of the files beside the notebook that its cells may read or import.
        repair: returns the repaired notebook; use `notebook`.
    """

    assignment: str
    student: str
    folder: Path
    cells: tuple[Cell, ...]
    records: dict[str, TrainingRecord] = field(default_factory=dict)
    weights: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_aside: tuple[str, ...] = ()
    digest: str = ""
    exercises: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    repair: Callable[[], bytes] = bytes

    @functools.cached_property
    def is_plain(self) -> bool:
        """True if all code that is the student's own is plain; see `autograder.intake.plain_code`.

        A module beside the notebook is not: any package may import it in place of one that it looks for.
        """
        if any(path.endswith(".py") for path in self.files):
            return False
        return all(is_plain_code(cell.source) for cell in self.cells if cell.role == "student")

    @functools.cached_property
    def notebook(self) -> bytes:
        """The repaired notebook as nbformat 4 JSON: the release's cells with the student's work in them.

        Built on first use: grading needs the cells, only the gradebook needs the notebook.
        """
        return self.repair()


class Ungradable(KitError):
    """The submission cannot be graded; `str(error)` says why, in words for the TA and the student.

    Attributes:
        digest: "sha256:..." of the submitted files.
    """

    def __init__(self, reason: str, digest: str) -> None:
        super().__init__(reason)
        self.digest = digest

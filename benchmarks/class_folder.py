"""A class in a course of its own: grading it leaves the checkout's submissions and gradebook alone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from memory import PeakMemory
from processor_time import Spent, measure
from reference_solution import OPTIMIZERS, REPAIRED, record_runs
from sample_class import NAME, make_class

from autograder.course.config import load_course
from autograder.grading.pool import submitting_students
from autograder.results.store import ResultStore

ROOT = Path(__file__).resolve().parents[1]
JOBS = 2


class Graded(NamedTuple):
    """Cost of one `autograder grade`.

    Attributes:
        spent: wall and processor time of the whole command.
        fresh: submissions that were not up to date.
        peak_mb: the largest memory of all processes together, see `memory`.
    """

    spent: Spent
    fresh: int
    peak_mb: float


class ClassFolder:
    """A course with one assignment, the submissions of a class, and what grading them makes.

    Args:
        path: the course's folder; it is made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not (path / "course.toml").exists():
            for folder in ("solutions", "assignments"):
                shutil.copytree(ROOT / folder / NAME, path / folder / NAME, ignore=shutil.ignore_patterns("records"))
            shutil.copy(ROOT / "nbgrader_config.py", path)
            shutil.copy(ROOT / "course.toml", path)

    @property
    def submitted(self) -> Path:
        """The submissions."""
        return self.path / "submitted"

    @property
    def students(self) -> list[str]:
        """Ids of the students, sorted."""
        return submitting_students(self.submitted, NAME)

    @property
    def store(self) -> ResultStore:
        """The results."""
        return ResultStore(self.path / "graded", NAME)

    def grade(self, *options: str, jobs: int = JOBS, gradebook: bool = True) -> Graded:
        """Grade the class by the command `autograder grade`.

        Args:
            options: further options of the command.
            jobs: submissions at a time.
            gradebook: False to leave nbgrader's gradebook out.

        Raises:
            CommandFailed: a submission could not be graded, or the command failed.
        """
        program = Path(sys.executable).with_name("autograder")
        command: list[object] = [program, "grade", NAME, "--jobs", jobs, *options]
        if not gradebook:
            command.append("--no-gradebook")
        with PeakMemory() as memory:
            spent = measure(command, cwd=self.path, env=grading_environment())
        count = re.search(r"^(\d+) graded in", spent.output, re.MULTILINE)
        if count is None:
            raise SystemExit(f"expected autograder grade to say how many it graded, found: {spent.output[-500:]}")
        return Graded(spent, int(count[1]), memory.peak)

    def start_over(self) -> None:
        """Remove what grading has made."""
        for name in ("graded", "autograded"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("gradebook.db", ".gradebook.lock"):
            (self.path / name).unlink(missing_ok=True)

    def change_rubric(self) -> None:
        """Change every scorecard as if an earlier rubric had made it: its evidence and verdicts are up to date."""
        for path in self.store.folder.glob("*/scorecard.json"):
            card = json.loads(path.read_bytes())
            card["keys"] |= {"marks": "sha256:earlier", "page": "sha256:earlier"}
            path.write_text(json.dumps(card), encoding="utf-8")


def class_of(work: Path, size: int, *, records: bool) -> ClassFolder:
    """The class of some size, made when it is first needed.

    Args:
        work: a folder for classes and trainings.
        size: number of students.
        records: True if every student has handed in four training records with their final weights.
    """
    path = work / f"{'verified' if records else 'class'}-{size}"
    if not (path / "complete").exists():
        shutil.rmtree(path, ignore_errors=True)
        folder = ClassFolder(path)
        make_class(load_course(path), folder.submitted, size, trained_runs(work) if records else None)
        (path / "complete").touch()
    return ClassFolder(path)


def trained_runs(work: Path) -> Path:
    """A folder with `records/` of four runs that were trained in the notebook's quick mode."""
    folder = work / "trained"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        record_runs(folder, (*OPTIMIZERS, REPAIRED), quick=True)
        (folder / "complete").touch()
    return folder


def grading_environment() -> dict[str, str]:
    """The environment for `autograder` and `nbgrader`: their own database, their own folder first on the PATH."""
    found = dict(os.environ)
    with contextlib.suppress(KeyError):
        del found["NBGRADER_DB_URL"]
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', os.defpath)}"
    found.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return found

"""Stock `nbgrader autograde` on notebooks of our class, with the same checks as hidden tests in the notebook."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from class_folder import grading_environment
from hidden_checks import NAME, capped_notebook, check_source, expect_checked
from other_grader import MeasuredCost
from processor_time import measure as measure_command
from sample_class import answers

from autograder.course.config import Course

NOTEBOOKS = 5

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.Execute.timeout = 600
c.ExecutePreprocessor.timeout = 600
"""


def measure_stock(course: Course, notebooks: int = NOTEBOOKS) -> MeasuredCost:
    """Grade the first notebooks of the class with stock nbgrader, marks in its gradebook included.

    The seconds of each are the mean distance of the times at which graded notebooks were written.

    Args:
        course: the course, with its release.
        notebooks: at least two.
    """
    with TemporaryDirectory() as made:
        folder = Path(made)
        _make_course(course, folder, list(islice(answers(course), notebooks)))
        started = time.time()
        spent = _nbgrader(folder, "autograde")
        written = list((folder / "autograded").glob(f"*/{NAME}/*.ipynb"))
        graded = sorted(path.stat().st_mtime for path in written)
        for path in written:
            _expect_results(path, list(course.assignment(NAME).points))
    if len(graded) != notebooks:
        raise SystemExit(f"stock nbgrader: expected {notebooks} graded submissions, found {len(graded)}")
    each = (graded[-1] - graded[0]) / (notebooks - 1)
    start = max(graded[0] - started - each, 0.0)
    return MeasuredCost(start, each, None if spent is None else spent / notebooks, notebooks)


def _make_course(course: Course, folder: Path, submissions: Sequence[Mapping[str, str]]) -> None:
    """Write a course of stock nbgrader: the release with hidden tests, and submissions."""
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    release = json.loads((course.root / "assignments" / NAME / f"{NAME}.ipynb").read_bytes())
    exercises = course.assignment(NAME).points
    for cell in release["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("grade") and metadata["grade_id"] in exercises:
            hidden = check_source(metadata["grade_id"])
            cell["source"] = f"### BEGIN HIDDEN TESTS\n{hidden}### END HIDDEN TESTS\n"
        metadata.pop("checksum", None)
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (source / f"{NAME}.ipynb").write_text(json.dumps(release), encoding="utf-8")
    _nbgrader(folder, "generate_assignment", "--create", "--force")
    for number, cells in enumerate(submissions):
        target = folder / "submitted" / f"n{number}" / NAME
        target.mkdir(parents=True)
        notebook = capped_notebook(course, cells, f"n{number}")
        (target / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _expect_results(path: Path, exercises: Sequence[str]) -> None:
    """Stop unless the hidden tests of a graded notebook ran, and most of them without an error."""
    tests = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell.get("outputs", [])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell.get("execution_count") is not None
    }
    judged = [one for one in exercises if one in tests]
    right = [one for one in judged if all(output["output_type"] != "error" for output in tests[one])]
    expect_checked("stock nbgrader", exercises, judged, right)


def _nbgrader(folder: Path, command: str, *options: str) -> float | None:
    """Run a command of nbgrader on the assignment; its processor seconds, None if not measurable."""
    program = Path(sys.executable).with_name("nbgrader")
    words = [program, command, NAME, *options, "--log-level=ERROR"]
    return measure_command(words, cwd=folder, env=grading_environment()).processor

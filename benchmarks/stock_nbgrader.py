"""Stock `nbgrader autograde` on the same submissions, with the same checks as hidden tests in the notebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.audit.submissions import notebook_with
from autograder.course.config import Course

NAME = "mnist_convnet"

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.Execute.timeout = 600
c.ExecutePreprocessor.timeout = 600
"""

SET_UP = """
# training is capped as in our grader
from autograder.sandbox.server.training_cap import cap_training
cap_training({}, print)
"""

HIDDEN = """
### BEGIN HIDDEN TESTS
if "CHECKED" not in globals():
    from autograder.course.config import load_course
    from autograder.rubric.run import run_rubric
    from cnnkit.checks.live_evidence import LiveEvidence
    _assignment = load_course(__import__("pathlib").Path(ROOT)).assignment(NAME)
    CHECKED = run_rubric(NAME, _assignment, LiveEvidence(globals()), {})
WITHOUT_RECORDS = ("training", "repair")
assert EXERCISE in WITHOUT_RECORDS or all(check.outcome == "passed" for check in CHECKED if check.exercise == EXERCISE)
### END HIDDEN TESTS
"""


def seconds_per_submission(course: Course, answers: Sequence[Mapping[str, str]]) -> float:
    """Seconds of wall time that stock nbgrader takes to grade a submission.

    Args:
        course: the course, with its release.
        answers: source of the solution cells of each submission, by grade id.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        release = json.loads((course.root / "assignments" / NAME / f"{NAME}.ipynb").read_bytes())
        exercises = course.assignment(NAME).points
        for cell in release["cells"]:
            metadata = cell["metadata"].get("nbgrader", {})
            if metadata.get("grade") and metadata["grade_id"] in exercises:
                known = {"ROOT": str(course.root), "NAME": NAME, "EXERCISE": metadata["grade_id"]}
                cell["source"] = "".join(f"{name} = {value!r}\n" for name, value in known.items()) + HIDDEN
            metadata.pop("checksum", None)
        source = folder / "source" / NAME
        source.mkdir(parents=True)
        (source / f"{NAME}.ipynb").write_text(json.dumps(release), encoding="utf-8")
        run_nbgrader(folder, "generate_assignment", NAME, "--create", "--force")
        for number, cells in enumerate(answers):
            target = folder / "submitted" / f"n{number}" / NAME
            target.mkdir(parents=True)
            notebook = json.loads(notebook_with(course, NAME, cells, student=f"n{number}", records={}, quick=True))
            for cell in notebook["cells"]:
                if "cnnkit.start(" in "".join(cell["source"]):
                    cell["source"] = "".join(cell["source"]) + SET_UP
            (target / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        started = time.perf_counter()
        run_nbgrader(folder, "autograde", NAME)
        seconds = time.perf_counter() - started
        graded = list((folder / "autograded").glob(f"*/{NAME}/*.ipynb"))
        if len(graded) != len(answers):
            raise SystemExit(f"stock nbgrader: expected {len(answers)} graded submissions, found {len(graded)}")
        return seconds / len(answers)


def run_nbgrader(folder: Path, *arguments: str) -> None:
    """Run a command of nbgrader in a course's folder.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    program = str(Path(sys.executable).with_name("nbgrader"))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [program, *arguments, "--log-level=ERROR"]
    subprocess.run(
        command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

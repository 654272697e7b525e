"""Stock `nbgrader autograde` on the same submissions: the same checks, as hidden tests inside the notebook."""

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
# the same capped training as ours
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


def seconds_each(course: Course, answers: Sequence[Mapping[str, str]]) -> float:
    """Seconds a submission that stock nbgrader takes.

    Args:
        course: where the release lies.
        answers: source of the solution cells of each submission, by grade id.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        release = json.loads((course.root / "assignments" / NAME / f"{NAME}.ipynb").read_bytes())
        exercises = course.assignment(NAME).points
        for cell in release["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            if about.get("grade") and about["grade_id"] in exercises:
                known = {"ROOT": str(course.root), "NAME": NAME, "EXERCISE": about["grade_id"]}
                cell["source"] = "".join(f"{name} = {value!r}\n" for name, value in known.items()) + HIDDEN
            about.pop("checksum", None)
        source = folder / "source" / NAME
        source.mkdir(parents=True)
        (source / f"{NAME}.ipynb").write_text(json.dumps(release), encoding="utf-8")
        run(folder, "generate_assignment", NAME, "--create", "--force")
        for number, cells in enumerate(answers):
            target = folder / "submitted" / f"n{number}" / NAME
            target.mkdir(parents=True)
            notebook = json.loads(notebook_with(course, NAME, cells, student=f"n{number}", records={}, quick=True))
            for cell in notebook["cells"]:
                if "cnnkit.start(" in "".join(cell["source"]):
                    cell["source"] = "".join(cell["source"]) + SET_UP
            (target / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        started = time.perf_counter()
        run(folder, "autograde", NAME)
        taken = time.perf_counter() - started
        done = list((folder / "autograded").glob(f"*/{NAME}/*.ipynb"))
        if len(done) != len(answers):
            raise SystemExit(f"stock nbgrader graded {len(done)} of {len(answers)}")
        return taken / len(answers)


def run(folder: Path, *arguments: str) -> None:
    """One command of nbgrader's."""
    program = str(Path(sys.executable).with_name("nbgrader"))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [program, *arguments, "--log-level=ERROR"]
    subprocess.run(
        command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

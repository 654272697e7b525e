"""A made-up assignment that forbids something, from its description to the table of grades."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest

pytestmark = pytest.mark.tensorflow  # the process that submissions are forked from imports it

COURSE = """
[course]
name = "A course of one sum"
id = "sums"
repository = "https://github.com/example/sums"
"""

DESCRIPTION = """
title = "A sum"
order = 1

[points]
summing = 2
counting = 1

[forbid]
summing = ["statistics", "numpy.sum"]
"""

BRIEF = """
from cnnkit.checks.registry import PublicChecks

CHECKS = PublicChecks("sums", {"summing": ("total",), "counting": ("many",)})
"""

NO_CHECKS = "from cnnkit.assignments.sums.brief import CHECKS\n"

SOURCE = '''\
# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "solution": false}
# # A sum
#
# [Open in Colab]({{colab}})
#
# Do not use `statistics` or `numpy.sum` in this exercise.

# %%
import cnnkit
import numpy as np

# %% nbgrader={"grade": false, "grade_id": "summing_solution", "locked": false, "solution": true}
def total(numbers):
    """The sum of some numbers."""
    ### BEGIN SOLUTION
    so_far = 0
    for number in numbers:
        so_far = so_far + number
    return so_far
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "summing", "locked": true, "points": 2, "solution": false}
cnnkit.check.summing(total)

# %% nbgrader={"grade": false, "grade_id": "counting_solution", "locked": false, "solution": true}
def many(numbers):
    """How many there are."""
    ### BEGIN SOLUTION
    return len(numbers)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "counting", "locked": true, "points": 1, "solution": false}
cnnkit.check.counting(many)
'''

RUBRIC = """
import pytest

@pytest.mark.points({points})
def test_{name}(call):
    assert call("{function}", [1, 2, 4]) == {wanted}
"""

START = """
import sys
from pathlib import Path

import cnnkit.assignments
from autograder.course import layout
from cnnkit.catalog import index

folder = Path(__file__).parent
cnnkit.assignments.__path__.append(str(folder / "assignments"))
index._folder = lambda: folder / "assignments"
layout.RUBRICS = folder / "rubrics"
"""
"""Run by each Python that the command starts: the kit's assignments and the rubrics are these."""

LOOP = "def total(numbers):\n    so_far = 0\n    for one in numbers: so_far += one\n    return so_far"
STUDENTS = {
    "a_loop": (LOOP, {}),
    "b_module": ("import statistics\ndef total(numbers): return statistics.mean(numbers) * len(numbers)", {}),
    "c_function": ("def total(numbers): return np.sum(numbers)", {}),
    "d_computed": ("def total(numbers): return getattr(np, 's' + 'um')(numbers)", {}),
    "e_helper": (
        "import helper\ndef total(numbers): return helper.total(numbers)",
        {"helper.py": "import statistics\ndef total(numbers): return statistics.mean(numbers) * len(numbers)"},
    ),
    "f_helper_computed": (
        "import helper\ndef total(numbers): return helper.total(numbers)",
        {"helper.py": "import numpy as np\ndef total(numbers): return getattr(np, 's' + 'um')(numbers)"},
    ),
    "g_second_attempt": (f"def total(numbers): return np.sum(numbers)\nprint(total([1]))\n{LOOP}", {}),
    "h_helper_of_its_own": ("import helper\ndef total(numbers): return helper.total(numbers)", {"helper.py": LOOP}),
}
"""For each student the code of `total`, and files beside the notebook."""

HONEST = ("a_loop", "g_second_attempt", "h_helper_of_its_own")


@pytest.fixture(scope="module")
def grades(tmp_path_factory, root):
    """The table of grades, by student."""
    folder = tmp_path_factory.mktemp("sums")
    files = {
        "course/course.toml": COURSE,
        "course/nbgrader_config.py": (root / "nbgrader_config.py").read_text(encoding="utf-8"),
        "course/solutions/sums/sums.py": SOURCE,
        "start/rubrics/sums/test_summing.py": RUBRIC.format(points=2, name="whole", function="total", wanted=7),
        "start/rubrics/sums/test_counting.py": RUBRIC.format(points=1, name="number", function="many", wanted=3),
        "start/sitecustomize.py": START,
        "start/assignments/sums/__init__.py": "",
        "start/assignments/sums/assignment.toml": DESCRIPTION,
        "start/assignments/sums/brief.py": BRIEF,
        "start/assignments/sums/summing.py": NO_CHECKS,
        "start/assignments/sums/counting.py": NO_CHECKS,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(folder / "start")}

    def run(*arguments):
        command = [Path(sys.executable).parent / "autograder", *arguments]
        return subprocess.run(command, cwd=folder / "course", env=environment, capture_output=True, text=True)

    released = run("release")
    assert released.returncode == 0, released.stdout + released.stderr
    release = nbformat.read(folder / "course/assignments/sums/sums.ipynb", 4)
    for student, (code, beside) in STUDENTS.items():
        for cell in release.cells:
            if "def total" in cell.source:
                cell.source = code
            elif "def many" in cell.source:
                cell.source = "def many(numbers): return len(numbers)"
        place = folder / "course/submitted" / student / "sums"
        place.mkdir(parents=True)
        nbformat.write(release, place / "sums.ipynb")
        for name, text in beside.items():
            (place / name).write_text(text, encoding="utf-8")
        release = nbformat.read(folder / "course/assignments/sums/sums.ipynb", 4)
    graded = run("grade", "sums", "--no-gradebook")
    assert graded.returncode == 0, graded.stdout + graded.stderr
    table = (folder / "course/graded/sums/grades.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(table.splitlines())}


@pytest.mark.parametrize("student", STUDENTS)
def test_only_the_exercise_that_uses_what_is_forbidden_loses_its_points(grades, student):
    assert (float(grades[student]["summing (2)"]), float(grades[student]["counting (1)"])) == (
        2 * (student in HONEST),
        1,
    )

"""otter-grader on notebooks of our class, with the same checks in its test files.

`otter run` grades one notebook in a new process and a new kernel. `otter grade` would do the same in a container for
each notebook, several at a time, so as many run at a time here as ours has workers. Otter is installed into an
environment of its own, build/otter, which sees the packages of .venv behind its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from class_folder import JOBS, grading_environment
from hidden_checks import NAME, capped_notebook, check_source, expect_checked
from other_grader import MeasuredCost
from processor_time import Spent
from processor_time import measure as measure_command
from sample_class import answers

from autograder.course.config import Course

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "build" / "otter"
REQUIREMENTS = Path(__file__).resolve().with_name("otter-requirements.txt")
NOTEBOOKS = 4

TEST_FILE = """
from otter.test_files import test_case

OK_FORMAT = False
name = {exercise!r}
points = {points!r}

@test_case()
def test_the_exercise(env):
    exec({source!r}, env)
"""


def measure_otter(course: Course, notebooks: int = NOTEBOOKS) -> MeasuredCost:
    """Grade the first notebooks of the class by `otter run`, as many at a time as ours has workers.

    Args:
        course: the course, with its release.
        notebooks: a multiple of the number of workers.
    """
    program = install()
    with TemporaryDirectory() as made:
        folder = Path(made)
        archive = _autograder_zip(course, folder)
        submissions = []
        for number, cells in enumerate(islice(answers(course), notebooks)):
            (folder / f"o{number}").mkdir()
            path = folder / f"o{number}" / f"{NAME}.ipynb"
            path.write_text(json.dumps(capped_notebook(course, cells, f"o{number}")), encoding="utf-8")
            submissions.append(path)

        def grade(notebook: Path) -> Spent:
            command = [program, "run", "-a", archive, "-o", notebook.parent, notebook]
            spent = measure_command(command, cwd=notebook.parent, env=environment())
            _expect_results(notebook.parent / "results.json", list(course.assignment(NAME).points))
            return spent

        with ThreadPoolExecutor(JOBS) as pool:
            spent = list(pool.map(grade, submissions))
    counted = [one.processor for one in spent if one.processor is not None]
    return MeasuredCost(
        start=0.0,
        each=sum(one.wall for one in spent) / notebooks / JOBS,
        processor_each=sum(counted) / notebooks if len(counted) == notebooks else None,
        measured=notebooks,
    )


def install() -> Path:
    """Install otter-grader unless it is there; the path of its program.

    Raises:
        subprocess.CalledProcessError: it cannot be installed.
    """
    wanted, stamp = REQUIREMENTS.read_text(encoding="utf-8"), ENVIRONMENT / "requirements.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        python = str(ENVIRONMENT / "bin" / "python")
        where = sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT)})
        ours = sysconfig.get_path("purelib")
        # addsitedir, not the path alone: it reads the .pth file by which our packages are installed
        (Path(where) / "of_the_kit.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return ENVIRONMENT / "bin" / "otter"


def environment() -> dict[str, str]:
    """The environment for otter: its own programs come first."""
    found = grading_environment()
    return found | {"PATH": f"{ENVIRONMENT / 'bin'}:{found['PATH']}"}


def _autograder_zip(course: Course, folder: Path) -> Path:
    """Write what `otter generate` would: the configuration and a test file for each exercise."""
    path = folder / "autograder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"print_summary": False}))
        for exercise, points in course.assignment(NAME).points.items():
            source = check_source(exercise)
            test = TEST_FILE.format(exercise=exercise, points=points, source=source)
            archive.writestr(f"tests/{exercise}.py", test)
    return path


def _expect_results(path: Path, exercises: Sequence[str]) -> None:
    """Stop unless otter has judged every exercise, and most of them as right: no sample spoils more than a few."""
    tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    judged = {one: test for one in exercises for test in tests if one in test["name"]}
    expect_checked("otter-grader", exercises, judged, [one for one, test in judged.items() if test.get("score")])

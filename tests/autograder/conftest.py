"""A course of one small assignment, for tests of the release and of the gradebook; verdicts for tests of the audit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.audit.samples import Sample
from autograder.audit.trial import Trial
from autograder.audit.verdict import Audit, judge_sample
from autograder.course import config
from autograder.course.config import Course
from autograder.release import release
from autograder.results.scorecard import CheckResult

ROOT = Path(__file__).parents[2]

COURSE = """
[course]
name = "A small course"
id = "small"
repository = "https://github.com/example/small-course"

[assignments.small]
title = "Two functions"

[assignments.small.points]
double = 2
halve = 3

[assignments.small.written]
why = 4
"""

SOURCE = '''\
# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "solution": false}
# # Two functions
#
# [Open in Colab]({{colab}})

# %%
import cnnkit

cnnkit.start("small", student="")

# %% nbgrader={"grade": false, "grade_id": "double_solution", "locked": false, "solution": true}
def double(number):
    """Twice the number."""
    ### BEGIN SOLUTION
    total_of_both = number + number
    return total_of_both
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double", "locked": true, "points": 2, "solution": false}
cnnkit.check.double(double)

# %% [markdown]
# What comes out:
#
# {{expected:out.txt}}

# %% nbgrader={"grade": false, "grade_id": "halve_solution", "locked": false, "solution": true}
def halve(number):
    """Half the number."""
    ### BEGIN SOLUTION
    return number / 2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "halve", "locked": true, "points": 3, "solution": false}
cnnkit.check.halve(halve)

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 4, "solution": true}
# **Your answer**
#
# ### BEGIN SOLUTION
# Doubling adds a bit on the right, and halving takes it away again.
# ### END SOLUTION
'''

RUBRIC = '''\
import pytest


@pytest.mark.points(2)
@pytest.mark.parametrize(("number", "expected"), [(170141183460469231731687303715884105727, 7), (3, 6)])
def test_double(call, number, expected):
    """A secret description of what doubling is tested with."""
    assert call("double", number) == expected + 1123581321


@pytest.mark.public
def test_double_small(call):
    assert call("double", 2).answer == 4, "a public sentence of which nobody makes a secret"


LOSS = (
    "categorical_crossentropy",
)
ROWS = [(31, 4, 3, "valid", 10), (30, 5, 2, "same", 15)]
'''

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da6360606000000004000127349c"
    "9a0000000049454e44ae426082"
)
"""The smallest PNG."""


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as nbgrader makes it: made once, since that takes seconds."""
    from autograder.gradebook.database import open_gradebook

    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with open_gradebook(SimpleNamespace(db_url=f"sqlite:///{path}", course_id="small")):
        pass
    return path


@pytest.fixture
def released_course(small_course: Course, empty_gradebook: Path) -> Course:
    """The small course with its release and an empty gradebook."""
    release(small_course)
    shutil.copy(empty_gradebook, small_course.root / "gradebook.db")
    return small_course


@pytest.fixture
def nbgrader(small_course: Course, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `nbgrader ARGUMENTS` in the course's folder, inside this process; gives the exit status."""
    from jupyter_core.application import NoStart
    from nbgrader.apps.nbgraderapp import NbGraderApp

    def run(*arguments: str) -> int:
        monkeypatch.chdir(small_course.root)
        monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")  # not what this machine's user has set up
        app = NbGraderApp()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                app.initialize([*arguments, "--log-level=CRITICAL"])
                app.start()
            except NoStart:  # the command has run; `nbgrader` itself has nothing to start
                return 0
            except SystemExit as exit_:
                return int(exit_.code or 0)
            finally:
                if app.subapp is not None:
                    app.subapp.clear_instance()
        return 0

    return run


@pytest.fixture
def small_course(tmp_path: Path) -> Course:
    """A course folder with source, expected output, rubric and the shipped nbgrader_config.py; nothing released yet."""
    folder = tmp_path / "course"
    (folder / "solutions/small/expected").mkdir(parents=True)
    (folder / "autograder/rubrics/small").mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE, encoding="utf-8")
    (folder / "solutions/small/small.py").write_text(SOURCE, encoding="utf-8")
    (folder / "solutions/small/expected/out.txt").write_text("4\n2.0\n", encoding="utf-8")
    (folder / "solutions/small/expected/dot.png").write_bytes(PIXEL)
    (folder / "autograder/rubrics/small/test_double.py").write_text(RUBRIC, encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return config.load_course(folder)


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The sample class as `autograder grade` grades it: its course's folder, and what the command printed.

    Graded once a session, which takes a minute. The tests that use it change copies only.
    """
    folder = tmp_path_factory.mktemp("graded_class")
    for name in ("course.toml", "nbgrader_config.py", "solutions", "assignments", "examples"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def run(*command: Path | str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    built = run(sys.executable, "examples/class/build.py")
    assert built.returncode == 0, built.stderr
    graded = run(programs / "autograder", "grade", "mnist_convnet")
    assert graded.returncode == 1, graded.stdout + graded.stderr  # two of the class cannot be read
    return SimpleNamespace(root=folder, run=graded)


# --- verdicts to judge and to show, invented: a rubric of two exercises ---------------------------------------------

AUDITED = ("one.first", "one.second", "two.only")


@pytest.fixture
def trial():
    """`trial("name", "one.first", way=...)`: a trial in which these checks did not pass, each with a message."""

    def make(name, *lost, way="notebook", message="{} is wrong: expected 3, found <b>4</b>."):
        checks = [
            CheckResult(
                id=check,
                exercise=check.partition(".")[0],
                points=0.0 if check in lost else 1.0,
                max_points=1.0,
                outcome="failed" if check in lost else "passed",
                message=message.format(check) if check in lost else "",
            )
            for check in AUDITED
        ]
        return Trial(name, way, tuple(checks), 0.5)

    return make


@pytest.fixture
def mutant(trial):
    """`mutant("name", fails=(...), lost=(...))`: the verdict on a mutant."""

    def make(name, fails, lost, says="expected 3"):
        return judge_sample(Sample(name, "cell", fails=fails, says=says), "mutant", [trial(name, *lost)])

    return make


@pytest.fixture
def good_audit(mutant, trial):
    """A rubric that is right."""
    verdicts = [mutant(check.replace(".", "_"), (check,), (check,)) for check in AUDITED]
    verdicts.append(judge_sample(Sample("other_words", "cell"), "equivalent", [trial("other_words")]))
    return Audit("small", AUDITED, tuple(verdicts), seconds=3.2)


@pytest.fixture
def bad_audit(mutant, trial):
    """A rubric with every kind of fault."""
    verdicts = (
        mutant("lives_on", ("one.first",), ()),
        mutant("takes_others_along", ("one.second",), ("one.second", "two.only")),
        mutant("unnamed", ("one.first",), ("one.first",), says="the culprit"),
        judge_sample(Sample("right_but_refused", "cell"), "equivalent", [trial("right_but_refused", "two.only")]),
    )
    return Audit("small", AUDITED, verdicts, unguarded=("two.only",))

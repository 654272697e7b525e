"""A class with attackers in it, graded in each isolation as the account that it is for: root's, and an ordinary one."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox.isolation.bubblewrap import bubblewrap_command
from autograder.sandbox.isolation.selection import unavailable_reason
from tests.attacks.corpus import Attack
from tests.attacks.test_attacks import ANSWERS, COURSE, hand_in
from tests.conftest import missing

pytestmark = pytest.mark.tensorflow

NOBODY = 65_534

GRADE = """\
import json, os, sys
from pathlib import Path
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingTask
from tests.attacks.test_attacks import NAME, course_in

folder = Path(sys.argv[1])
submitted = folder / "submitted"
students = submitting_students(submitted, NAME)
tasks = [GradingTask(NAME, student, submitted, folder / sys.argv[2]) for student in students]
found = {}
for done in grade_class(course_in(folder), tasks, jobs=2, isolation=sys.argv[2]):
    assert done.card is not None, done.failure
    found[done.student] = [done.card.score, [check.message for check in done.card.checks], done.card.isolation]
print(json.dumps([os.geteuid(), found]))
"""

ATTACKS = [
    Attack(
        "reads_the_rubric", 'attempt(lambda: open("{course}/autograder/rubrics/mnist_convnet/test_data.py").read())'
    ),
    Attack("reads_the_judge", 'attempt(lambda: open("{course}/autograder/records/judge.py").read())'),
    Attack("reads_the_grader", 'attempt(lambda: open("{course}/autograder/grading/pipeline.py").read())'),
    Attack(
        "writes_over_the_grader",
        """
        def fill(folder):
            os.makedirs(folder, exist_ok=True)
            with open(folder + "/left_behind", "wb") as file:
                for _ in range(300): file.write(bytes(10**6))
            return folder
        ours = ["{course}/" + name for name in ("autograder", "autograder/sandbox", "cnnkit")]
        for folder in (*ours, "/dev/shm", "/dev", "/", "/run"):
            if os.path.realpath(folder) != "/tmp": attempt(lambda: fill(folder))""",
    ),
    Attack(
        "fills_its_scratch_folder",
        """
        def fill():
            with open("/tmp/large", "wb") as one, open("/tmp/other", "wb") as other, open("/tmp/third", "wb") as third:
                for file in (one, other, third):
                    for _ in range(90): file.write(bytes(10**6))
            return "270 MB"
        attempt(fill)""",
    ),
    Attack("sees_others", 'attempt(lambda: 1 / (len([name for name in os.listdir("/proc") if name.isdigit()]) - 1))'),
]

REPORT = """\
def conv_output_size(*_, **__):
    raise RuntimeError("FOUND " + (ascii(FOUND) if FOUND else "nothing"))
"""


@pytest.fixture(scope="module")
def handed_in():
    """A folder that every account can read, with an honest submission and the attacks."""
    folder = Path(tempfile.mkdtemp(prefix="modes-"))
    honest = {f"{part}_solution": ANSWERS[f"{part}_solution"] for part in ("data", "arithmetic")}
    hand_in(folder / "submitted", "honest", honest)
    for attack in ATTACKS:
        answers = honest | {"arithmetic_solution": REPORT}
        hand_in(folder / "submitted", attack.name, answers, attack.cell(course=COURSE.root))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ordinary_python():
    """A virtual environment of links to the distribution's Python, as `python3 -m venv` makes it, with what we use.

    Only root needs one: its own may lie where nobody else can read it.
    """
    if os.geteuid() != 0:
        yield sys.executable
        return
    folder = Path(tempfile.mkdtemp(prefix="venv-"))
    folder.chmod(0o755)
    system, version = "/usr/bin/python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not Path(f"/usr/bin/{version}").exists():
        missing(f"expected the distribution's {version} beside the one that runs the tests: apt install {version}-venv")
    subprocess.run([system, "-m", "venv", "--without-pip", folder], check=True)
    packages = folder / "lib" / version / "site-packages"
    subprocess.run(["mount", "--bind", Path(pytest.__file__).parents[1], packages], check=True)
    assert (folder / "bin" / "python").is_symlink()
    yield str(folder / "bin" / "python")
    subprocess.run(["umount", packages], check=True)
    shutil.rmtree(folder)


def graded_by(python, uid, folder, isolation):
    """Grade the class as a user; its number, and score, messages and isolation of each student."""
    account = {"user": uid, "group": uid, "extra_groups": []} if uid != os.geteuid() else {}
    done = subprocess.run(
        [python, "-c", GRADE, folder, isolation],
        cwd=COURSE.root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **account,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def require(isolation):
    if isolation == "bubblewrap" and shutil.which("bwrap") is None:
        missing("expected bubblewrap: apt install bubblewrap")


@pytest.mark.parametrize("isolation", ["namespaces", "bubblewrap"])
def test_a_class_graded_by_an_ordinary_account(handed_in, ordinary_python, isolation):
    require(isolation)
    uid = os.geteuid() or NOBODY
    contained(graded_by(ordinary_python, uid, handed_in, isolation), uid, isolation)


def test_a_class_graded_by_the_account_of_the_tests(handed_in):
    contained(graded_by(sys.executable, os.geteuid(), handed_in, "auto"), os.geteuid(), None)


def contained(graded, uid, isolation):
    account, found = graded
    assert account == uid
    assert set(found) == {"honest", *(attack.name for attack in ATTACKS)}
    honest = found["honest"][0]
    assert honest >= 6  # data and arithmetic
    for attack in ATTACKS:
        score, messages, used = found[attack.name]
        assert isolation in (None, used)
        assert any("FOUND nothing" in message for message in messages), (attack.name, messages)
        assert 0 <= score < honest


def test_root_is_refused_bubblewrap_with_the_reason(monkeypatch):
    require("bubblewrap")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "use namespaces, or an ordinary account" in unavailable_reason("bubblewrap")


def test_the_sandbox_starts_with_a_python_of_links(ordinary_python):
    """The command alone, as the selection tries it: every link on the way to the interpreter is there inside."""
    require("bubblewrap")
    made = subprocess.run(
        [ordinary_python, "-c", "from autograder.sandbox.isolation.bubblewrap import *\nimport json\n"
         "print(json.dumps(bubblewrap_command('-c', 'import sys; print(sys.prefix)')))"],
        cwd=COURSE.root, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    account = {} if os.geteuid() else {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    done = subprocess.run(json.loads(made.stdout), capture_output=True, text=True, check=False, cwd="/", **account)
    assert Path(done.stdout.strip()) == Path(ordinary_python).parents[1], done.stderr


def test_the_cover_over_the_graders_package_is_small_and_sealed():
    asked = bubblewrap_command("-m", "x")
    covers = [n for n, option in enumerate(asked) if option == "--tmpfs"]
    for n in covers:
        assert asked[n - 2] == "--size"
        assert int(asked[n - 1]) <= 200 * 2**20
    sealed = {asked[n + 1] for n, option in enumerate(asked) if option == "--remount-ro"}
    assert {asked[n + 1] for n in covers} - sealed == {"/tmp"}

"""A gradebook on PostgreSQL, a real server: several TAs grade at once, and nbgrader goes on from there."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.course.config import load_course
from autograder.gradebook.marks import fill_gradebook, gradebook_scores
from tests.autograder.gradebook.test_marks import card_for, hand_in

pytestmark = pytest.mark.tensorflow  # it takes seconds, as those do

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server():
    """The address of an empty database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    programs = found[-1].parent
    assert (programs / "initdb").is_file(), "expected a PostgreSQL server: `make test-deps` installs one"
    # it refuses to run as root
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    as_owner = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # a socket's path must be short
        os.chmod(folder, 0o755)
        data = Path(folder) / "data"
        data.mkdir()
        shutil.chown(folder, owner)
        shutil.chown(data, owner)

        def run(program, *arguments):
            # "/": the owner may not see where the tests run
            subprocess.run([programs / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_owner)

        run("initdb", "--pgdata", data, "--username", "kit", "--auth", "trust", "--no-sync")
        options = f"-c listen_addresses='' -k {folder} -F"
        run("pg_ctl", "--pgdata", data, "--wait", "--options", options, "--log", f"{folder}/log", "start")
        try:
            run("createdb", "--host", folder, "--username", "kit", "gradebook")
            yield f"postgresql+psycopg://kit@/gradebook?host={folder}"
        finally:
            run("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")


@pytest.fixture
def course(small_course, server, monkeypatch):
    from autograder.release import release

    monkeypatch.setenv("NBGRADER_DB_URL", server)
    release(small_course)
    return small_course


FILL = """
import sys
from pathlib import Path
from autograder.course.config import load_course
from autograder.gradebook.marks import fill_gradebook, gradebook_lock
from tests.autograder.gradebook.test_marks import card_for
course = load_course(Path(sys.argv[1]))
submitted = course.root / "submitted"
with gradebook_lock(course):
    cards = {s: card_for(course, s, submitted, double=1, halve=2) for s in sys.argv[2:]}
    report = fill_gradebook(course, "small", cards, submitted)
sys.exit(bool(report.failed))
"""


def test_two_at_once_lose_nothing(course, nbgrader):
    submitted = course.root / "submitted"
    halves = [[f"a{number}" for number in range(4)], [f"b{number}" for number in range(4)]]
    for student in [*halves[0], *halves[1]]:
        hand_in(course, student, submitted)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    both = [subprocess.Popen([sys.executable, "-c", FILL, str(course.root), *half], env=environment) for half in halves]
    assert [one.wait(120) for one in both] == [0, 0]
    wanted = {student: 3.0 for half in halves for student in half}
    assert gradebook_scores(course, "small") == wanted
    assert not (course.root / "gradebook.db").exists()
    # filling again changes what has changed
    fill_gradebook(course, "small", {"a0": card_for(course, "a0", submitted, double=2, halve=3)}, submitted)
    assert gradebook_scores(course, "small") == wanted | {"a0": 5.0}
    assert nbgrader("generate_feedback", "small") == 0
    assert len(list((course.root / "feedback").glob("*/small/small.html"))) == 8
    assert nbgrader("export") == 0
    assert load_course(course.root).assignments

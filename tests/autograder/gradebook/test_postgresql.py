"""A gradebook on PostgreSQL, a real server: several TAs grade at once, and nbgrader goes on from there."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy

from autograder.course.config import load_course
from autograder.gradebook import marks
from autograder.gradebook.database import SERVER_LOCK
from autograder.gradebook.marks import fill_gradebook, gradebook_lock, gradebook_scores
from tests.autograder.gradebook import test_batch
from tests.autograder.gradebook.test_marks import card_for, hand_in

pytestmark = pytest.mark.tensorflow  # it takes seconds, as those do

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server(load_script):
    """The address of a database."""
    with load_script("benchmarks/postgresql_server.py").postgresql_server() as started:
        yield started.url


@pytest.fixture
def course(small_course, server, monkeypatch):
    """A course whose gradebook is an empty database on the server."""
    from autograder.release import release

    engine = sqlalchemy.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    engine.dispose()
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


def at_once(script, course, *classes):
    """Run a script for several lists of students at the same time; the exit statuses."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(course.root), *students], env=environment)
        for students in classes
    ]
    try:
        return [one.wait() for one in running]
    finally:
        for one in running:
            one.kill()  # nothing, unless this test was stopped
            one.wait()


def test_two_at_once_lose_nothing(course, nbgrader):
    submitted = course.root / "submitted"
    halves = [[f"a{number}" for number in range(4)], [f"b{number}" for number in range(4)]]
    for student in [*halves[0], *halves[1]]:
        hand_in(course, student, submitted)
    assert at_once(FILL, course, *halves) == [0, 0]
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


def test_fillers_on_all_machines_wait_for_each_other(course, server):
    lock = sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(SERVER_LOCK))
    engine = sqlalchemy.create_engine(server)
    with engine.connect() as elsewhere:
        with gradebook_lock(course):
            assert elsewhere.execute(lock).scalar_one() is False
        assert elsewhere.execute(lock).scalar_one() is True
    engine.dispose()


def test_two_that_do_not_wait_for_each_other_store_each_row_once(course):
    """As on two machines of which one fills the gradebook with an earlier version of the kit."""
    submitted = course.root / "submitted"
    everybody = [f"a{number}" for number in range(6)]
    for student in everybody:
        hand_in(course, student, submitted)
    fill_gradebook(course, "small", {}, submitted)
    script = FILL.replace("with gradebook_lock(course):", "if True:")
    assert at_once(script, course, everybody, everybody) == [0, 0]
    rows = test_batch.table_rows(os.environ["NBGRADER_DB_URL"])
    assert [row[1] for row in rows["submitted_notebook"]] == everybody
    assert len(rows["grade"]) == 3 * len(everybody)
    assert gradebook_scores(course, "small") == dict.fromkeys(everybody, 3.0)


@pytest.mark.parametrize(
    "play",
    [test_batch.marks_by_hand, test_batch.resubmissions, test_batch.late, test_batch.a_second_notebook],
    ids=lambda play: play.__name__,
)
def test_rows_are_those_of_nbgraders_own_conversion_on_sqlite(
    play, course, empty_gradebook, tmp_path, monkeypatch, converted
):
    batched = test_batch.World(course, tmp_path / "batched")
    play(batched)
    assert converted == []
    rows = batched.rows()
    monkeypatch.delenv("NBGRADER_DB_URL")
    monkeypatch.setattr(marks, "unsupported_settings", lambda config: ["c.Autograde.post_convert_hook"])
    shutil.copy(empty_gradebook, course.root / "gradebook.db")
    own = test_batch.World(course, tmp_path / "own")
    play(own)
    assert converted
    assert rows == own.rows()
    assert batched.files() == own.files()


def test_a_mark_that_is_being_given_is_waited_for_and_stays(course):
    """formgrader has written a manual score and not committed it when the batch sets the automatic ones."""
    world = test_batch.World(course, course.root.parent / "world")
    world.hand_in("a", "Because.")
    world.grade(a=(1, 1))
    engine = sqlalchemy.create_engine(os.environ["NBGRADER_DB_URL"])
    with engine.connect() as formgrader, engine.connect() as onlooker:
        cell = "cell_id IN (SELECT id FROM base_cell WHERE name = 'double')"
        given = f"UPDATE grade SET manual_score = 0.5, needs_manual_grade = false WHERE {cell}"
        formgrader.execute(sqlalchemy.text(given))
        filling = threading.Thread(target=lambda: world.grade(a=(2, 1)))
        filling.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        deadline = time.monotonic() + 60
        while not onlooker.execute(sqlalchemy.text(waiting)).scalar_one():
            onlooker.rollback()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        formgrader.commit()
        filling.join()
    engine.dispose()
    assert test_batch.grades(world, "a")["double"] == (2.0, 0.5, True)


def test_what_the_server_refuses_costs_nobody_else_a_mark(course):
    """A text that the database cannot hold: one by one, that student is named."""
    world = test_batch.World(course, course.root.parent / "world")
    for student in ("a", "b" * 129):
        world.hand_in(student, "Because.")
    report = world.grade(**{"a": (1, 1), "b" * 129: (1, 1)})
    assert report.stored == ["a"]
    assert list(report.failed) == ["b" * 129]

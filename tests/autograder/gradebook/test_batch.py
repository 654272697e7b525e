"""The batch leaves the rows and files that nbgrader's own conversion leaves, whatever went before."""

from __future__ import annotations

import contextlib
import copy
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from nbformat import from_dict
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import compute_checksum, parse_utc

from autograder.commands import grade
from autograder.course.config import Course, load_course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook import batch, batch_conversion, marks
from autograder.gradebook.database import GradebookError, open_gradebook
from autograder.release import release
from autograder.results.store import ResultStore
from tests.autograder.gradebook.test_marks import card_for, change_source

pytestmark = pytest.mark.slow

TASK = {
    "cell_type": "markdown",
    "id": "sketch",
    "metadata": {
        "nbgrader": {
            "cell_type": "markdown",
            "grade": False,
            "grade_id": "sketch",
            "locked": True,
            "points": 2,
            "schema_version": 3,
            "solution": False,
            "task": True,
        }
    },
    "source": ["Sketch what halving does."],
}


class World:
    """A course in which things happen: students hand in, people mark, the class is graded.

    Args:
        course: copied from here.
        folder: where it is copied to.
    """

    def __init__(self, course: Course, folder: Path) -> None:
        shutil.copytree(course.root, folder)
        self.course = load_course(folder)
        self.submitted = folder / "submitted"
        self.cards: dict[str, Any] = {}

    def hand_in(
        self,
        student: str,
        answer: str | None = None,
        *,
        time: str | None = None,
        file: str = "small.ipynb",
        edit: Callable[[dict[str, Any]], None] = lambda _: None,
        **side_files: str,
    ) -> None:
        """Hand in the release with a written answer, in place of what was handed in before."""
        folder = self.submitted / student / "small"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        notebook = json.loads((self.course.root / "assignments/small/small.ipynb").read_bytes())
        for cell in notebook["cells"]:
            if answer is not None and cell["metadata"].get("nbgrader", {}).get("grade_id") == "why":
                cell["source"] = [answer]
        edit(notebook)
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(notebook), encoding="utf-8")
        if time is not None:
            (folder / "timestamp.txt").write_text(time, encoding="utf-8")
            with contextlib.suppress(ValueError):
                when = parse_utc(time).replace(tzinfo=UTC).timestamp()
                os.utime(folder / "timestamp.txt", (when, when))  # as the exchange leaves it
        for name, text in side_files.items():
            (folder / "records").mkdir(exist_ok=True)
            (folder / "records" / name).write_text(text, encoding="utf-8")

    def grade(self, **points: tuple[float, float] | None) -> marks.GradebookReport:
        """Store what these students got for the two functions; None: their submission cannot be read."""
        cards = {}
        for student, found in points.items():
            exercises = {} if found is None else dict(zip(("double", "halve"), found, strict=True))
            cards[student] = card_for(self.course, student, self.submitted, **exercises)
        return marks.fill_gradebook(self.course, "small", cards, self.submitted)

    def by_hand(self, change: Callable[[Gradebook], None]) -> None:
        """Change the gradebook as formgrader does."""
        with open_gradebook(course_directory(self.course, nbgrader_settings(self.course))) as book:
            change(book)
            book.db.commit()

    def mark(self, student: str, cell: str, *, notebook: str = "small", **values: float) -> None:
        """Set what formgrader sets when a person gives a score: that cell needs no mark any more."""

        def change(book: Gradebook) -> None:
            grade = book.find_grade(cell, notebook, "small", student)
            for name, value in values.items():
                setattr(grade, name, value)
            grade.needs_manual_grade = False

        self.by_hand(change)

    def comment(self, student: str, cell: str, text: str) -> None:
        """Write a comment as formgrader does."""

        def change(book: Gradebook) -> None:
            book.find_comment(cell, "small", "small", student).manual_comment = text

        self.by_hand(change)

    def due(self, date: str) -> None:
        """Set the date on which the assignment is due."""
        self.by_hand(lambda book: book.update_or_create_assignment("small", duedate=date))

    def configure(self, *lines: str) -> None:
        """Add lines to nbgrader_config.py."""
        with (self.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, ""]))

    def rows(self) -> dict[str, list[Any]]:
        """All rows about students and their work, with names in place of ids."""
        return table_rows(course_directory(self.course, nbgrader_settings(self.course)).db_url)

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of everything in autograded/."""
        folder = self.course.root / "autograded"
        return {
            str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in sorted(folder.rglob("*"))
        }


def table_rows(url: str) -> dict[str, list[Any]]:
    """The rows of five tables, sorted, with names in place of ids; penalties to nine digits."""
    work = (
        sqlalchemy.select(Assignment.name, SubmittedAssignment.student_id)
        .select_from(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )
    notebooks = (
        work.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .add_columns(Notebook.name)
    )
    grades = notebooks.join(Grade, Grade.notebook_id == SubmittedNotebook.id).join(
        BaseCell, BaseCell.id == Grade.cell_id
    )
    comments = notebooks.join(Comment, Comment.notebook_id == SubmittedNotebook.id).join(
        BaseCell, BaseCell.id == Comment.cell_id
    )
    penalty = sqlalchemy.cast(SubmittedNotebook.late_submission_penalty * 1e9, sqlalchemy.BigInteger)
    queries = {
        "student": sqlalchemy.select(Student.__table__),
        "submitted_assignment": work.add_columns(SubmittedAssignment.timestamp, SubmittedAssignment.extension),
        "submitted_notebook": notebooks.add_columns(SubmittedNotebook.flagged, penalty),
        "grade": grades.add_columns(
            BaseCell.name, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
        ),
        "comment": comments.add_columns(BaseCell.name, Comment.auto_comment, Comment.manual_comment),
    }
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            found = {name: sorted(map(tuple, connection.execute(query)), key=repr) for name, query in queries.items()}
            for table in (SubmittedAssignment, SubmittedNotebook, Grade, Comment):  # the joins have left none out
                count = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table.__table__))
                assert count.scalar_one() == len(found[table.__tablename__])
    finally:
        engine.dispose()
    return found


def a_new_class(world: World) -> None:
    def strip(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            cell["metadata"] = {}

    def add(notebook: dict[str, Any]) -> None:
        notebook["cells"].insert(3, {"cell_type": "code", "metadata": {}, "source": "x = '<b>é</b>'", "outputs": []})
        notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "<script>ü\u2028</script>\n"})

    world.hand_in("blank")
    world.hand_in("answered", "Because <i>it is so</i>.", time="2024-05-06 07:08:09 UTC", **{"adam.json": "{}"})
    world.hand_in("elsewhere", "Because.", file="sub/SMALL.ipynb")
    world.hand_in("stripped", "Because.", edit=strip)
    world.hand_in("more", "Because.", edit=add)
    world.hand_in("thirds", time="2024-05-06 07:08:09 +0200")
    got = dict(blank=(0, 0), answered=(2, 3), elsewhere=(1, 1.5), stripped=(2, 0), more=(0, 3), thirds=(0.3, 1 / 3))
    world.grade(**got)


def students_with_names(world: World) -> None:
    def change(book: Gradebook) -> None:
        book.add_student("a", first_name="Ada", last_name="Byron", email="a@b.c", lms_user_id="7")
        book.add_student("absent", last_name="Nobody")

    world.by_hand(change)
    world.hand_in("a")
    world.hand_in("b")
    world.grade(a=(1, 1), b=(2, 2))


def marks_by_hand(world: World) -> None:
    for student in "abcd":
        world.hand_in(student, "Because.")
    world.grade(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1))
    world.mark("a", "why", manual_score=3.5)
    world.mark("a", "double", manual_score=0.0)
    world.mark("b", "double", extra_credit=0.5)
    world.mark("c", "halve", manual_score=1.0, extra_credit=0.25)
    world.comment("a", "why", "Good.")
    world.comment("b", "double_solution", "Look at this again.")
    world.grade(a=(2, 1), b=(1, 1), c=(1, 3))


def resubmissions(world: World) -> None:
    for student in "abcd":
        world.hand_in(student, "Because.", time="2024-05-06 07:08:09 UTC")
    world.grade(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1))
    for student in "abc":
        world.mark(student, "why", manual_score=2.0)
        world.comment(student, "why", "So so.")
    world.hand_in("a", "Because it is.", time="2024-05-07 07:08:09 UTC")  # later
    world.hand_in("b", "")  # no time: the earlier one stays
    world.hand_in("c", time="2024-05-05 07:08:09 UTC")  # the answer is the placeholder again
    world.hand_in("d", file="other.ipynb", time="")
    world.grade(a=(2, 2), b=(2, 2), c=(2, 2), d=(2, 2))


def late_without_a_penalty(world: World) -> None:
    world.due("2024-05-06 00:00:00 UTC")
    world.hand_in("a", time="2024-05-07 00:00:00 UTC")
    world.grade(a=(1, 1))


def late(world: World) -> None:
    world.configure("c.LateSubmissionPlugin.penalty_method = 'zero'")
    world.hand_in("before", time="2024-05-07 00:00:00 UTC")
    world.grade(before=(2, 2))
    world.due("2024-05-06 00:00:00 UTC")
    world.hand_in("in_time", "Because.", time="2024-05-05 00:00:00 UTC")
    world.hand_in("late", "Because.", time="2024-05-07 00:00:00 UTC")
    world.hand_in("thirds", time="2024-05-06 00:00:01 UTC")
    world.hand_in("timeless")
    world.grade(in_time=(2, 3), late=(2, 3), thirds=(0.1 + 0.2, 1 / 3), timeless=(1, 1), before=(2, 1))
    world.mark("late", "why", manual_score=4.0, extra_credit=0.125)
    world.by_hand(lambda book: book.grant_extension("small", "thirds", hours=1))
    world.hand_in("in_time", time="2024-05-08 00:00:00 UTC")
    world.grade(late=(1, 3), thirds=(0.5, 1 / 3), in_time=(1, 1))


def a_changed_release(world: World) -> None:
    for student in "ab":
        world.hand_in(student, "Because.")
    world.grade(a=(2, 2), b=(2, 2))
    world.mark("a", "double", manual_score=1.5)
    change_source(
        world.course, '"grade_id": "double", "locked": true, "points": 2', '"grade_id": "double", "points": 5'
    )
    change_source(world.course, "double = 2", "double = 5", "course.toml")
    change_source(world.course, "Half the number.", "One half of it.")
    change_source(world.course, "**Your answer**", "**Your own answer**")
    world.course = load_course(world.course.root)
    release(world.course)
    world.hand_in("c")
    world.grade(a=(4.5, 2), b=(5, 2), c=(3, 3))


def a_second_notebook(world: World) -> None:
    def change(book: Gradebook) -> None:
        book.update_or_create_assignment("small")
        book.add_notebook("extra", "small")
        book.add_grade_cell("code", "extra", "small", max_score=1, cell_type="code")
        book.add_grade_cell("text", "extra", "small", max_score=1, cell_type="markdown")
        book.add_solution_cell("text", "extra", "small")
        book.add_task_cell("task", "extra", "small", max_score=1, cell_type="markdown")

    world.by_hand(change)
    for student in "abc":
        world.hand_in(student, "Because.")
    shutil.copy(world.submitted / "b/small/small.ipynb", world.submitted / "b/small/extra.ipynb")
    world.grade(a=(1, 1), b=(1, 1), c=(1, 1))
    for student in "abc":
        world.mark(student, "text", notebook="extra", manual_score=0.5)
    world.hand_in("b", "Because.")
    world.grade(a=(2, 1), b=(1, 2))


def a_task(world: World) -> None:
    path = world.course.root / "assignments/small/small.ipynb"
    notebook = json.loads(path.read_bytes())
    task: dict[str, Any] = copy.deepcopy(TASK)
    task["metadata"]["nbgrader"]["checksum"] = compute_checksum(from_dict({**task, "source": task["source"][0]}))
    notebook["cells"].append(task)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    for student in "abc":
        world.hand_in(student, "Because.")
    world.hand_in("d", file="mine.ipynb")
    world.grade(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1))
    world.mark("a", "sketch", manual_score=2.0)
    world.mark("b", "sketch", manual_score=1.0)
    world.comment("a", "sketch", "Nice.")
    world.hand_in("b", "Because.", file="mine.ipynb")  # nbgrader looks for small.ipynb and gives the task 0 points
    world.grade(a=(2, 1), b=(2, 1), c=(2, 1))


def files_of_the_course(world: World) -> None:
    source = world.course.root / "solutions/small"
    (source / "data").mkdir()
    for name in ("data/table.csv", "own.csv", "ignored.pyc"):
        (source / name).write_text(f"the course's {name}", encoding="utf-8")
    world.configure("c.Autograde.exclude_overwriting = {'small': ['own.csv']}", "c.BaseConverter.permissions = 640")
    for student in "ab":
        world.hand_in(student)
    for name in ("data/table.csv", "own.csv", "ignored.pyc", "notes.txt"):
        path = world.submitted / "a/small" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"the student's {name}", encoding="utf-8")
    world.grade(a=(1, 1), b=(1, 1))
    (world.submitted / "a/small/notes.txt").unlink()
    world.grade(a=(2, 1))


def a_limit_of_outputs(world: World) -> None:
    world.configure("c.LimitOutput.max_lines = 1", "c.LateSubmissionPlugin.penalty_method = 'none'")
    world.hand_in("a")
    world.grade(a=(1, 1))


def submissions_that_cannot_be_read(world: World) -> None:
    for student in "abc":
        world.hand_in(student, "Because.")
    world.grade(a=(1, 1), b=(1, 1), c=(1, 1))
    world.mark("b", "why", manual_score=2.0)
    for student in "ab":
        (world.submitted / student / "small/small.ipynb").write_bytes(b"nothing")
    world.grade(a=None, b=None, c=(2, 2))


def one_wrong_time(world: World) -> None:
    world.hand_in("a", time="the day before yesterday")
    world.hand_in("b")
    world.grade(a=(1, 1), b=(1, 1))


SITUATIONS = [
    one_wrong_time,
    a_new_class,
    students_with_names,
    marks_by_hand,
    resubmissions,
    late_without_a_penalty,
    late,
    a_changed_release,
    a_second_notebook,
    a_task,
    files_of_the_course,
    a_limit_of_outputs,
    submissions_that_cannot_be_read,
]


def a_notebook_added_later(world: World) -> None:
    world.hand_in("a", "Because.")
    world.hand_in("b")
    world.grade(a=(1, 1))
    world.by_hand(lambda book: book.add_notebook("extra", "small"))
    world.grade(a=(2, 2), b=(1, 1))


def an_extension_without_a_date(world: World) -> None:
    world.hand_in("a", time="2024-05-07 00:00:00 UTC")
    world.hand_in("b")
    world.grade(a=(1, 1), b=(1, 1))
    world.by_hand(lambda book: book.grant_extension("small", "a", hours=1))
    world.grade(a=(2, 2), b=(2, 2))


def a_plugin_of_the_courses_own(world: World) -> None:
    world.configure(
        "from nbgrader.plugins import LateSubmissionPlugin",
        "class Half(LateSubmissionPlugin):",
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):",
        "        return score / 2",
        "c.AssignLatePenalties.plugin_class = Half",
    )
    world.by_hand(lambda book: book.update_or_create_assignment("small", duedate="2024-05-06 00:00:00 UTC"))
    world.hand_in("a", time="2024-05-07 00:00:00 UTC")
    world.hand_in("b", time="2024-05-05 00:00:00 UTC")
    world.grade(a=(1, 1), b=(1, 1))


LEFT_TO_NBGRADER = [
    a_notebook_added_later,
    an_extension_without_a_date,
    a_plugin_of_the_courses_own,
]
"""Situations in which the submission of "a" is not for the batch."""


def play_both(
    play: Callable[[World], Any], course: Course, folder: Path, converted: list[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[World, World]:
    """Play a situation where nbgrader itself converts everything, and then in batches."""
    with monkeypatch.context() as patch:
        patch.setattr(marks, "unsupported_settings", lambda config: ["c.Autograde.post_convert_hook"])
        own = World(course, folder / "own")
        play(own)
    assert converted
    converted.clear()
    batched = World(course, folder / "batched")
    play(batched)
    return own, batched


@pytest.mark.parametrize("play", SITUATIONS, ids=lambda play: play.__name__)
def test_rows_and_files_are_nbgraders(
    play: Callable[[World], None],
    released_course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    converted: list[str],
) -> None:
    own, batched = play_both(play, released_course, tmp_path, converted, monkeypatch)
    assert batched.rows() == own.rows()
    assert batched.files() == own.files()
    assert own.rows()["grade"]
    assert converted == []


@pytest.mark.parametrize("play", LEFT_TO_NBGRADER, ids=lambda play: play.__name__)
def test_what_the_batch_cannot_do_is_left_to_nbgrader(
    play: Callable[[World], None],
    released_course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    converted: list[str],
) -> None:
    own, batched = play_both(play, released_course, tmp_path, converted, monkeypatch)
    assert batched.rows() == own.rows()
    assert batched.files() == own.files()
    assert converted == ["a"]


@pytest.fixture
def world(released_course: Course, tmp_path: Path) -> World:
    """A course in which "a" and "b" are graded, each with 1 + 1 points and an answer."""
    world = World(released_course, tmp_path / "world")
    for student in "ab":
        world.hand_in(student, "Because.")
    world.grade(a=(1, 1), b=(1, 1))
    return world


def grades(world: World, student: str) -> dict[str, tuple[Any, ...]]:
    """Automatic and manual score and the flag, by cell."""
    return {row[3]: (row[4], row[5], row[7]) for row in world.rows()["grade"] if row[1] == student}


def test_a_mark_given_by_hand_a_moment_before_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def given_meanwhile(*arguments: Any) -> set[str]:
        world.mark("a", "double", manual_score=0.5)
        return batch.store_marks(*arguments)

    monkeypatch.setattr(batch_conversion, "store_marks", given_meanwhile)
    world.grade(a=(2, 1), b=(2, 1))
    assert grades(world, "a")["double"] == (2.0, 0.5, True)
    assert grades(world, "b")["double"] == (2.0, None, False)


def test_others_read_during_a_transaction_and_write_after_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store, found = batch._Batch.store, []

    def looked_at(self: batch._Batch) -> set[str]:
        stored = store(self)
        with contextlib.closing(sqlite3.connect(world.course.root / "gradebook.db", timeout=0)) as other:
            found.append(other.execute("SELECT max(auto_score) FROM grade").fetchone())
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("UPDATE grade SET manual_score = 3")
        return stored

    monkeypatch.setattr(batch._Batch, "store", looked_at)
    world.grade(a=(2, 1), b=(2, 1))
    assert found == [(1.0,)]


def test_a_database_that_stays_locked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LOCK_SECONDS", 0.1)
    before = world.rows()
    with contextlib.closing(sqlite3.connect(world.course.root / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match=r"another program has been writing to the database for 0\.1 seconds"):
            world.grade(a=(2, 1), b=(2, 1))
        other.rollback()
    assert world.rows() == before
    world.grade(a=(2, 1), b=(2, 1))
    assert grades(world, "a")["double"] == (2.0, None, False)


def in_child(action: Callable[[], object]) -> int:
    """Run something in a copy of this process; its exit status."""
    child = multiprocessing.get_context("fork").Process(target=action)
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def test_two_processes_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not know of each other, as on two machines: each grades all, and one of its own."""
    monkeypatch.setattr(batch_conversion, "STUDENTS", 1)
    everybody = {student: (2.0, 1.0) for student in ("a", "b", "c", "d", "e")}
    for student in (*everybody, "mine", "yours"):
        world.hand_in(student, "Because.")
    context = multiprocessing.get_context("fork")
    both = [
        context.Process(target=lambda own=own: world.grade(**everybody, **{own: (2.0, 1.0)}))
        for own in ("mine", "yours")
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.exitcode for one in both] == [0, 0]
    rows = world.rows()
    assert [row[0] for row in rows["student"]] == ["a", "b", "c", "d", "e", "mine", "yours"]
    assert len(rows["submitted_assignment"]) == len(rows["submitted_notebook"]) == 7
    assert {row[3:6] for row in rows["grade"]} == {("double", 2.0, None), ("halve", 1.0, None), ("why", None, None)}
    assert len(rows["grade"]) == 21


def die(*_: Any) -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies_before_the_commit() -> None:
    store = batch._Batch.store
    batch._Batch.store = lambda self: (store(self), die())[0]  # type: ignore[method-assign]


def dies_after_the_commit() -> None:
    batch_conversion.BatchConversion._write = die  # type: ignore[method-assign]


def dies_in_a_folder() -> None:
    batch_conversion.AutogradeFolder.set_permissions = die


@pytest.mark.parametrize("where", [dies_before_the_commit, dies_after_the_commit, dies_in_a_folder])
def test_killed_in_the_middle_the_next_run_completes_it(world: World, where: Callable[[], None]) -> None:
    world.mark("a", "why", manual_score=2.0)
    cards = {student: card_for(world.course, student, world.submitted, double=2, halve=1) for student in "ab"}
    store = ResultStore(world.course.root / "graded", "small")
    before = world.rows()

    def killed() -> None:
        where()
        grade._fill_gradebook(world.course, store, cards, world.submitted)

    assert in_child(killed) == -signal.SIGKILL
    after = world.rows()
    assert (after == before) == (where is dies_before_the_commit)
    assert grade._fill_gradebook(world.course, store, cards, world.submitted) == {}
    assert grades(world, "a") == {"double": (2.0, None, False), "halve": (1.0, None, False), "why": (None, 2.0, True)}
    for student in "ab":
        notebook = world.course.root / "autograded" / student / "small/small.ipynb"
        assert '"2.0"' in notebook.read_text(encoding="utf-8")
        assert stat.S_IMODE(notebook.stat().st_mode) == 0o444
    database = (world.course.root / "gradebook.db").read_bytes()
    written = world.files()
    assert grade._fill_gradebook(world.course, store, cards, world.submitted) == {}  # nothing is left to do
    assert (world.course.root / "gradebook.db").read_bytes() == database
    assert world.files() == written


def test_marks_that_change_stay_in_their_rows(world: World) -> None:
    def ids() -> list[tuple[str, str]]:
        with contextlib.closing(sqlite3.connect(world.course.root / "gradebook.db")) as book:
            tables = ("submitted_assignment", "submitted_notebook", "grade", "comment")
            return [(table, *row) for table in tables for row in book.execute(f"SELECT id FROM {table} ORDER BY id")]

    before = ids()
    world.grade(a=(2, 3), b=(0, 0))
    assert ids() == before
    assert grades(world, "a")["halve"] == (3.0, None, False)

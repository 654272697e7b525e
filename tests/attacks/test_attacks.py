"""Hostile submissions, graded as one class with honest ones among them.

None gains a point that it did not earn, learns anything, touches anything outside its scratch space, or costs somebody
else anything; each is reported in plain words.
"""

import contextlib
import csv
import io
import json
import os
import re
import socket
import sqlite3
import struct
import threading
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from autograder.audit.submissions import notebook_with, reference_cells
from autograder.course.config import load_course
from autograder.grading.pool import grade_class, submitting_students
from autograder.grading.tasks import GradingTask
from autograder.report import grades_csv
from autograder.results.store import ResultStore
from autograder.sandbox.protocol.limits import Limits
from cnnkit.recording.schema import MIME as RECORD_TYPE
from tests.attacks.corpus import ALL, LYING, REPORTING

pytestmark = pytest.mark.tensorflow

NAME = "mnist_convnet"
COURSE = load_course(Path(__file__).parent)
ANSWERS = reference_cells(COURSE, NAME)
HONEST = ("honest", "zoe_honest")
SHORT = Limits(cell_seconds=3, submission_seconds=25, memory_mb=3000, output_kb=64)


def course_in(folder):
    """A course of the one assignment, with short limits, that lies in a folder of its own."""
    assignment = msgspec.structs.replace(COURSE.assignment(NAME), limits=SHORT)
    return msgspec.structs.replace(COURSE, assignments={NAME: assignment})


def hand_in(folder, student, answers, cell=""):
    notebook = json.loads(notebook_with(COURSE, NAME, answers, student=student, records={}))
    if cell:
        begin = next(n for n, c in enumerate(notebook["cells"]) if "cnnkit.start(" in "".join(c["source"]))
        added = {"cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
        notebook["cells"].insert(begin + 1, added)
    target = folder / student / NAME
    target.mkdir(parents=True)
    (target / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return target


def hand_in_files(folder, canary):
    """Submissions that attack by what lies in the folder; by student, what must be said of them ("" for nothing)."""

    def with_file(student):
        target = hand_in(folder, student, ANSWERS)
        (target / "records").mkdir()
        return target

    os.symlink(canary / "canary.txt", with_file("links_to_a_secret") / "notes.txt")
    os.symlink(folder / "honest" / NAME / f"{NAME}.ipynb", with_file("links_to_another") / "records" / "adam.json")
    os.mkfifo(with_file("hands_in_a_fifo") / "data.csv")
    if os.geteuid() == 0:
        os.mknod(with_file("hands_in_a_device") / "disk", 0o600 | 0o020000, os.makedev(1, 3))
    else:
        with_file("hands_in_a_device")
    with zipfile.ZipFile(with_file("hands_in_a_bomb") / "work.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("records/adam.json", b"0" * 200_000_000)
    with zipfile.ZipFile(with_file("climbs_out_of_a_zip") / "work.zip", "w") as climbing:
        climbing.writestr("../../../canary/climbed", "x")
        climbing.writestr("/tmp/climbed", "x")
    objects = io.BytesIO()
    np.savez(objects, **{"0": np.array([{"a": 1}], dtype=object)})
    (with_file("hands_in_pickled_weights") / "records" / "adam.npz").write_bytes(objects.getvalue())
    hand_in(folder, "has_a_cell_of_blanks", ANSWERS, "\n" * 200_000 + "(")
    hand_in(folder, "has_a_cell_of_magic", ANSWERS, "%" + " " * 200_000 + "!" + "\t" * 200_000 + "=(")
    hand_in_output(folder, "has_a_picture_of_blanks", {RECORD_TYPE: {"run": "adam"}, "image/png": " " * 500_000 + "!"})
    with zipfile.ZipFile(with_file("hands_in_empty_fields") / "work.zip", "w") as fields:
        for number in range(400):
            member = zipfile.ZipInfo(f"records/{number}.json")
            member.extra = struct.pack("<HH", 0xCAFE, 0) * 16_383
            fields.writestr(member, "{}")
    with zipfile.ZipFile(with_file("hands_in_a_damaged_zip") / "work.zip", "w", zipfile.ZIP_DEFLATED) as damaged:
        damaged.writestr("records/adam.json", "{}" * 100)
    with open(folder / "hands_in_a_damaged_zip" / NAME / "work.zip", "r+b") as file:
        file.seek(30 + len("records/adam.json"))
        file.write(b"\xff" * 3)
    heading = {"cell_type": "heading", "level": 1_500_000_000, "source": "x", "metadata": {}}
    for student, notebook in {
        "has_an_endless_heading": {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [heading] * 10}]},
        "has_100000_cells": {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL] * 100_000},
        "nests_json": '{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
    }.items():
        target = folder / student / NAME
        target.mkdir(parents=True)
        text = notebook if isinstance(notebook, str) else json.dumps(notebook)
        (target / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    os.symlink(canary / "canary.txt", hand_in_linked(folder, "is_a_link_itself") / f"{NAME}.ipynb")


def hand_in_output(folder, student, data):
    """A right submission whose first code cell has an output."""
    path = hand_in(folder, student, ANSWERS) / f"{NAME}.ipynb"
    notebook = json.loads(path.read_bytes())
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def hand_in_linked(folder, student):
    target = folder / student / NAME
    target.mkdir(parents=True)
    return target


CELL = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}
FILES = {
    # True: it is worth what an honest one is; False: it cannot be read, or holds none of the exercises
    "links_to_a_secret": True,
    "links_to_another": True,
    "hands_in_a_fifo": True,
    "hands_in_a_device": True,
    "hands_in_a_bomb": True,
    "climbs_out_of_a_zip": True,
    "hands_in_pickled_weights": True,
    "has_a_cell_of_blanks": True,
    "has_a_cell_of_magic": True,
    "has_a_picture_of_blanks": True,
    "hands_in_empty_fields": True,
    "hands_in_a_damaged_zip": True,
    "has_an_endless_heading": False,
    "has_100000_cells": False,
    "nests_json": False,
    "is_a_link_itself": False,
}


class Calls:
    """A port that counts who calls."""

    def __init__(self):
        self.stream, self.datagrams = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stream.bind(("127.0.0.1", 0))
        self.stream.listen()
        self.port = self.stream.getsockname()[1]
        self.datagrams.bind(("127.0.0.1", self.port))
        self.count = 0
        for ear in (self._accept, self._receive):
            threading.Thread(target=ear, daemon=True).start()

    def _accept(self):
        while True:
            self.stream.accept()
            self.count += 1

    def _receive(self):
        while True:
            self.datagrams.recvfrom(100)
            self.count += 1


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    submitted, graded, canary = folder / "submitted", folder / "graded", folder / "canary"
    canary.mkdir()
    (canary / "canary.txt").write_text("a secret that no feedback may show: 4711-0815")
    with sqlite3.connect(canary / "gradebook.db") as database:
        database.execute("create table grade (manual_score float)")
        database.execute("insert into grade values (1.0)")
    for path in (canary, canary / "canary.txt", canary / "gradebook.db"):
        os.chmod(path, 0o777)  # only isolation is in the way
    calls = Calls()
    places = {
        "course": COURSE.root,
        "submitted": submitted,
        "graded": graded,
        "canary": canary,
        "port": calls.port,
        "grader": os.getpid(),
        "zygotes": [],
    }
    for student in HONEST:
        hand_in(submitted, student, ANSWERS)
    for attack in ALL:
        answers = dict(ANSWERS) if attack.right else {}
        if attack.reports and attack.right:
            answers["curves_solution"] = REPORTING
        if attack in LYING:
            answers = {}
        hand_in(submitted, attack.name, answers, attack.cell(**places))
    hand_in_files(submitted, canary)
    before = snapshot(folder, COURSE.root)
    scratch = folder / "scratch"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_SECRET", "the grader's own")
        patch.setenv("TMPDIR", str(scratch))  # by which every process of this class can be told
        tasks = [GradingTask(NAME, student, submitted, graded) for student in submitting_students(submitted, NAME)]
        done = {one.student: one for one in grade_class(course_in(folder), tasks, jobs=2)}
    return {
        "done": done,
        "graded": graded,
        "calls": calls,
        "files": [before, snapshot(folder, COURSE.root)],
        "running": running(scratch),
        "scratch": sorted(path.name for path in scratch.iterdir()),
        "canary": canary,
    }


def snapshot(folder, root):
    """Everything that an attack might have changed, with its size and time of change."""
    seen = {}
    watched = [folder / "submitted", folder / "canary", root / "autograder", root / "cnnkit", root / "solutions"]
    for top in watched:
        for path in sorted(top.rglob("*")):
            if "__pycache__" not in path.parts:
                state = path.lstat()
                seen[str(path)] = (state.st_size, state.st_mtime_ns, state.st_mode)
    seen["/tmp"] = sorted(name for name in os.listdir("/tmp") if "left_behind" in name or name == "climbed")
    return seen


def running(scratch):
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if one.environ().get("TMPDIR") == str(scratch) and one.pid != os.getpid():
                found.append(one.cmdline())
    return [command for command in found if not any("multiprocessing" in part for part in command)]


@pytest.fixture(scope="module")
def worth(attacked):
    """Points of honest answers without records."""
    card = attacked["done"]["honest"].card
    assert {check.id for check in card.checks if check.outcome != "passed"} <= {
        *("training.records_hold", "training.records_complete", "training.losses_fall"),
        *("training.losses_end_where_they_should", "repair.record_holds", "repair.record_is_of_this_optimizer"),
        "repair.it_learns",
    }
    return card.score


def said(card):
    return "\n".join([*card.notes, *(check.message for check in card.checks)])


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_an_attack_is_contained(attacked, worth, attack):
    done = attacked["done"][attack.name]
    assert done.card is not None, done.failure
    card = done.card
    if attack in LYING or not attack.right:
        assert card.score == pytest.approx(attack.earned), said(card)
    elif attack.reports:
        assert "FOUND nothing" in said(card), said(card)
        assert card.score == pytest.approx(worth - 3)
    elif attack.lost is None:
        assert 0 <= card.score <= worth
    else:
        assert card.score == pytest.approx(worth - attack.lost), said(card)
    assert attack.says in said(card), said(card)


@pytest.mark.parametrize("student", FILES)
def test_an_attack_by_files_is_contained(attacked, worth, student):
    card = attacked["done"][student].card
    if not FILES[student]:
        assert card.status == "ungradable"
        assert card.notes[0]
    else:
        assert card.score == pytest.approx(worth), said(card)


def test_nobody_else_pays(attacked, worth):
    cards = [attacked["done"][student].card for student in HONEST]
    assert [card.score for card in cards] == [worth] * len(HONEST)
    assert all(not any("ended" in note or "stopped" in note for note in card.notes) for card in cards)


def test_nothing_is_changed_outside(attacked):
    before, after = attacked["files"]
    assert {path: state for path, state in after.items() if before.get(path) != state} == {}
    assert set(before) == set(after)
    with sqlite3.connect(attacked["canary"] / "gradebook.db") as database:
        assert database.execute("select * from grade").fetchall() == [(1.0,)]


def test_nothing_runs_on(attacked):
    assert attacked["running"] == []
    assert attacked["scratch"] == []


def test_nobody_called(attacked):
    assert attacked["calls"].count == 0


def test_no_secret_stands_in_any_result(attacked):
    for path in attacked["graded"].rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"4711-0815" not in data, path
            assert b"the grader's own" not in data, path


def test_feedback_and_tables_stay_harmless(attacked):
    store = ResultStore(attacked["graded"], NAME)
    for student in attacked["done"]:
        page = store.feedback_path(student).read_text(encoding="utf-8")
        assert "\x1b" not in page
        assert not re.search(r"<(script|img)\b(?![^>]*data:)", page), student
    table = grades_csv(list(store.cards().values()))
    assert "\x1b" not in table
    for row in csv.reader(io.StringIO(table)):
        assert all(not re.match(r"[=+@\t\r]|-(?!\d)", field) for field in row), row


def test_there_are_enough():
    names = [attack.name for attack in ALL] + list(FILES)
    assert len(names) == len(set(names))
    assert len(names) >= 40

"""Who has handed something in, and which folders are left out by name."""

import os

import pytest

from autograder.intake.students import find_students, has_submission
from autograder.results.store import TABLES, ResultStore


def test_links_tables_and_odd_names_are_left_out_by_name(tmp_path):
    for name in ("s01", "Anna", "anna", "ß" * 100, "=1+1", "grades.csv", "Records_Alike.CSV", "a\nb", "\x1b[31m"):
        (tmp_path / name / "toy").mkdir(parents=True)
    os.makedirs(os.fsencode(tmp_path) + b"/st\xe9phane/toy")
    (tmp_path / "mallory").symlink_to(tmp_path / "s01")
    (tmp_path / "nothing").mkdir()
    for name in (".leading_dot", ".ipynb_checkpoints"):
        (tmp_path / name / "toy").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    found = find_students(tmp_path, "toy")
    assert found.accepted == sorted(["s01", "Anna", "anna", "ß" * 100, "=1+1"])
    assert {name: reason.split(";")[0] for name, reason in found.refused.items()} == {
        "mallory": "the folder is a symbolic link",
        ".leading_dot": "the folder's name begins with a dot, so that nbgrader does not see it",
        "grades.csv": "a table of the class has this name",
        "Records_Alike.CSV": "a table of the class has this name",
        "a\\nb": "the folder's name holds characters that cannot be printed",
        "\\x1b[31m": "the folder's name holds characters that cannot be printed",
        "st\\udce9phane": "the folder's name is not UTF-8",
    }


def test_every_table_beside_the_students_is_refused_as_a_name(tmp_path):
    store = ResultStore(tmp_path, "toy")
    tables = [value for name in dir(store) if name.endswith("_path") and not callable(value := getattr(store, name))]
    assert len(tables) >= 2
    assert {path.name for path in tables} <= TABLES


@pytest.mark.parametrize(
    "student", ["", ".", "..", "a/b", "\0", "\ud800", "x" * 300, "\U0001f600" * 100, "mallory", "nobody", "a_file"]
)
def test_whatever_a_record_names_is_looked_up_without_an_error(tmp_path, student):
    (tmp_path / "s01" / "toy").mkdir(parents=True)
    (tmp_path / "mallory").symlink_to(tmp_path / "s01")
    (tmp_path / "a_file").write_text("")
    assert not has_submission(tmp_path, student, "toy")
    assert has_submission(tmp_path, "s01", "toy")

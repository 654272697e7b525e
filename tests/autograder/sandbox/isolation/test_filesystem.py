"""Contents of a submission's file system: Python, and nothing of the grader's."""

import sys
from pathlib import Path

import pytest

from autograder.sandbox.isolation.filesystem import _without_nested, mount_plan
from cnnkit.data.datasets import folder as data_folder

ROOT = Path(__file__).parents[4]


def covers(trees, path):
    return any(str(path) == tree or str(path).startswith(f"{tree}/") for tree in trees)


def test_python_the_kit_and_its_data_can_be_read():
    trees = mount_plan().trees
    for path in (sys.prefix, sys.base_prefix, ROOT / "cnnkit", data_folder(), "/usr/lib"):
        assert covers(trees, path), path


@pytest.mark.parametrize("name", ["autograder", "solutions", "submitted", "graded", "gradebook.db", "course.toml"])
def test_the_course_itself_cannot(name):
    found = mount_plan()
    path = ROOT / name
    assert not covers(found.trees, path) or covers(found.hidden, path)


def test_a_process_of_the_grader_s_own_sees_its_package():
    found = mount_plan(grader=True)
    assert covers(found.trees, ROOT / "autograder")
    assert not found.hidden


def test_what_lies_in_another_tree_is_not_mounted_twice():
    assert _without_nested(["/a/b/c", "/a/b", "/ab", "/a/b"]) == ["/ab", "/a/b"]

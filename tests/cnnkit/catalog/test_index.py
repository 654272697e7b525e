"""An assignment is announced by its own folder and named nowhere else in the code."""

import re
from pathlib import Path

import pytest

from cnnkit.catalog import index
from cnnkit.checks.registry import public_checks

ROOT = Path(__file__).parents[3]
NAMES = list(index.all_assignments())


def test_in_their_order():
    assert NAMES[0] == "mnist_convnet"
    orders = [one.order for one in index.all_assignments().values()]
    assert orders == sorted(set(orders))


def test_a_name_that_is_not_there_gets_the_nearest():
    assert index.find_assignment("lenet").title.startswith("LeNet")
    with pytest.raises(ValueError, match="Did you mean 'lenet'"):
        index.find_assignment("lennet")
    with pytest.raises(ValueError, match="Expected one of: 'mnist_convnet'"):
        index.find_assignment("chess")


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_has_points_and_public_checks(name):
    checks = public_checks(name)
    assert list(checks.functions) == list(index.find_assignment(name).points)
    assert all(checks.of(exercise) for exercise in checks.functions)


@pytest.mark.parametrize("name", NAMES[1:])
def test_no_code_outside_its_folders_names_it(name):
    """A new assignment needs its own folders only; the first one stands for all in examples and defaults."""
    own = {name, "rubrics/" + name}
    files = [file for folder in ("cnnkit", "autograder", "scripts") for file in (ROOT / folder).rglob("*.py")]
    files += [ROOT / "course.toml", ROOT / "pyproject.toml", ROOT / "nbgrader_config.py", ROOT / "Makefile"]
    named = [
        str(file.relative_to(ROOT))
        for file in files
        if not own & set(file.relative_to(ROOT).parts) and re.search(rf"\b{name}\b", file.read_text(encoding="utf-8"))
    ]
    assert named == []

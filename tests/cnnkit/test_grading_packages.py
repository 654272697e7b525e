"""The packages that students are told of are those of the environment."""

import importlib.util
from pathlib import Path

from cnnkit.grading_packages import GRADING_PACKAGES, packages_text

ROOT = Path(__file__).parents[2]


def test_all_are_installed():
    assert [name for name in GRADING_PACKAGES if importlib.util.find_spec(name) is None] == []


def test_all_are_asked_for_or_come_with_matplotlib():
    asked = {line.split()[0].partition(">")[0] for line in (ROOT / "requirements.in").read_text().splitlines() if line}
    assert set(GRADING_PACKAGES.values()) - {"pillow"} <= asked


def test_students_are_told_the_same():
    assert packages_text() in " ".join((ROOT / "docs" / "students.md").read_text().split())

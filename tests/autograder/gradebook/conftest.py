"""Fixtures of the tests of the gradebook."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.gradebook import marks


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose submissions nbgrader itself converted, one entry for each time."""
    students: list[str] = []

    def convert(card: Any, *arguments: Any) -> str:
        students.append(card.student)
        return convert_submission(card, *arguments)

    convert_submission = marks.convert_submission
    monkeypatch.setattr(marks, "convert_submission", convert)
    return students

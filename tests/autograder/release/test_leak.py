from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import Course
from autograder.release import build_source, leaks, release


@pytest.fixture
def notebook(small_course: Course) -> Any:
    """The clean release as JSON data."""
    release(small_course)
    return json.loads((small_course.root / "assignments/small/small.ipynb").read_bytes())


def found(course: Course, notebook: Any) -> list[tuple[str, str]]:
    return [(leak.kind, leak.location) for leak in leaks(course, "small", json.dumps(notebook).encode())]


def test_a_clean_release_has_none(small_course: Course, notebook: Any) -> None:
    assert found(small_course, notebook) == []
    assert leaks(small_course, "small", small_course.root / "assignments") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("total_of_both = number + number", "solution"),
        ("the trick is   total_of_both=number+number  , see?", "solution"),
        ("    return number/2", "solution"),
        ("### BEGIN SOLUTION", "marker"),
        ("# BEGIN HIDDEN TESTS", "marker"),
        ("Doubling adds a bit on the right, and\nhalving takes it away again.", "written answer"),
        ('assert call("double", number) == expected + 1123581321', "hidden test"),
        ("A secret description of what doubling is tested with.", "hidden test"),
        ("cases = [(31,4,3,'valid',10)]", "hidden test"),
    ],
)
def test_each_kind_is_found_wherever_it_stands(small_course: Course, notebook: Any, text: str, kind: str) -> None:
    notebook["cells"][4]["source"] = text.splitlines(keepends=True)
    assert found(small_course, notebook) == [(kind, "cell 5")]

    notebook["cells"][4]["source"] = []
    notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
    assert found(small_course, notebook) == [(kind, "cell 3 (double_solution)")]

    notebook["cells"][2]["outputs"] = []
    notebook["metadata"]["note"] = text
    assert found(small_course, notebook) == [(kind, "metadata")]


def test_the_source_itself_leaks_everything(small_course: Course) -> None:
    kinds = {leak.kind for leak in leaks(small_course, "small", build_source(small_course, "small"))}
    assert kinds == {"marker", "solution", "written answer"}


def test_common_lines_and_public_checks_are_no_secret(small_course: Course, notebook: Any) -> None:
    notebook["cells"][4]["source"] = [
        "return total_of_both\n",
        "import pytest\n",
        'assert call("double", 2).answer == 4, "a public sentence of which nobody makes a secret"\n',
        "(3, 6)\n",
        "def test_double(call, number, expected):\n",
        "categorical_crossentropy is a loss\n",
    ]
    assert found(small_course, notebook) == []


def test_what_the_given_text_says_is_no_secret_unless_it_is_a_hidden_test(small_course: Course) -> None:
    path = small_course.root / "solutions/small/small.py"
    for given, expected in [
        ("total_of_both = number + number", []),
        ('(31, 4, 3, "valid", 10)', []),
        ('assert call("double", number) == expected + 1123581321', ["hidden test"]),
    ]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("# What comes out:", f"# {given}"), encoding="utf-8")
        kinds = [leak.kind for leak in leaks(small_course, "small", f"{given}\n".encode())]
        path.write_text(text, encoding="utf-8")
        assert kinds == expected


def test_reference_answers_beside_the_rubric(small_course: Course) -> None:
    folder = small_course.root / "autograder/rubrics/small"
    (folder / "why.md").write_text("A good answer mentions the binary system and its shifts.", encoding="utf-8")
    (leak,) = leaks(small_course, "small", b"mentions? A good answer mentions the binary system and its shifts.")
    assert leak.kind == "written answer"


def test_mutants_are_searched_line_by_line(small_course: Course) -> None:
    folder = small_course.root / "autograder/rubrics/small"
    mutant = 'WRONG = """\ndef double(number):\n    return number * number + sum(range(3))\n"""\n'
    (folder / "mutants.py").write_text(mutant, encoding="utf-8")
    (leak,) = leaks(small_course, "small", b"return number * number + sum(range(3))")
    assert leak.kind == "hidden test"
    assert leaks(small_course, "small", b"def double(number):") == []


def test_a_wheel_is_opened(small_course: Course, tmp_path: Path) -> None:
    wheel = tmp_path / "kit-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("kit/clean.py", "x = 1\n")
        archive.writestr("kit/data.npz", bytes(range(256)))
        archive.writestr("kit/check.py", "# a check\n\ntotal_of_both = number + number\n")
    (leak,) = leaks(small_course, "small", wheel)
    assert (leak.file, leak.location) == ("kit-1.0-py3-none-any.whl/kit/check.py", "line 3")
    assert str(leak) == "kit-1.0-py3-none-any.whl/kit/check.py, line 3: solution: total_of_both = number + number"


def test_a_broken_notebook_is_searched_as_text(small_course: Course) -> None:
    (leak,) = leaks(small_course, "small", b'{"cells": "total_of_both = number + number"')
    assert (leak.kind, leak.location) == ("solution", "line 1")


def test_what_does_not_exist(small_course: Course, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        leaks(small_course, "small", tmp_path / "none.whl")


def test_headers_that_any_code_may_have_are_no_secret(small_course: Course) -> None:
    path = small_course.root / "autograder/rubrics/small/test_double.py"
    test = (
        "def test_all(call, numbers_to_double):\n"
        "    with quiet_about(all_warnings=True):\n"
        "        for number_to_double in numbers_to_double:\n"
        "            assert call('double', number_to_double).answer == 1123581321\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + f"\n\n{test}", encoding="utf-8")
    found = [leak.text for leak in leaks(small_course, "small", test.encode()) if leak.kind == "hidden test"]
    assert found == ["assert call('double', number_to_double).answer == 1123581321"]

from __future__ import annotations

import base64
from pathlib import Path

import msgspec
import pytest

from autograder.course.config import Course
from autograder.release import ReleaseError
from autograder.release.placeholders import PICTURE_BYTES, CellLocation, fill_in

LOCATION = CellLocation("solutions/small/small.py", 7, "double")


def fill(course: Course, text: str) -> str:
    return fill_in(text, course, "small", LOCATION)


def expected(course: Course) -> Path:
    return course.root / "solutions/small/expected"


def test_addresses(small_course: Course) -> None:
    assert fill(small_course, "{{repository}} {{branch}}") == "https://github.com/example/small-course main"
    assert fill(small_course, "[x]({{colab}})") == (
        "[x](https://colab.research.google.com/github/example/small-course/blob/main/assignments/small/small.ipynb)"
    )


def test_colab_needs_github(small_course: Course) -> None:
    header = msgspec.structs.replace(small_course.course, repository="https://gitlab.com/example/small")
    course = msgspec.structs.replace(small_course, course=header)
    with pytest.raises(ReleaseError, match=r"cell 7 \(double\).*github\.com/OWNER.*gitlab"):
        fill(course, "{{colab}}")


def test_expected_output_is_fenced(small_course: Course) -> None:
    assert fill(small_course, "a\n\n{{expected:out.txt}}\n\nb") == "a\n\n```text\n4\n2.0\n```\n\nb"


def test_expected_output_with_a_fence_of_its_own(small_course: Course) -> None:
    (expected(small_course) / "out.txt").write_text("```\nx\n```\n", encoding="utf-8")
    assert fill(small_course, "{{expected:out.txt}}") == "````text\n```\nx\n```\n````"


def test_figure_is_embedded_with_alt_and_caption(small_course: Course) -> None:
    text = fill(small_course, "{{figure:dot.png|One dot (black).|A dot, enlarged.}}")
    picture, caption = text.split("\n\n")
    assert caption == "*A dot, enlarged.*"
    start = "![One dot (black).](data:image/png;base64,"
    assert picture.startswith(start)
    assert base64.b64decode(picture.removeprefix(start)[:-1]) == (expected(small_course) / "dot.png").read_bytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{colour}}", "unknown placeholder"),
        ("{{expected}}", "unknown placeholder"),
        ("{{repository:x}}", "unknown placeholder"),
        ("import math\n# {{setup}}", "first line of a code cell, # {{setup}}"),
        ("{{expected:none.txt}}", r"solutions/small/expected/none\.txt is missing"),
        ("{{expected:../../../course.toml}}", "plain file name"),
        ("{{expected:dot.png}}", "not text"),
        ("{{figure:none.png|a|b}}", r"none\.png is missing"),
        ("{{figure:dot.png|a}}", "all three parts"),
        ("{{figure:dot.png||b}}", "all three parts"),
        ("{{figure:dot.svg|a|b}}", "no picture that every notebook"),
        ("{{figure:dot.png|a [b]|c}}", "square bracket"),
    ],
)
def test_mistakes_name_cell_and_file(small_course: Course, text: str, said: str) -> None:
    with pytest.raises(ReleaseError, match=said) as error:
        fill(small_course, text)
    assert str(error.value).startswith("solutions/small/small.py, cell 7 (double): ")


def test_large_pictures_are_refused(small_course: Course) -> None:
    (expected(small_course) / "big.png").write_bytes(bytes(PICTURE_BYTES + 1))
    with pytest.raises(ReleaseError, match="400,001 bytes"):
        fill(small_course, "{{figure:big.png|a|b}}")


def test_braces_that_are_no_placeholders(small_course: Course) -> None:
    for text in ["f'{{ value }}'", "\\frac{{1}}{2}", "{{}}", "{a: {b: 1}}", "{{Value}}"]:
        assert fill(small_course, text) == text

import csv
import io

import pytest

from autograder.report import grades_csv


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_a_student_sorted_with_points_by_exercise(make_card, make_check):
    first = [make_check("a", maximum=2), make_check("b", "failed", maximum=0.5), make_check("c", exercise="size")]
    found = rows(grades_csv([make_card(*first, student="s02"), make_card(*first, student="s01", notes=["A.", "B."])]))
    assert found[0] == {
        "student": "s01", "status": "graded", "score": "3", "max_score": "3.5",
        "data (2.5)": "2", "size (1)": "1", "notes": "A. B.",
    }  # fmt: skip
    assert [row["student"] for row in found] == ["s01", "s02"]


def test_an_ungradable_submission_has_no_score_and_says_why(make_card, make_check):
    found = rows(grades_csv([make_card(student="bad"), make_card(make_check(), student="good")]))
    assert (found[0]["status"], found[0]["score"], found[0]["data (1)"]) == ("ungradable", "", "")
    assert found[0]["notes"].startswith("toy.ipynb is empty")


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', "'=1", "＝1"],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_text(make_card, make_check, name):
    (row,) = rows(grades_csv([make_card(make_check(), student=name, notes=[name])]))
    assert row["student"].startswith("'")
    assert row["notes"].startswith("'")


def test_numbers_stay_numbers(make_card, make_check):
    (row,) = rows(grades_csv([make_card(make_check(maximum=17.5, points=1 / 3), student="12345")]))
    assert (row["student"], row["score"], row["max_score"]) == ("12345", "0.333333", "17.5")


def test_commas_quotes_and_line_breaks_stay_in_their_cell(make_card, make_check):
    text = grades_csv([make_card(make_check(), student='O"Neil, é', notes=["a,\nb"])])
    (row,) = rows(text)
    assert row["student"] == 'O"Neil, é'
    assert row["notes"] == "a, b"
    assert text.endswith("\r\n")


def test_no_submission_at_all_gives_a_heading():
    assert grades_csv([]) == "student,status,score,max_score,notes\r\n"

"""The audit's page shows every sample, marks what is wrong, and escapes whatever it quotes."""

from autograder.audit.audit_page import MARKS, audit_page_html, sections
from cnnkit.checks.outcomes import OUTCOMES


def test_marks(bad_audit):
    one, two = sections(bad_audit)
    assert (one.title, one.columns, one.aimed) == ("One", ("First", "Second"), (2, 1))
    assert [row.cells for row in one.rows] == [("survived", "passed"), ("passed", "caught"), ("caught", "passed")]
    assert [row.elsewhere for row in one.rows] == [(), (("Two: only", "collateral"),), ()]
    assert one.elsewhere
    assert one.open == 3
    assert two.rows == ()


def test_a_right_rubric(good_audit):
    page = audit_page_html(good_audit)
    assert "Every wrong answer is caught" in page
    assert "What is wrong" not in page
    assert "Other words" in page


def test_everything_wrong_is_named(bad_audit):
    page = audit_page_html(bad_audit)
    assert "The rubric is not finished" in page
    for words in ("survives one.first", "also loses two.only", "does not say the culprit", "is refused by two.only"):
        assert words in page
    assert "<b>two.only</b>: no mutant has to fail it" in page


def test_it_stands_alone_and_escapes(good_audit):
    page = audit_page_html(good_audit)
    assert "<b>4</b>" not in page
    assert "&lt;b&gt;4&lt;/b&gt;" in page
    assert "http" not in page.replace('http-equiv="', "")
    assert "<script" not in page


def test_signs_of_the_cells_are_told_apart_without_colour():
    assert len({sign for sign, _ in MARKS.values()}) == len(MARKS)
    assert MARKS["caught"][0] == OUTCOMES["failed"].sign

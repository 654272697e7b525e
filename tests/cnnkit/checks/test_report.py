"""A report reads without colour, and nothing in it is HTML of a student's."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from cnnkit.checks.report import CheckLine, CheckReport

REPORT = CheckReport(
    "data",
    (
        CheckLine("right shape", "passed"),
        CheckLine("right values", "failed", "value at [0]: expected 1, found 2.", "Divide by 255."),
        CheckLine("no error", "error", "f() raised ValueError."),
    ),
)


def test_as_text():
    assert str(REPORT) == (
        "✓ passed: right shape\n"
        "✗ not yet: right values\n"
        "    value at [0]: expected 1, found 2.\n"
        "    What to try: Divide by 255.\n"
        "! error: no error\n"
        "    f() raised ValueError.\n"
        "data: 1 of 3 checks passed; what is missing is shown above."
    )
    assert not REPORT.passed


def test_all_passed():
    report = CheckReport("data", (CheckLine("a", "passed"), CheckLine("b", "passed")))
    assert report.passed
    assert str(report).endswith("data: all 2 checks passed.")


def test_one_check_is_the_check():
    assert str(CheckReport("data", (CheckLine("a", "passed"),))).endswith("data: the check passed.")


def test_what_is_code_is_shown_as_code():
    html = CheckReport("data", (CheckLine("a", "failed", "`a < b` is not `b < a`", "a ` alone"),))._repr_html_()
    assert "<code>a &lt; b</code> is not <code>b &lt; a</code>" in html
    assert "a ` alone" in html


def test_symbol_and_word_stand_in_the_html():
    html = REPORT._repr_html_()
    for words in ("✓ passed", "✗ not yet", "! error", "What to try:"):
        assert words in html


def test_long_lines_are_wrapped_and_calls_stay_whole():
    call = (
        "conv_output_size(size=28,kernel=3,stride=2,padding='valid',and_much_more_that_is_far_too_long_for_one_line=1)"
    )
    text = str(CheckReport("data", (CheckLine("a", "failed", f"{'word ' * 30}{call}"),)))
    assert call in text
    assert all(len(line) <= 84 for line in text.split("\n") if call not in line)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@given(*[st.text() | st.sampled_from(["<script>alert(1)</script>", '"><img onerror=x>', "</style>", "&lt;"])] * 4)
def test_html_is_always_escaped(exercise, title, message, hint):
    parser = Tags()
    parser.feed(CheckReport(exercise, (CheckLine(title, "failed", message, hint),))._repr_html_())
    assert set(parser.tags) <= {"style", "div", "ul", "li", "p", "b", "i"}
    assert set(parser.attributes) == {("class", "cnnkit-check"), ("class", "failed")}


def test_the_style_is_its_own():
    """It is shown inside the student's notebook: it must not change anything else there."""
    style = re.search(r"<style>(.*)</style>", REPORT._repr_html_())[1]
    assert all(selector.startswith(".cnnkit-check") for selector in re.findall(r"(?:^|[},])([^{},]+)(?=[{,])", style))


def test_shown_as_text_outside_a_notebook(capsys):
    REPORT.show()
    assert capsys.readouterr().out == str(REPORT) + "\n"

"""Patterns that are admitted take linear time; those that may take more are refused when they are compiled."""

import re

import pytest

from cnnkit.linear_pattern import NotLinear, compile_anchored, compile_linear

LONG = 300_000
"""A pattern of quadratic time would take hours on so many characters."""

REFUSED = {
    "a repeat that gives back": (r"x[ab]*", 0),
    "a lazy repeat": (r"x[ab]*?", 0),
    "blanks before something": (r"\s*+x", 0),
    "blanks at the end of a line": (r"[ \t]++$", re.MULTILINE),
    "lines crossed from every line": (r"^\s*+x", re.MULTILINE),
    "a class that takes the first character": (r"x[^y]*+y", 0),
    "a first letter of either case": (r"X[^xX]*+y", re.IGNORECASE),
    "any character, line breaks too": (r"^.*+x", re.MULTILINE | re.DOTALL),
    "a category that takes the line break": (r"^\W*+x", re.MULTILINE),
    "rounds that look ahead": (r"x(?:a*+b|a)*+", 0),
    "rounds that look ahead in a branch": (r"x(?:(?:ya*+)?b|ya)*+", 0),
    "rounds of nothing": (r"x(?:a?)*+", 0),
    "nested bounded repeats": (r"(?:a{1,40}){1,40}", 0),
    "many choices": ("a?" * 12, 0),
    "a bounded repeat of great length": (r"a{0,5000}", 0),
    "many rounds at least": (r"a{5000,}+", 0),
    "an option that fails after a repeat": (r"(?:a*+b)?+c", 0),
    "rounds that fail after a repeat": (r"(?:a*+b){0,3}", 0),
    "a branch that fails after a repeat": (r"a*+b|c", 0),
    "a repeat in a lookahead": (r"x(?=a*+b)", 0),
    "a reference": (r"x(a)\1", 0),
    "flags of a part": (r"x(?i:y)", 0),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_pattern_that_may_take_longer_is_refused(kind):
    with pytest.raises(NotLinear, match="expected"):
        compile_linear(*REFUSED[kind])


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"x*+", 0),
        (r"x[^x]*+y", 0),
        (r"^[^\n]*+y", re.MULTILINE),
        (r"^.*+y", re.MULTILINE),
        (r"^\s*+y", 0),
        (r"\A\s*+y", re.MULTILINE),
        (rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL),
        (r"(x)(?:a[^x]*+|b)?+z", 0),
    ],
)
@pytest.mark.parametrize("text", [" ", "\n", "a", "x", '"', "\\", "xa", "\\\n", 'a"'])
def test_an_admitted_pattern_reads_a_long_text_to_its_end(pattern, flags, text):
    admitted = compile_linear(pattern, flags)
    long = text * (LONG // len(text))
    found = admitted.sub(admitted.pattern[:0], long if isinstance(pattern, str) else long.encode())
    assert len(found) <= LONG


def test_what_is_matched_at_one_position_may_fail_after_a_repeat():
    blanks = compile_anchored(r"\s*+x")
    assert blanks.match(" " * LONG) is None
    assert blanks.fullmatch(" \n x")
    assert not hasattr(blanks, "search")


@pytest.mark.parametrize("pattern", [r"\s*x", r"(?:a*+b|a)*+", r"(a)\1", r"(?:ab|cd){1,40}"])
def test_the_rule_of_one_attempt_holds_there_too(pattern):
    with pytest.raises(NotLinear, match="expected"):
        compile_anchored(pattern)


def test_the_same_matches_as_of_the_plain_module():
    text = "  def f(): pass\nasync def g(): pass\nnodef h(): pass"
    admitted = compile_linear(r"^[ \t]*+(?:async[ \t]++)?+def[ \t]++(\w++)", re.MULTILINE)
    assert admitted.findall(text) == re.findall(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", text, re.MULTILINE)

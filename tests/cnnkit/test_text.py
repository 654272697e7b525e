"""Text of unknown origin can be shown and saved, and says what it said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.text import did_you_mean, encodable, one_line, printable, shorten

ANY_TEXT = st.text(st.characters(exclude_categories=()))


class Unprintable:
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://example.org\x1b\\link", "link"),
        ("\x1b[2J\x1b[H\x1bcgone", "gone"),
        ("\x1b(Bplain", "plain"),
        ("\x1bshape", "shape"),
        ("a\x00b\x08c\x7f\x9b", "abc"),
        ("user\u202etxt.exe\u200b\ufeff", "usertxt.exe"),
        ("\ud800x", "\\ud800x"),
        ("é × – 漢字 🙂", "é × – 漢字 🙂"),
    ],
)
def test_printable_text_keeps_what_can_be_read(text, shown):
    assert printable(text) == shown
    assert one_line(text) == " ".join(shown.split())


def test_long_text_is_cut_and_says_so():
    shown = printable("x" * 10_000_000, 100)
    assert shown == "x" * 100 + " … (shortened: 10,000,000 characters in all)"
    assert printable("x" * 100, 100) == "x" * 100


def test_terminal_codes_do_not_count_as_text():
    assert printable("\x1b[31m" * 30 + "red", 100).startswith("red")
    assert one_line("\x1b[31m" * 3 + "red", 8) == "red"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("  a\n\tb  ", "a b"),
        (12, "12"),
        pytest.param(10**5000, "an object of type int", id="a huge integer"),
        (Unprintable(), "an object of type Unprintable"),
    ],
)
def test_any_object_fits_on_one_line(value, line):
    assert one_line(value) == line


@given(ANY_TEXT, st.integers(2, 50))
def test_one_line_is_short_and_can_be_saved(text, longest):
    line = one_line(text, longest)
    assert len(line) <= longest
    assert line == " ".join(line.split())
    line.encode()


@given(ANY_TEXT)
def test_encodable_text_can_be_saved_and_loses_nothing_else(text):
    text_out = encodable(text)
    text_out.encode()
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert text_out == text


def test_encodable_text_is_no_longer_than_it_may_be():
    assert encodable("\ud800" * 10, 8) == "\\ud800\\u"
    assert len(encodable("\ud800" * 10)) == 60


def test_a_cut_is_marked():
    assert shorten("abc", 3) == "abc"
    assert shorten("ab cd", 4) == "ab…"


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("MNSIT", "Did you mean 'mnist'?"),
        ("vgg16", "Did you mean 'VGG16'?"),
        ("birds-mammals", "Did you mean 'birds_mammals'?"),
        ("cats", ""),
        (None, ""),
        pytest.param("x" * 10**6, "", id="long"),
    ],
)
def test_a_misspelled_name_is_answered_with_the_nearest(name, question):
    assert did_you_mean(name, ["mnist", "birds_mammals", "VGG16"]) == question

import pytest

from autograder.report.clean import one_line, plain, points


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://example.org\x1b\\link", "link"),
        ("\x1b[2J\x1b[H\x1bcgone", "gone"),
        ("a\x00b\x08c\x7f\x9b", "abc"),
        ("user\u202etxt.exe\u200b\ufeff", "usertxt.exe"),
        ("\ud800x", "x"),
        ("é × – 漢字 🙂", "é × – 漢字 🙂"),
    ],
)
def test_plain_keeps_what_can_be_read(text, shown):
    assert plain(text) == shown


def test_long_text_is_cut_and_says_so():
    shown = plain("x" * 10_000_000, 100)
    assert shown == "x" * 100 + " … (shortened: 10,000,000 characters in all)"
    assert plain("x" * 100, 100) == "x" * 100


def test_terminal_codes_alone_do_not_count_as_text():
    assert plain("\x1b[31m" * 30 + "red", 100).startswith("red")


def test_one_line():
    assert one_line("  a\n\tb  ") == "a b"
    assert one_line("x" * 30, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("value", "text"), [(6.0, "6"), (4.5, "4.5"), (1 / 3, "0.33"), (0.0, "0"), (17.499999999, "17.5")]
)
def test_points(value, text):
    assert points(value) == text

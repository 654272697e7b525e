import io

from rich.console import Console

from autograder.report import missing_packages, print_table
from autograder.report.marks_table import plain_lines


def printed(cards, terminal, width=120):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None)
    print_table(cards, console)
    return console.file.getvalue()


def cards(make_card, make_check):
    wrong = make_check("b", "failed", exercise="size", message="size: expected 13,\nfound 14.")
    return [
        make_card(make_check("a", "skipped", message="Skipped."), wrong, student="s02"),
        make_card(make_check(), student="s01"),
        make_card(student="s03", max_score=2.0),
    ]


def test_lines_for_a_log(make_card, make_check):
    assert plain_lines(sorted(cards(make_card, make_check), key=lambda card: card.student)) == [
        "student\tscore\tdata\tsize\tfirst to look at",
        "s01\t1/1\t1\t–\tall passed",
        "s02\t0/2\t0\t0\t✗ size.b (not yet): size: expected 13, found 14.",
        "s03\tungradable\t–\t–\ttoy.ipynb is empty. Save it and hand it in again.",
    ]


def test_missing_packages_are_counted_over_the_class(make_card, make_check):
    found = [["cv2"], ["cv2", "torch"], [], ["cv2", "a" * 500]]
    class_ = [make_card(make_check(), student=f"s{number}", missing=names) for number, names in enumerate(found)]
    line = missing_packages(class_)
    assert line.startswith("Missing while grading: cv2 (3 students), aaa")
    assert line.endswith("… (1 student), torch (1 student).")
    assert len(line) < 160
    assert missing_packages([make_card(make_check())]) == ""


def test_of_many_missing_packages_ten_are_named(make_card, make_check):
    line = missing_packages([make_card(make_check(), missing=[f"p{number}" for number in range(14)])])
    assert line.count("(1 student)") == 10
    assert line.endswith(" and 4 more.")


def test_without_a_terminal_lines_are_neither_wrapped_nor_coloured(make_card, make_check):
    text = printed(cards(make_card, make_check), terminal=False, width=20)
    assert text.splitlines()[2] == "s02\t0/2\t0\t0\t✗ size.b (not yet): size: expected 13, found 14."


def test_on_a_terminal_a_table(make_card, make_check):
    text = printed(cards(make_card, make_check), terminal=True)
    assert "3 submissions" in text
    assert "ungradable" in text
    assert text.index("s01") < text.index("s02") < text.index("s03")


def test_a_name_is_neither_markup_nor_a_terminal_code(make_card, make_check):
    for terminal in (True, False):
        text = printed([make_card(make_check(), student="[red]x[/red]\x1b]0;boo\x07")], terminal)
        assert "[red]x[/red]" in text
        assert "boo" not in text
        assert "\x07" not in text


def test_an_error_comes_before_what_was_skipped(make_card, make_check):
    found = [make_check("a", "skipped"), make_check("b", "error", message="ZeroDivisionError")]
    assert "data.b (error): ZeroDivisionError" in plain_lines([make_card(*found)])[1]


def test_work_that_was_left_aside_is_said_in_the_row(make_card, make_check):
    aside = ["Work in toy.zip was set aside: size differs from what was graded."]
    whole, wrong = make_check(), make_check("b", "failed", message="found 14")
    for check, rest in ((whole, "all passed"), (wrong, "✗ data.b (not yet): found 14")):
        assert plain_lines([make_card(check, left_aside=aside)])[1].endswith(f"\twork was set aside; {rest}")

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.report import feedback_html, rendering
from autograder.results.scorecard import RecordVerdict
from cnnkit.networks.brief import sequence

BRIEF = sequence((None, 8), [("Dense", {"units": 3, "activation": "relu"}), ("Dense", {"units": 2})])
FOUND = sequence((None, 8), [("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 2})])
RUNS = {"adam": {"loss": [0.5, 0.1], "val_loss": [0.4, 0.2]}}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</pre></article><iframe src=//example.org>",
    "`<b>`",
    "{{ 7 * 7 }}{% include 'x' %}",
    "-->]]><svg onload=alert(1)>",
]


class Page(HTMLParser):
    """The page's elements, and a check that every one that opens is closed in order."""

    EMPTY = ("meta", "line", "path", "circle", "rect", "br")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def full(make_card, make_check):
    """A card with one check of each outcome, notes and a verdict."""
    return make_card(
        make_check("passes"),
        make_check("fails", "failed", message="padding: expected 'same', found 'valid'.", hint="Look at `padding`."),
        make_check("raises", "error", message="Traceback\n  line 3\nZeroDivisionError"),
        make_check("waits", "skipped", exercise="size", message="Skipped, because fails did not pass."),
        notes=["Cell 3 was left out."],
        training={"adam": RecordVerdict(verdict="verified", reason="The first steps agree.")},
    )


def render(card, **more):
    return feedback_html(card, title="A toy", **more)


def test_every_outcome_has_a_symbol_and_a_word(full):
    text = re.sub(r"\s+", " ", Page(render(full)).text)
    for words in ("✓ passed Passes", "✗ not yet Fails", "! error Raises", "○ waiting Waits"):
        assert words in text
    assert "1 of 4 points" in text
    assert "What to try: Look at padding." in text
    assert "Skipped, because fails did not pass." in text
    assert "Cell 3 was left out." in text
    assert "adam: ✓ verified. The first steps agree." in text


def test_full_marks(make_card, make_check):
    page = render(make_card(make_check(), make_check("second")))
    assert "not yet" not in page
    assert "About your notebook" not in page


def test_ungradable_says_that_it_is_no_zero(make_card):
    text = Page(render(make_card())).text
    assert "Not graded yet" in text
    assert "This is not a mark of 0." in text
    assert "toy.ipynb is empty. Save it and hand it in again." in text
    assert "of 20 points" not in text


def test_the_network_beside_the_brief(full):
    text = re.sub(r"\s+", " ", Page(render(full, found=FOUND, brief=BRIEF)).text)
    assert "≠ units 4" in text
    assert "≠ differs" in text
    assert "27 parameters" in text
    assert "≠ 36 parameters" in text
    assert "Every layer is as the brief asks." in Page(render(full, found=BRIEF, brief=BRIEF)).text
    assert "beside the brief" not in render(full, found=FOUND)


def test_the_loss_curves(full):
    page = Page(render(full, histories=RUNS))
    assert "svg" in page.tags
    assert "Last validation loss" in page.text
    undrawable = render(full, histories={"adam": {"loss": [float("nan")]}})
    assert "No loss of these runs can be drawn" in undrawable
    assert "Your training runs" not in render(full, histories={"adam": {}})


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_comes_from_the_student_is_text(make_card, make_check, attack):
    plain = Page(everything(make_card, make_check, "x", "x\nx"))
    page = everything(make_card, make_check, attack, f"line\n{attack}")
    attacked = Page(page)
    assert attacked.tags == plain.tags or set(attacked.tags) - set(plain.tags) <= {"code"}
    assert [name for name, _ in attacked.attributes if name.startswith("on")] == []
    assert "script" not in attacked.tags
    if "`" not in attack:
        assert attacked.text.count(attack) >= 4


def everything(make_card, make_check, text, lines):
    """A page with the text in every place where a student's text can stand."""
    layer = BRIEF.layers[0]
    strange = type(layer)(text, {"units": text, text: text}, (None, 3), 27, 27, name=text)
    network = type(BRIEF)((None, 8), (strange, BRIEF.layers[1]), (1,), 35, 35)
    card = make_card(
        make_check("a", "failed", message=text, hint=text),
        make_check("b", "error", message=lines),
        student=text,
        notes=[text],
        training={text: RecordVerdict(verdict="contradicted", reason=text)},
    )
    return render(card, found=network, brief=BRIEF, histories={text: {"loss": [1.0, 0.5]}})


def test_nothing_is_fetched_and_nothing_runs(full):
    page = render(full, found=FOUND, brief=BRIEF, histories=RUNS)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src=|href=", page)
    parsed = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(parsed.tags)
    assert "default-src 'none'" in page


def test_terminal_codes_and_endless_text_do_not_reach_the_page(make_card, make_check):
    page = render(make_card(make_check("a", "failed", message="\x1b[31mred\x1b[0m" + "x" * 1_000_000)))
    assert "\x1b" not in page
    assert "[31m" not in page
    assert "shortened: 1,000,012 characters in all" in page
    assert len(page) < 40_000


def test_the_structure_a_screen_reader_needs(full):
    page = render(full, found=FOUND, brief=BRIEF, histories=RUNS)
    parsed = Page(page)
    assert '<html lang="en">' in page
    for tag in ("main", "header", "footer", "h1", "title"):
        assert parsed.tags.count(tag) >= 1
    assert parsed.tags.count("h1") == parsed.tags.count("main") == 1
    headings = [int(tag[1]) for tag in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(headings))
    ids = [value for name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    named = [v for name, value in parsed.attributes if name == "aria-labelledby" for v in value.split()]
    assert set(named) <= set(ids)
    assert page.count("<th ") == page.count("<th scope=")


def test_the_same_card_gives_the_same_bytes(full):
    first = render(full, found=FOUND, brief=BRIEF, histories=RUNS)
    rendering.template.cache_clear()
    assert render(full, found=FOUND, brief=BRIEF, histories=RUNS) == first


def test_the_time_it_took_is_not_on_the_page(make_card, make_check):
    assert render(make_card(make_check(), seconds=1.0)) == render(make_card(make_check(), seconds=2.0))


TEMPLATES = Path(rendering.__file__).parent / "templates"
CSS = "".join((TEMPLATES / name).read_text() for name in ("base.css", "feedback.css"))


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast_is_at_least_aa(scheme):
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", CSS.split(":root {")[scheme + 1].split("}")[0]))
    inks = ["ink", "pale", "good", "bad", "warn", "rest", "accent", *(f"run-{i}" for i in range(6))]
    for ground in ("card", "paper", "soft"):
        for ink in inks:
            light, dark = sorted([luminance(colours[ground]), luminance(colours[ink])], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"--{ink} on --{ground}"


def test_a_remark_stands_with_the_check_that_passed(make_card, make_check):
    page_ = feedback_html(make_card(make_check("passes", message="`f` returns a list; it counts.")), title="Toy")
    assert '<p class="remark"><code>f</code> returns a list; it counts.</p>' in page_


def test_what_was_skipped_for_one_reason_is_said_once(make_card, make_check):
    reason = "Not looked at, for the same reason as “input”."
    card = make_card(
        make_check("input", "error", message="build() raised"),
        *(make_check(name, "skipped", message=reason) for name in ("first", "second", "third")),
        make_check("fourth", "skipped", message="Not looked at, because “other” has to pass first."),
    )
    text = Page(feedback_html(card, title="Toy")).text
    assert text.count(reason) == 1
    assert "First · Second · Third" in text
    assert "0 of 3" in text
    assert "Fourth" in text


def test_what_is_to_be_said_of_the_networks(make_card, make_check):
    card = make_card(make_check("passes"))
    text = feedback_html(card, title="Toy", found=BRIEF, brief=BRIEF, network_note="Softmax is in the loss.")
    assert "Every layer is as the brief asks. Softmax is in the loss." in text

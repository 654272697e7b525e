"""A student's text in nbconvert's own rendering: no element, no attribute and no macro that does anything."""

from __future__ import annotations

import re

import bs4
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from autograder.gradebook.inert_text import inert_markdown, shown_as_typed
from tests.hostile_text import HOSTILE

HONEST = (
    "**Adam** wins: 0.025 against 1.4, i.e. *56 times* lower.\n\n- SGD is second\n- Adadelta's step is 0.001",
    "Because $\\frac{\\partial L}{\\partial w} \\approx 0$ and $w_{t+1} = w_t - \\eta \\nabla L$, it barely moves.",
    "$$\\begin{aligned} n &= \\left\\lfloor \\frac{28 - 3}{2} \\right\\rfloor + 1 \\\\ &= 13 \\end{aligned}$$",
    "| layer | shape |\n|:--|--:|\n| Conv2D | 13 × 13 × 64 |",
    '```python\nfor k in (1, 3): print("a\\n", x[0][k] & 7, 1 < 2)\n```',
    "## Why?\n\n1. It's 5 < 6 & 7 > 3.\n2. `x = y * 2`, see [Zeiler 2012], p. 3.\n\n> quoted\n\n---\n\nGrüße 😀 →",
)

ALLOWED = {
    *("p", "strong", "em", "del", "code", "pre", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("ul", "ol", "li", "blockquote", "hr", "br", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th"),
    *("td", "input"),
}
"""Elements that Markdown makes of text; `input` is the box of a list of tasks."""

NAMED = re.compile(r"\\([A-Za-z]+)")
DOES_MORE = {
    *("href", "url", "class", "cssId", "style", "require", "unicode", "def", "newcommand", "renewcommand", "let"),
    *(
        "newenvironment",
        "html",
        "data",
        "includegraphics",
        "bbox",
        "mmlToken",
        "texttip",
        "mathtip",
        "toggle",
        "action",
    ),
    *("DeclareMathOperator", "csname", "ref", "eqref", "label", "enclose", "colorbox", "fcolorbox", "Newextarrow"),
}


def doing(text):
    """Everything more than text in what nbconvert makes of a text, with the settings of nbgrader_config.py."""
    try:
        shown = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(text)
    except InvalidNotebook as error:  # it stops the whole page
        return [str(error)]
    page = bs4.BeautifulSoup(shown, "html.parser")
    found = [str(tag)[:200] for tag in page.find_all(True) if tag.name not in ALLOWED]
    found += [
        f"{name} of {tag.name}"
        for tag in page.find_all(True)
        for name in tag.attrs
        if name not in ("class", "style", "type", "disabled", "checked")
    ]
    found += [str(tag)[:200] for tag in page.find_all(class_="mermaid")]
    return found + [name for name in NAMED.findall(page.get_text()) if name in DOES_MORE]


def test_the_hostile_texts_do_something_where_they_are_not_made_inert():
    harmless = [text for text in HOSTILE if not doing(text)]
    assert len(harmless) < len(HOSTILE) / 5, harmless  # those need another reader than nbconvert


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text):
    assert doing(inert_markdown(text)) == []


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_stays_as_it_is(text):
    assert inert_markdown(text) == text


PIECES = [
    *("[", "]", "(", ")", "<", ">", "!", ":", "//", "&", "#", ";", "\\", "$", "$$", "`", "```", "~~~", "\n", " ", "\t"),
    *(
        "a",
        "x",
        "1",
        "javascript:",
        "data:text/html,",
        "vbscript:",
        "https://x.de/",
        "www.x.de",
        "a@b.de",
        "attachment:",
    ),
    *("href", "{x}", "&colon;", "&#58;", "&#x3a;", "&Tab;", "&lbrack;", "&bsol;", "\u200b", "\u00ad", "\x00", "\x1b"),
    *(
        "mermaid",
        "<a href=",
        "<img src=x onerror=",
        "<!--",
        "-->",
        '"',
        "'",
        "[1]: ",
        "- ",
        "> ",
        "| a |",
        "^",
        "*",
        "_",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_no_text_is_more_than_text(pieces):
    assert doing(inert_markdown("".join(pieces))) == []


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_an_inert_text_is_inert_already(pieces):
    once = inert_markdown("".join(pieces))
    assert inert_markdown(once) == once


@pytest.mark.parametrize("piece", ["<", "&", "]", "\\", "`", "~", "@", "\n", " ", "&amp;", "](", "\\a", "\x00", "```"])
def test_a_long_text_takes_no_longer_than_its_length_asks(piece):
    """Each pattern looks at a bounded number of characters from where it begins; the text stays as long, or doubles."""
    text = piece * 100_000
    assert len(inert_markdown(text)) <= 2 * len(text) + 5


@pytest.mark.parametrize("name", ["s01", "O'Brien", "anna & bob", "=1+1", "café", "a;b", "{x}", "$5"])
def test_ordinary_names(name):
    assert shown_as_typed(name)


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", 'x" onmouseover="alert(1)', "a\\href", "a&lt;b", "a&#92;b", "&copy"]
)
def test_names_that_a_page_would_take_for_more(name):
    assert not shown_as_typed(name)

"""A card is well-formed HTML in which nothing that a student wrote is markup."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnnkit.card import card
from cnnkit.session import Session
from cnnkit.submission_file import SubmissionFile

EVIL = "<script>alert('1')</script> & \"x\""


def test_title_and_lines_are_text():
    root = ElementTree.fromstring(card(EVIL, [EVIL, "two"]))
    assert [(element.tag, element.text) for element in root] == [("strong", EVIL), ("div", EVIL), ("div", "two")]


def test_without_title_or_lines():
    assert [element.tag for element in ElementTree.fromstring(card("", ["one"]))] == ["div"]
    assert list(ElementTree.fromstring(card("", []))) == []


@pytest.mark.parametrize(
    "shown",
    [Session("mnist_convnet", EVIL, 1), SubmissionFile(Path("a.zip"), 1, (EVIL,), (EVIL,), (EVIL,))],
    ids=["session", "hand-in"],
)
def test_what_a_notebook_shows_is_what_is_printed(shown):
    root = ElementTree.fromstring(shown._repr_html_())
    assert [element.text for element in root] == [line.strip() for line in repr(shown).splitlines()]

"""A card in a notebook: a title and lines of text beside a coloured border."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_STYLE = "border-left:4px solid #3b78b5;padding:.3em .9em;line-height:1.6"


def card(title: str, lines: Iterable[str]) -> str:
    """HTML of a card; title and lines are plain text and are escaped.

    Args:
        title: shown in bold; "" for a card without one.
        lines: one below the other. Whatever they say they also say without colour.

    Example:
        >>> card("Points", ["1 < 2"]).partition(">")[2]
        '<strong>Points</strong><div>1 &lt; 2</div></div>'
    """
    head = f"<strong>{escape(title)}</strong>" if title else ""
    return f'<div style="{_STYLE}">{head}{"".join(f"<div>{escape(line)}</div>" for line in lines)}</div>'

"""Text that may come from a student, made fit to print: no control characters, no terminal codes, no endless lines."""

from __future__ import annotations

import re
import unicodedata

_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
_KEPT = {"\n", "\t"}
# Characters that turn the reading direction or stay invisible could make a page say something else than it holds.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str, limit: int = 4_000) -> str:
    r"""The text without terminal codes, control and invisible characters; cut after `limit` characters, and saying so.

    Line breaks and tabs stay.

    Example:
        >>> plain("\x1b[31mred\x1b[0m")
        'red'
    """
    cut = text[: 2 * limit]
    cut = _TERMINAL.sub("", cut.replace("\r\n", "\n").replace("\r", "\n"))
    cut = "".join(c for c in cut if c in _KEPT or unicodedata.category(c) not in _HIDDEN)
    if len(cut) > limit or len(text) > 2 * limit:
        return f"{cut[:limit].rstrip()} … (shortened: {len(text):,} characters in all)"
    return cut


def one_line(text: str, limit: int = 100) -> str:
    """The text on one line, cut with an ellipsis after `limit` characters."""
    line = " ".join(plain(text, 4 * limit).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def points(value: float) -> str:
    """Points as one writes them: 6, 4.5, 0.33."""
    return f"{round(value, 2):g}"

"""Text of unknown origin made printable: no terminal codes, no control or invisible characters, bounded length."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from cnnkit.linear_pattern import compile_linear

_TERMINAL = compile_linear(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)?|[ -/]++[0-~]|[78=>c])?")
"""Escape sequences of a terminal; Keras puts colours into some of its errors."""

_LAYOUT = {"\n", "\t"}

_HIDDEN = {"Cc", "Cf", "Co", "Cn"}
"""Unicode categories of characters that are invisible or turn the reading direction: with them a page could say
something other than what it holds."""

_NEAR = 0.5
"""Similarity from which on a name counts as a misspelling of another one (`difflib`)."""


def encodable(text: str, longest: int | None = None) -> str:
    r"""The text with lone surrogates, which cannot be written as UTF-8, spelled out.

    Args:
        text: of any origin.
        longest: number of characters at most; no limit by default.

    Example:
        >>> encodable("half a character: \ud83d")
        'half a character: \\ud83d'
    """
    return text[:longest].encode("utf-8", "backslashreplace").decode("utf-8")[:longest]


def printable(text: str, longest: int = 4_000) -> str:
    r"""The text without terminal codes, control and invisible characters. Line breaks and tabs stay.

    Args:
        text: of any origin and length.
        longest: number of characters at most; a longer text is cut, with a note.

    Example:
        >>> printable("\x1b[31mred\x1b[0m")
        'red'
    """
    cut = _visible(text[: 2 * longest].replace("\r\n", "\n").replace("\r", "\n"))
    if len(cut) > longest or len(text) > 2 * longest:
        return f"{cut[:longest].rstrip()} … (shortened: {len(text):,} characters in all)"
    return cut


def one_line(value: object, longest: int = 600) -> str:
    """The text of any object on one line, safe to show and save. It never raises.

    An object whose text cannot be had is named by its type.

    Args:
        value: any object; a student's own class may raise whatever it likes in `__str__`.
        longest: number of characters at most; a longer text is cut and ends in an ellipsis.

    Example:
        >>> one_line("a    b"), one_line("x" * 10, longest=5)
        ('a b', 'xxxx…')
    """
    try:
        text = value if type(value) is str else str(value)
    except Exception:  # the object's own, or an integer of more than 4,300 digits
        text = f"an object of type {type(value).__name__}"
    return shorten(" ".join(_visible(" ".join(text[: 4 * longest].split())).split()), longest)


def shorten(text: str, longest: int) -> str:
    """The text, cut with an ellipsis if it has more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The question "Did you mean 'mnist'?" for a misspelled name, or "" if no known name is near.

    Case is ignored, and "-" equals "_".

    Example:
        >>> did_you_mean("MNSIT", ["mnist", "birds_mammals"]), did_you_mean("cats", ["mnist"])
        ("Did you mean 'mnist'?", '')
    """
    spelled = {one.lower(): one for one in known}
    near = get_close_matches(one_line(name, 100).lower().replace("-", "_"), spelled, 1, _NEAR)
    return f"Did you mean {spelled[near[0]]!r}?" if near else ""


def _visible(text: str) -> str:
    kept = (c for c in _TERMINAL.sub("", text) if c in _LAYOUT or unicodedata.category(c) not in _HIDDEN)
    return encodable("".join(kept))

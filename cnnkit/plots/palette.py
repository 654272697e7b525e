"""Colours and markers that the course's pictures share; dark ink on a white card is readable on any background."""

from __future__ import annotations

INK = "#1f2328"
PALE_INK = "#5b636d"
LINE = "#c3c9d1"
PAPER = "#ffffff"

SERIES = (
    ("#0b5fa5", "o"),
    ("#b3490b", "s"),
    ("#0f7a5a", "^"),
    ("#7b3fa0", "D"),
    ("#5b636d", "v"),
    ("#9a1750", "P"),
)
"""Colour and Matplotlib marker of the first, second, ... series; each of at least 4.5:1 contrast on the card."""

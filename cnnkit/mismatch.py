"""A failed check as data: what was looked at, what was expected, what was found, what follows, what to try."""

from __future__ import annotations

from cnnkit.errors import KitError
from cnnkit.text import one_line

LONGEST_PART = 600
"""Characters of one part of a message (what, expected, found): it may quote what a student's code returned."""

LONGEST_CONSEQUENCE = 4_000
"""Characters of the consequence, which may list several differences."""


class Mismatch(KitError, AssertionError):
    """What a student wrote differs from what the brief asks for.

    The same exception serves the public checks in the notebook and the hidden rubric, so that both speak alike.

    Args:
        what: the thing looked at, as the student knows it ("the second Conv2D, padding"). Required.
        expected: what the brief asks for; leave it out when the brief does not state it.
        found: what came.
        consequence: what follows from the difference, in shapes, parameters or losses.
        hint: what to try next, or where to look. Never the answer itself.

    Example:
        >>> str(Mismatch("strides of the first Conv2D", expected=(2, 2), found=(1, 1)))
        'strides of the first Conv2D: expected (2, 2), found (1, 1).'
    """

    def __init__(
        self,
        what: str,
        *,
        expected: object = None,
        found: object = None,
        consequence: str = "",
        hint: str = "",
    ) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        self.consequence = consequence
        self.hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What was expected and what was found, in one or two plain sentences on one line."""
        parts = []
        if self.expected is not None:
            parts.append(f"expected {one_line(self.expected, LONGEST_PART)}")
        if self.found is not None:
            parts.append(f"found {one_line(self.found, LONGEST_PART)}")
        first = one_line(self.what, LONGEST_PART) + (": " + ", ".join(parts) if parts else "")
        return f"{_sentence(first)} {_sentence(one_line(self.consequence, LONGEST_CONSEQUENCE))}".strip()


def _sentence(text: str) -> str:
    """The text with an end: a full stop, unless it has one or another sign that ends a sentence."""
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."

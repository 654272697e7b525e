"""A failed check as data: subject, expected, found, consequence and hint."""

from __future__ import annotations

from cnnkit.errors import KitError
from cnnkit.text import one_line

LONGEST_PART = 600
"""Characters of a message's subject, and of what was expected."""

LONGEST_FOUND = 200
"""Characters of what was found: it quotes a student's value, which may hold whatever the function was called with."""

LONGEST_CONSEQUENCE = 4_000
"""Characters of the consequence, which may list several differences."""


class Mismatch(KitError, AssertionError):
    """Difference between a student's work and the specification of the assignment (its brief).

    Public checks in the notebook and the hidden rubric raise the same exception, so that their messages are alike.

    Args:
        what: the subject of the check, as the student knows it ("the second Conv2D, padding").
        expected: the value that the specification states; None if it does not state one.
        found: the value in the student's work.
        consequence: effect of the difference on shapes, parameters or losses.
        hint: what to try next, or where to look; never the answer itself.

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
        """Subject, expected, found and consequence in one or two sentences on one line."""
        parts = []
        if self.expected is not None:
            parts.append(f"expected {one_line(self.expected, LONGEST_PART)}")
        if self.found is not None:
            parts.append(f"found {one_line(self.found, LONGEST_FOUND)}")
        first = one_line(self.what, LONGEST_PART) + (": " + ", ".join(parts) if parts else "")
        return f"{_sentence(first)} {_sentence(one_line(self.consequence, LONGEST_CONSEQUENCE))}".strip()


def _sentence(text: str) -> str:
    """Add a full stop, unless the text ends in a mark that ends a sentence."""
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."

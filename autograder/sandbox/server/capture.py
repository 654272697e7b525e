"""Bounded capture of what a cell prints: the first kilobytes are stored, the rest is counted and discarded."""

from __future__ import annotations

import io


class BoundedText(io.TextIOBase):
    """A text stream that keeps at most `limit` characters and counts all of them."""

    encoding = "utf-8"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.written = 0
        self._parts: list[str] = []

    def writable(self) -> bool:
        """True, always."""
        return True

    def write(self, text: str) -> int:
        """Store what fits; return the length of the text, as a stream does."""
        room = self.limit - self.written
        if room > 0:
            self._parts.append(text[:room])
        self.written += len(text)
        return len(text)

    def getvalue(self) -> str:
        """Return the stored text."""
        return "".join(self._parts)

"""Remarks on right answers, which cost no points: a tensor instead of an array, a network without softmax.

A check makes them with `remark`; the code that runs checks collects them with `collecting`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cnnkit.text import one_line

MOST_REMARKS = 3
"""Limit of the remarks of one check: more would hide what matters."""

_collected: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


def remark(sentence: str) -> None:
    """Add a remark on a right answer; outside of `collecting` it is ignored."""
    remarks = _collected.get()
    line = one_line(sentence)
    if remarks is not None and line not in remarks and len(remarks) < MOST_REMARKS:
        remarks.append(line)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """Context that collects remarks in the list it yields.

    Example:
        >>> with collecting() as remarks:
        ...     remark("A list counts for an array.")
        >>> remarks
        ['A list counts for an array.']
    """
    remarks: list[str] = []
    token = _collected.set(remarks)
    try:
        yield remarks
    finally:
        _collected.reset(token)

"""What is worth saying of an answer that is right: a tensor where an array was asked for, a network without softmax.

A check says it with `remark`; whoever runs checks collects what was said with `collecting`. It costs no points.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cnnkit.text import one_line

MOST_REMARKS = 3
"""Of one check: more would hide what matters."""

_collected: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


def remark(sentence: str) -> None:
    """Say something about an answer that counts all the same; nothing happens where nobody collects."""
    said = _collected.get()
    line = one_line(sentence)
    if said is not None and line not in said and len(said) < MOST_REMARKS:
        said.append(line)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """Within this context remarks are added to the list that it gives.

    Example:
        >>> with collecting() as said:
        ...     remark("A list counts for an array.")
        >>> said
        ['A list counts for an array.']
    """
    said: list[str] = []
    token = _collected.set(said)
    try:
        yield said
    finally:
        _collected.reset(token)

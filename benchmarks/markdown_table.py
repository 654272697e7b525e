"""Markdown tables, and words for figures that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str] | None]) -> Iterator[str]:
    """The lines of a table and an empty one after it; nothing if there is no row.

    Args:
        heading: of the columns.
        rows: cells by row; None for a row that is left out.
    """
    known = [row for row in rows if row is not None]
    if known:
        yield "| " + " | ".join(heading) + " |"
        yield "|" + "---|" * len(heading)
        for row in known:
            yield "| " + " | ".join(row) + " |"
        yield ""


def shown(found: Mapping[str, Any], key: str, form: str) -> str:
    """A figure in words, "" if it was not measured.

    Example:
        >>> shown({"seconds_60": 22.61}, "seconds_60", "{:.1f} s")
        '22.6 s'
    """
    return form.format(found[key]) if found.get(key) is not None else ""


def when_measured(found: Mapping[str, Any], parts: Iterable[str]) -> str:
    """The days on which parts were measured, with their commits: "2026-11-30 (c0ffee1)"."""
    measured = found.get("measured", {})
    days = {f"{measured[name]['date']} ({measured[name]['commit']})" for name in parts if name in measured}
    return ", ".join(sorted(days))

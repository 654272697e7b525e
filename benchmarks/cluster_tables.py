"""The table of docs/cluster.md: what a class of 10,000 costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_table import markdown_table, when_measured
from parts import PARTS

Found = Mapping[str, Any]

SIZE = 10_000
TENTH = SIZE // 10

PIECES = (
    ("submissions", "a tenth, graded by two workers", False),
    ("scheduler", "the others: read, sent, judged, written", False),
    ("tables", "grades.csv", True),
    ("similarity", "similar records", True),
    ("freshness", "all up to date", True),
    ("gradebook", "gradebook (SQLite)", True),
)
"""Keys of the figures, how they are called, and whether the tenth is measured beside all."""

STEPS = (("first", "gradebook (PostgreSQL)"), ("all changed", "gradebook (PostgreSQL), every mark changed"))


def cluster_tables(found: Found) -> str:
    """The tables as Markdown, without rows for figures that were not measured; a sentence if there is none.

    Args:
        found: the content of `latest.json`.
    """
    lines = [*_pieces(found), *_projection(found)]
    if not lines:
        return "Not measured yet: `make bench-scale` does."
    days = when_measured(found, [part.name for part in PARTS if part.scale])
    return "\n".join([f"Measured by `make bench-scale` on {days}.", "", *lines]).strip()


def _pieces(found: Found) -> Iterator[str]:
    rows = [_piece(found, f"{SIZE}", "tenth", key, name, growing) for key, name, growing in PIECES]
    rows += [_piece(found, f"postgresql_{SIZE}", "postgresql_tenth", key, name, True) for key, name in STEPS]
    heading = ("part", "time", "processor time", "memory", "times as long as for a tenth")
    yield from markdown_table(heading, rows)


def _piece(found: Found, all_of_it: str, tenth: str, key: str, name: str, growing: bool) -> Sequence[str] | None:
    seconds = found.get(f"seconds_{all_of_it}", {}).get(key)
    if seconds is None:
        return None
    processor = found.get(f"cpu_{all_of_it}", {}).get(key)
    mb = found.get(f"mb_{all_of_it}", {}).get(key)
    fewer = found.get(f"seconds_{tenth}", {}).get(key)
    return (
        name,
        f"{seconds:,.1f} s",
        "" if processor is None else f"{processor:,.1f} s",
        "" if mb is None else f"{mb:,.0f} MB",
        f"{seconds / fewer:.1f}" if growing and fewer else "",
    )


def _projection(found: Found) -> Iterator[str]:
    """What all 10,000 would take, as far as that follows from the tenth's processor time."""
    processor = found.get(f"cpu_{SIZE}", {}).get("submissions")
    graded = found.get(f"submissions_{SIZE}", {}).get("submissions")
    if not processor or not graded:
        return
    each = processor / graded
    rows = [
        (f"{workers} worker process{'es' if workers > 1 else ''}", _duration(SIZE * each / workers))
        for workers in (1, 8, 64)
    ]
    yield f"A submission with four training records takes {each:.2f} s of processor time, so {SIZE:,} take:"
    yield ""
    yield from markdown_table(("on cores of their own", "time"), rows)


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds > 5_400 else f"{seconds / 60:.0f} minutes"

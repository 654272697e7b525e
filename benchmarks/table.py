"""Write the figures of `benchmarks/latest.json` as tables into docs/performance.md.

Usage: python benchmarks/table.py, after `make bench`
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- figures: written by benchmarks/table.py -->\n", "<!-- end of figures -->\n"
SIZES = (60, 300, 1000)


def tables(found: Mapping[str, Any]) -> str:
    """The tables as Markdown, without rows for figures that were not measured.

    Args:
        found: the content of `latest.json`.
    """
    machine = found["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, Keras {machine['keras']}"
    return f"Measured on: {where}, TensorFlow {machine['tensorflow']}.\n\n" + "\n".join(
        [*_classes(found), "", *_goals(found), "", *_spent(found)]
    )


def _classes(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| class | first grading | each | after a change of the rubric | all up to date | peak memory |"
    yield "|---|---|---|---|---|---|"
    rows = [(f"{size:,} notebooks", f"{size}", size) for size in SIZES]
    rows.append((f"{SIZES[0]}, records verified", f"verified_{SIZES[0]}", SIZES[0]))
    for name, key, size in rows:
        if f"seconds_{key}" in found:
            kinds = ("seconds_", "seconds_regrade_", "seconds_unchanged_", "peak_mb_")
            first, regrade, unchanged, peak = (found[f"{kind}{key}"] for kind in kinds)
            seconds = f"{first:,.1f} s | {first / size:.2f} s | {regrade:.1f} s | {unchanged:.1f} s"
            yield f"| {name} | {seconds} | {peak:,.0f} MB |"


def _goals(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| figure | measured | goal |"
    yield "|---|---|---|"
    for name, key, shown, goal in (
        (
            "stock `nbgrader autograde`, the same checks",
            "times_faster_than_nbgrader_capped",
            "{:.0f} times slower",
            "25",
        ),
        (
            f"the same with its 30 epochs{_estimated(found)}",
            "times_faster_than_nbgrader_full",
            "{:.0f} times slower",
            "500",
        ),
        ("a worker against one warm process without isolation", "times_floor", "{:.2f} times", "at most 1.5"),
        ("300 notebooks, start included", "seconds_300", "{:.0f} s", "300 s"),
        ("300 after a change of the rubric", "seconds_regrade_300", "{:.1f} s", "10 s"),
        ("two workers with everything, peak memory", "peak_mb_two_workers", "{:,.0f} MB", "1,000 MB"),
        ("memory that the second worker adds", "mb_per_worker", "{:.0f} MB", "350 MB"),
        ("verifying three records, processor time", "seconds_verify_per_submission", "{:.2f} s", "1.5 s"),
        ("writing a mark into the gradebook", "seconds_gradebook_each", "{:.2f} s", ""),
    ):
        if key in found:
            yield f"| {name} | {shown.format(found[key])} | {goal} |"


def _estimated(found: Mapping[str, Any]) -> str:
    measured = found.get("full_epochs_measured", 10)
    return "" if measured == 10 else f", estimated from {3 * measured}"


def _spent(found: Mapping[str, Any]) -> Iterator[str]:
    spent = found.get("seconds_floor_of", {})
    if spent:
        yield "| part of a submission | time |"
        yield "|---|---|"
        yield from (f"| {what} | {seconds:.2f} s |" for what, seconds in sorted(spent.items(), key=lambda one: -one[1]))


def with_tables(text: str, found: Mapping[str, Any]) -> str:
    """The page with its tables replaced.

    Args:
        text: the page, with the comments BEGIN and END around its tables.
        found: the content of `latest.json`.

    Raises:
        ValueError: one of the comments is missing.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"expected {BEGIN.strip()!r} and {END.strip()!r} in the page")
    return f"{before}{BEGIN}\n{tables(found)}\n\n{END}{after}"


def main() -> None:
    """Write the page."""
    page = ROOT / "docs" / "performance.md"
    found = json.loads((ROOT / "benchmarks" / "latest.json").read_text(encoding="utf-8"))
    page.write_text(with_tables(page.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write the figures of `benchmarks/latest.json` into the pages and the picture that are made from them.

Usage: python benchmarks/table.py; `run.py` does so by itself
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cluster_tables import cluster_tables
from latest_figures import LATEST
from performance_tables import performance_tables
from picture import picture

from cnnkit.atomic_write import write_atomically

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- figures: written by benchmarks/table.py -->\n", "<!-- end of figures -->\n"
PICTURE = "docs/images/class-sizes.svg"

TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "docs/performance.md": performance_tables,
    "docs/cluster.md": cluster_tables,
}
"""For each page, what makes the text between BEGIN and END."""


def pages(found: Mapping[str, Any], root: Path = ROOT) -> dict[str, str]:
    """The content of every file that is made from the figures, by its path.

    Args:
        found: the content of `latest.json`.
        root: the checkout.
    """
    texts = {path: (root / path).read_text(encoding="utf-8") for path in TABLES}
    return {path: with_tables(text, TABLES[path](found)) for path, text in texts.items()} | {PICTURE: picture(found)}


def with_tables(text: str, tables: str) -> str:
    """A page with its tables replaced.

    Args:
        text: the page, with the comments BEGIN and END around its tables.
        tables: the new ones.

    Raises:
        ValueError: one of the comments is missing.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"expected {BEGIN.strip()!r} and {END.strip()!r} in the page")
    return f"{before}{BEGIN}\n{tables}\n\n{END}{after}"


def write_pages(found: Mapping[str, Any]) -> None:
    """Write all files that are made from the figures."""
    for path, text in pages(found).items():
        write_atomically(ROOT / path, text.encode())


if __name__ == "__main__":
    write_pages(json.loads(LATEST.read_text(encoding="utf-8")))

"""`benchmarks/latest.json`: the figures of all parts, the ratios computed from them, and when each was measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from machine import machine
from part_results import FOLDER, PartResult, read_result, rounded
from parts import Part
from ratios import ratios

from cnnkit.atomic_write import write_atomically

LATEST = Path(__file__).resolve().parent / "latest.json"


def merged(results: Iterable[PartResult], earlier: Mapping[str, Any], here: Mapping[str, str]) -> dict[str, Any]:
    """The content of `latest.json`: all figures, the ratios computed from them, and when each part was measured.

    Args:
        results: of the parts; those of other machines are left out.
        earlier: the content so far: its figures stay for the parts that have no result, if the machine is the same.
        here: this machine.
    """
    same = earlier if earlier.get("machine") == here else {}
    found: dict[str, Any] = {"machine": dict(here)}
    measured: dict[str, Any] = {}
    fresh = {result.part: result for result in results if result.machine == here}
    for name, entry in same.get("measured", {}).items():
        if name not in fresh:
            measured[name] = entry
            for figure, keys in entry["figures"].items():
                old = same.get(figure)
                _add(found, figure, {key: old[key] for key in keys} if keys and isinstance(old, dict) else old)
    for name, result in fresh.items():
        keys = {figure: sorted(value) if isinstance(value, dict) else [] for figure, value in result.figures.items()}
        measured[name] = {
            "date": result.date,
            "commit": result.commit,
            "seconds": result.seconds,
            "processor": result.processor,
            "figures": keys,
        }
        for figure, value in result.figures.items():
            _add(found, figure, value)
    found |= {name: rounded(value) for name, value in ratios(found).items()}
    return found | {"measured": dict(sorted(measured.items()))}


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    """Add a figure; numbers by name are added to those that other parts have found."""
    if isinstance(value, dict):
        found[name] = found.get(name, {}) | value
    elif value is not None:
        found[name] = value


def update_latest(parts: Iterable[Part], path: Path = LATEST, folder: Path = FOLDER) -> dict[str, Any]:
    """Write `latest.json` from the stored results; its content."""
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results = [result for part in parts if (result := read_result(part.name, folder)) is not None]
    content = merged(results, earlier, machine())
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())
    return content

"""Ratios computed from measured figures: how many times faster than other graders, and how near the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMPARED = 60
"""Submissions of the class that is compared with other graders."""


def ratios(found: Mapping[str, Any]) -> dict[str, float]:
    """The ratios whose figures are known, by name.

    Start and gradebook are on both sides. Only `times_floor` leaves the gradebook out, which the floor does not have.

    Args:
        found: figures as in `latest.json`.
    """
    computed: dict[str, float] = {}

    def divide(name: str, above: float | None, below: float | None) -> None:
        if above and below:
            computed[name] = above / below

    stock = found.get(f"seconds_nbgrader_capped_{COMPARED}")
    verified = found.get(f"seconds_verified_{COMPARED}")
    training = found.get("seconds_full_training")
    divide("times_faster_than_nbgrader_capped", stock, found.get(f"seconds_{COMPARED}"))
    for size in (300, 1_000):
        theirs = found.get(f"seconds_nbgrader_capped_{size}")
        divide(f"times_faster_than_nbgrader_capped_{size}", theirs, found.get(f"seconds_{size}"))
    full = stock + COMPARED * training if stock and training else None
    divide("times_faster_than_nbgrader_full", full, verified)
    divide("times_faster_than_otter", found.get(f"seconds_otter_{COMPARED}"), found.get(f"seconds_{COMPARED}"))
    floor = found.get("cpu_floor_each")
    whole, start = found.get(f"cpu_verified_{COMPARED}_without_gradebook"), found.get("cpu_start")
    divide("times_floor", whole / COMPARED if whole else None, floor)
    divide("times_floor_without_start", (whole - start) / COMPARED if whole and start else None, floor)
    return computed

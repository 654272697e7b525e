"""nbgrader's gradebook of a large class on PostgreSQL, measured by `gradebook.py`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from parts import Figures, PartContext
from processor_time import measure as measure_command

STEP = re.compile(
    r"^(?P<students>\d+) students, (?P<step>[^:]+): (?P<cpu>[\d.]+) s of CPU .*server (?P<server>[\d.]+) s, "
    r"wall (?P<seconds>[\d.]+) s.*peak (?P<mb>[\d.]+) MB",
    re.MULTILINE,
)
"""A line of its output."""


def measure(context: PartContext) -> Figures:
    """Figures of a tenth of the students and of all, by step: seconds, processor seconds of both sides, memory."""
    sizes = (context.size // 10, context.size)
    script = Path(__file__).with_name("gradebook.py")
    command = [sys.executable, script, "--database", "postgresql", "--students", *map(str, sizes)]
    return figures_of(measure_command(command).output, context.size)


def figures_of(output: str, size: int) -> Figures:
    """The figures in the output of `gradebook.py`.

    Raises:
        ValueError: it has no line for all students.

    Example:
        >>> line = "50 students, first: 2.0 s of CPU (0.04 s each), server 1.5 s, wall 4.0 s; peak 90 MB"
        >>> figures_of(line, 50)["cpu_postgresql_50"]
        {'first': 3.5}
    """
    found: Figures = {}
    for line in STEP.finditer(output):
        key = f"postgresql_{size}" if int(line["students"]) == size else "postgresql_tenth"
        found.setdefault(f"seconds_{key}", {})[line["step"]] = float(line["seconds"])
        found.setdefault(f"cpu_{key}", {})[line["step"]] = float(line["cpu"]) + float(line["server"])
        found.setdefault(f"mb_{key}", {})[line["step"]] = float(line["mb"])
    if f"seconds_postgresql_{size}" not in found:
        raise ValueError(f"expected figures of {size} students, found: {output[:300]!r}")
    return found

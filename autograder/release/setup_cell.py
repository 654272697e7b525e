"""The set-up cell: one template for all notebooks, to which each adds what it imports besides.

The cell of a notebook's source begins with `# {{setup}}`. Below that line it is code that runs as it is::

    # {{setup}}
    import math

    import keras
    import numpy as np

    import cnnkit

Its imports go among those of solutions/setup_cell.py, each once and in the usual order; what follows them takes the
place of `# {{notebook}}` there.
"""

from __future__ import annotations

import re
import sys

from autograder.course.config import Course
from autograder.release.release_error import ReleaseError

SETUP = "# {{setup}}"
NOTEBOOK = "# {{notebook}}"

_IMPORT = re.compile(r"(?:import|from) ([A-Za-z_]\w*)[^(\\]*")
"""An import in one line; one that goes on in the next is left where it is."""

_IMPORTS = re.compile(r"(?:^(?:import|from) .*\n)+", re.MULTILINE)


def complete_setup(source: str, course: Course) -> str:
    """Complete the set-up cell of a notebook from the course's template.

    Args:
        source: the cell, its first line `# {{setup}}`.
        course: whose solutions/setup_cell.py is meant.

    Returns:
        The template with the cell's imports and other lines in it. Its own placeholders are still to be filled in.

    Raises:
        ReleaseError: the template is missing, or not made as it has to be.
    """
    imports, others = _split(source.removeprefix(SETUP))
    template = _template(course)
    present = {line.strip() for line in template.splitlines()}
    added = [line for line in imports if line not in present]
    standard = [line for line in added if _module(line) in sys.stdlib_module_names]
    packages = [line for line in added if line not in standard]
    first, second = _IMPORTS.finditer(template)
    parts = (
        template[: first.start()],
        _merged(first.group(), standard),
        template[first.end() : second.start()],
        _merged(second.group(), packages),
        template[second.end() :],
    )
    return "".join(parts).replace(f"{NOTEBOOK}\n", others)


def _template(course: Course) -> str:
    """The code of the template's last cell."""
    import jupytext

    shown = course.layout.setup_cell().as_posix()
    path = course.root / shown
    if not path.is_file():
        raise ReleaseError(f"{shown} is missing: a cell that begins with {SETUP} is made from it.")
    source: str = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells[-1].source
    groups = len(_IMPORTS.findall(source))
    if groups != 2 or source.count(f"\n{NOTEBOOK}\n") != 1:
        raise ReleaseError(
            f"{shown}: expected two groups of imports (the standard library's, then packages) and one line {NOTEBOOK} "
            f"in its last cell, found {groups} and {source.count(NOTEBOOK)}."
        )
    return source


def _split(source: str) -> tuple[list[str], str]:
    """The imports at the beginning of a cell, and the lines after them, each with its line break."""
    lines = source.strip("\n").split("\n")
    end = next((number for number, line in enumerate(lines) if line and not _IMPORT.fullmatch(line)), len(lines))
    others = "\n".join(lines[end:])
    return [line for line in lines[:end] if line], others and f"{others}\n"


def _module(line: str) -> str:
    found = _IMPORT.match(line)
    return found.group(1) if found else ""


def _merged(group: str, added: list[str]) -> str:
    """A group of imports with more of them, sorted as Ruff's isort rules do: `import` before `from`, then by name."""
    lines = sorted([*group.splitlines(), *added], key=lambda line: (line.startswith("from "), line.lower()))
    return "".join(f"{line}\n" for line in lines)

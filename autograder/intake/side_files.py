"""Files that came in beside the notebook and may be used by its cells: modules, data, notebooks that it runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from autograder.intake import files, syntax
from autograder.intake.archive import SubmittedFiles
from autograder.intake.files import Entry
from autograder.intake.notebook_file import SubmittedCell
from cnnkit.text import one_line

MOST_FILES = 50
LARGEST_FILE = 5_000_000
LARGEST_IN_ALL = 20_000_000
"""Bounds on files that are handed to the notebook's process: their number, bytes of one, bytes of all."""

LONGEST_PATH = 200
LONGEST_SHOWN = 20_000
"""Characters of a path, and of a module's text that a reader of the repaired notebook is shown."""

_NOT_USED = (".zip", ".keras", ".h5", ".tar", ".gz", ".7z", ".rar")
"""Endings of archives and models: large, and no cell of a notebook under grading loads them."""


def collect_side_files(submitted: SubmittedFiles, cells: Iterable[SubmittedCell]) -> tuple[dict[str, bytes], list[str]]:
    """Read the files beside the notebook that its cells may read or import.

    Args:
        submitted: the files of the submission.
        cells: the cells of the notebook. A notebook counts as a side file only if a code cell names it.

    Returns:
        Content by path, modules first, and notes on modules that were left out.
    """
    code = [cell.source for cell in cells if cell.kind == "code"]
    wanted = [entry for entry in submitted.entries if _may_be_used(entry, code)]
    found: dict[str, bytes] = {}
    notes: list[str] = []
    left = LARGEST_IN_ALL
    for entry in sorted(wanted, key=lambda entry: (not entry.name.endswith(".py"), entry.path)):
        try:
            if len(found) >= MOST_FILES:
                raise files.Unreadable(f"is one of more than {MOST_FILES}")
            data = submitted.read(entry, min(LARGEST_FILE, left))
        except files.Unreadable as error:
            if _is_named(entry, code):
                notes.append(f"The file {one_line(entry.path, 80)}, which a cell names, cannot be used: it {error}.")
            continue
        found[entry.path] = data
        left -= len(data)
    return found, notes


def used_modules(side_files: dict[str, bytes], cells: Iterable[SubmittedCell]) -> dict[str, str]:
    """The text of the Python files that cells import, run or name, directly or through each other, by path."""
    modules = {path: data.decode("utf-8", "replace") for path, data in side_files.items() if path.endswith(".py")}
    waiting = [cell.source for cell in cells if cell.kind == "code"]
    used: dict[str, str] = {}
    while waiting and modules:
        source = waiting.pop(0)
        imported = syntax.imported_modules(source)
        for path in [path for path in modules if _module(path) in imported or PurePosixPath(path).name in source]:
            used[path] = modules.pop(path)
            waiting.append(used[path])
    return used


def _module(path: str) -> str:
    """Name of the top-level module or package that a file belongs to."""
    return PurePosixPath(path).parts[0].removesuffix(".py")


def _may_be_used(entry: Entry, code: list[str]) -> bool:
    path, name = PurePosixPath(entry.path), entry.name.lower()
    plain = not entry.problem and not path.is_absolute() and ".." not in path.parts and entry.path.isprintable()
    if not plain or len(entry.path) > LONGEST_PATH or path.parts[0].lower() == "records" or name.endswith(_NOT_USED):
        return False
    return ".ipynb" not in name or _is_named(entry, code)


def _is_named(entry: Entry, code: list[str]) -> bool:
    if entry.name.endswith(".py") and any(_module(entry.path) in syntax.imported_modules(source) for source in code):
        return True
    return any(entry.name in source for source in code)

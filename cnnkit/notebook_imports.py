"""Modules that a notebook imports: those that lie beside it, and those that no grader has."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from cnnkit.grading_packages import is_known_while_grading

_LARGEST_MODULE = 1_000_000
"""Bytes of a module beside the notebook that is handed in with it."""


def imported_by(notebook: bytes, folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Modules that a notebook imports: the files beside it, and the names of those that no grader has.

    Args:
        notebook: as JSON; nothing is found in one that cannot be read.
        folder: of the notebook.

    Returns:
        Content by file name, imports of imported files included, and the names in order.
    """
    try:
        cells = [cell for cell in json.loads(notebook)["cells"] if cell.get("cell_type") == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return {}, []
    files: dict[str, bytes] = {}
    absent = []
    waiting = sorted({name for source in sources for name in imported_modules(source)})
    for name in waiting:
        content = _module(folder / f"{name}.py")
        if content is not None:
            files[f"{name}.py"] = content
            more = imported_modules(content.decode("utf-8", "replace"))
            waiting += sorted(more.difference(waiting))
        elif not is_known_while_grading(name):
            absent.append(name)
    return files, absent


def _module(file: Path) -> bytes | None:
    """Content of a module; None if it does not exist, cannot be read or is too large."""
    try:
        return file.read_bytes() if file.stat().st_size <= _LARGEST_MODULE else None
    except OSError:
        return None


def imported_modules(source: str) -> set[str]:
    r"""Top-level modules that a cell imports; none if it is not Python. Lines of `%` and `!` are passed over.

    Example:
        >>> sorted(imported_modules("%matplotlib inline\nimport cv2 as cv, os.path\nfrom helper import build"))
        ['cv2', 'helper', 'os']
    """
    try:
        tree = ast.parse("\n".join(line for line in source.split("\n") if line.lstrip()[:1] not in ("%", "!")))
    except (SyntaxError, ValueError, RecursionError):
        return set()
    return modules_of(tree)


def modules_of(tree: ast.AST) -> set[str]:
    """Top-level modules that the code of a syntax tree imports, inside functions too.

    Example:
        >>> sorted(modules_of(ast.parse("import os.path, helper; from mynet import build")))
        ['helper', 'mynet', 'os']
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}

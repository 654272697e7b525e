"""Files that came in beside the notebook: written into the folder in which it runs, and importable from there."""

from __future__ import annotations

import ast
import importlib.machinery
import sys
from collections.abc import Mapping
from importlib.abc import PathEntryFinder
from pathlib import Path, PurePosixPath
from types import CodeType
from typing import Any

from autograder.sandbox.server.missing_imports import guarded


def write_files(files: Mapping[str, bytes]) -> None:
    """Write files into this process's folder.

    Args:
        files: content by path, relative to the folder, with "/" between the parts. A path that leads out of the folder,
            or to a file that is a folder, is left out.
    """
    for path, data in files.items():
        parts = PurePosixPath(path).parts
        if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\0" in path:
            continue
        target = Path(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except OSError:
            continue


def import_from(folder: str) -> None:
    """Let modules be imported from a folder, as Jupyter does from a notebook's.

    An import in them that fails is replaced as in a cell, see `autograder.sandbox.server.missing_imports`.
    """
    hook = importlib.machinery.FileFinder.path_hook((_SideFile, importlib.machinery.SOURCE_SUFFIXES))

    def beside(path: str) -> PathEntryFinder:
        if not Path(path or ".").absolute().is_relative_to(folder):
            raise ImportError("not beside the notebook")
        found: PathEntryFinder = hook(path)
        return found

    sys.path_hooks.insert(0, beside)
    sys.path[:] = [folder, *(entry for entry in sys.path if entry not in ("", folder))]
    sys.path_importer_cache.pop(folder, None)


def notice_new_files(folder: str) -> None:
    """Let the next import see files that were written a moment ago, such as by `%%writefile`."""
    finder: Any = sys.path_importer_cache.get(folder)
    if finder is not None:
        finder.invalidate_caches()


class _SideFile(importlib.machinery.SourceFileLoader):
    """Loader of a module beside the notebook."""

    # typeshed has a static method, but importlib calls it on the loader
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """The code of a module's source."""
        code: CodeType = compile(guarded(ast.parse(data, path)), path, "exec", dont_inherit=True, optimize=_optimize)
        return code

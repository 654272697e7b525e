"""Generation of assignments/ from solutions/: the notebooks that students get, made by nbgrader's own converter."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings, quiet_log
from autograder.release.build import build_source
from autograder.release.leak import leaks
from autograder.release.release_error import ReleaseError
from cnnkit.atomic_write import write_atomically

DIFF_LINES = 40
_IGNORED = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}
"""Files of editors and operating systems: never released, never reported."""


@dataclass(frozen=True)
class ReleaseChange:
    """A file that was, or with `check` would be, written or removed.

    Attributes:
        path: relative to the course's folder.
        kind: "added", "changed" or "removed".
        diff: unified diff of the text, at most 40 lines; "" for what is not text.
    """

    path: str
    kind: Literal["added", "changed", "removed"]
    diff: str = ""


def release(course: Course, names: Sequence[str] | None = None, check: bool = False) -> list[ReleaseChange]:
    """Rebuild solutions/NAME/NAME.ipynb and assignments/NAME/ from solutions/NAME/NAME.py.

    assignments/ then holds exactly what `nbgrader generate_assignment NAME` writes; files there that do not come from
    a source are removed. Nothing is written unless every assignment can be built and none leaks.

    Args:
        course: the course.
        names: the assignments, or None for all of course.toml; then all of assignments/ is compared.
        check: compare only, write nothing.

    Returns:
        The files that differ, sorted by path; empty when everything is up to date.

    Raises:
        CourseError: an unknown assignment, or no nbgrader_config.py.
        ReleaseError: a source cannot be built, or its release would give away an answer or a hidden test.
    """
    selected = course.names if names is None else list(dict.fromkeys(names))
    wanted: dict[str, bytes] = {}
    for name in selected:
        wanted.update(build_release(course, name))
    present = set(wanted)
    for name in selected:
        present |= set(_files(course.root, course.layout.release_folder(name)))
    if names is None:
        present |= set(_files(course.root, course.layout.release_root()))

    changes = [change for path in sorted(present) if (change := _compare(course.root / path, path, wanted.get(path)))]
    if not check:
        for change in changes:
            _apply(course.root, change, wanted.get(change.path))
    return changes


def build_release(course: Course, name: str) -> dict[str, bytes]:
    """Build the files of one assignment's release, without writing them.

    Returns:
        Their content by path, relative to the course: the source notebook, and what students get.

    Raises:
        CourseError, ReleaseError: as `release`.
    """
    source = build_source(course, name)
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        root = Path(folder).resolve()
        _copy_source(course, name, root, source)
        _convert(course, name, root)
        files = {path: (root / path).read_bytes() for path in _files(root, course.layout.release_folder(name))}
    found = leaks(course, name, files)
    if found:
        listed = "\n".join(f"  {leak}" for leak in found[:20])
        raise ReleaseError(f"the release of {name!r} gives away what students must not see:\n{listed}")
    return {course.layout.source_notebook(name).as_posix(): source, **files}


def _copy_source(course: Course, name: str, root: Path, source: bytes) -> None:
    """Copy the source folder to where nbgrader will read it, with the notebook just built."""
    folder = course.layout.source_folder(name)
    origin = course.root / folder
    others = sorted(path.name for path in origin.glob("*.ipynb") if path.stem != name)
    if others:
        raise ReleaseError(
            f"{folder.as_posix()} also holds {', '.join(others)}; nbgrader would release every notebook there. "
            f"Expected {name}.ipynb alone."
        )
    shutil.copytree(origin, root / folder, ignore=shutil.ignore_patterns(*_IGNORED))
    (root / course.layout.source_notebook(name)).write_bytes(source)


def _convert(course: Course, name: str, root: Path) -> None:
    """Run nbgrader's GenerateAssignment in `root`, without a database."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException

    config = nbgrader_settings(course)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    directory = course_directory(course, config, root=str(root), assignment_id=name)
    with quiet_log() as (log, lines):
        try:
            GenerateAssignment(coursedir=directory, config=config, log=log).start()
        except NbGraderException as error:
            reason = "\n".join(lines) or str(error)
            raise ReleaseError(f"nbgrader could not make the release of {name!r}:\n{reason}") from error


def _files(root: Path, folder: Path) -> Iterator[str]:
    """Yield every file below `folder`, as a path relative to `root`."""
    for parent, folders, files in os.walk(root / folder):
        folders[:] = sorted(set(folders) - _IGNORED)
        for file in sorted(set(files) - _IGNORED):
            yield (Path(parent) / file).relative_to(root).as_posix()


def _compare(path: Path, relative: str, wanted: bytes | None) -> ReleaseChange | None:
    """Compare a file with its wanted content (None: it should not exist); None if they are equal."""
    found = path.read_bytes() if path.is_file() else None
    if found == wanted:
        return None
    kind: Literal["added", "changed", "removed"]
    kind = "added" if found is None else "removed" if wanted is None else "changed"
    return ReleaseChange(path=relative, kind=kind, diff=_diff(relative, found or b"", wanted or b""))


def _diff(relative: str, found: bytes, wanted: bytes) -> str:
    try:
        old, new = found.decode("utf-8").splitlines(), wanted.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return ""
    lines = list(difflib.unified_diff(old, new, f"{relative} (now)", f"{relative} (from the source)", lineterm="", n=2))
    if len(lines) > DIFF_LINES:
        lines = [*lines[: DIFF_LINES - 1], f"... {len(lines) - DIFF_LINES + 1} more lines"]
    return "\n".join(line if len(line) <= 200 else line[:199] + "…" for line in lines)


def _apply(root: Path, change: ReleaseChange, wanted: bytes | None) -> None:
    path = root / change.path
    if wanted is None:
        path.unlink()
        for folder in path.parents:
            if folder == root or any(folder.iterdir()):
                break
            folder.rmdir()
        return
    write_atomically(path, wanted)

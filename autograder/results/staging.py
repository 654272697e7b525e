"""Staged files: written beside their targets, to be given their names once all of them are on disk.

Waiting for the disk takes longer than grading with cached evidence does, so the submissions of a class wait together:
workers stage what they have made, and one process commits whatever is ready. A process killed at any moment, and a
machine without power, leave old files or new ones.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cnnkit.atomic_write import write_temporary
from cnnkit.errors import KitError

_AT_ONCE = 8
"""Files that are waited for at once: the file system writes them together, eight times as fast as one after another."""


class DiskFull(KitError):
    """A result cannot be written because the disk, or what one may use of it, is full."""

    @classmethod
    def for_path(cls, path: Path, error: OSError) -> DiskFull:
        """The error of a file that could not be written, with what to do."""
        return cls(
            f"{path} cannot be written: {error.strerror}. Make room and give the same command again; everything that "
            "was written before is whole, and is not done again."
        )


@dataclass(frozen=True)
class StagedFile:
    """A file that waits for its name, or one that is to be removed.

    Attributes:
        path: its name.
        temporary: the file that waits, in the same folder; None if `path` is to be removed.
    """

    path: Path
    temporary: Path | None


def stage_files(contents: Iterable[tuple[Path, bytes | None]]) -> list[StagedFile]:
    """Write files under temporary names. Folders that are missing are made.

    Args:
        contents: path and content of each file, in the order in which they are to appear; None for a file that is to be
            removed.

    Returns:
        What to pass to `commit_files` or to `discard_files`.

    Raises:
        DiskFull: there is no room; none of the temporary files stays.
        OSError: they cannot be written for any other reason; none of them stays.
    """
    staged: list[StagedFile] = []
    try:
        for path, data in contents:
            try:
                staged.append(StagedFile(path, None if data is None else _written(path, data)))
            except OSError as error:
                raise _disk_full(path, error) from error
    except BaseException:
        discard_files(staged)
        raise
    return staged


def commit_files(staged: Sequence[StagedFile]) -> None:
    """Wait until all staged files are on disk, then give them their names, in order.

    Raises:
        DiskFull: there is no room. Files before this one have their names, and no temporary file stays.
        OSError: they cannot be written for any other reason; likewise.
    """
    (error,) = commit_groups([staged])
    if error is not None:
        raise error


def commit_groups(groups: Sequence[Sequence[StagedFile]]) -> list[OSError | None]:
    """Commit the files of several results, which wait for the disk together; one that fails costs no other one.

    Returns:
        For each group the error that kept it, or its last files, from being written; then no temporary file of it
        stays. None where all files have their names.

    Raises:
        DiskFull: there is no room. Groups before this one are written, and no temporary file stays.
    """
    waiting = [file for group in groups for file in group if file.temporary is not None]
    errors: list[OSError | None] = []
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            unsynced = dict(zip(map(id, waiting), pool.map(_synced, waiting), strict=True))
        for group in groups:
            errors.append(_commit_group(group, unsynced))
            if errors[-1] is not None:
                discard_files(group)
    except BaseException:
        for group in groups:
            discard_files(group)
        raise
    return errors


def _commit_group(group: Sequence[StagedFile], unsynced: Mapping[int, OSError | None]) -> OSError | None:
    try:
        for file in group:
            if (error := unsynced.get(id(file))) is not None:
                raise _disk_full(file.path, error) from error
        for file in group:
            if file.temporary is None:
                file.path.unlink(missing_ok=True)
            else:
                os.replace(file.temporary, file.path)
    except OSError as error:
        return error
    return None


def discard_files(staged: Iterable[StagedFile]) -> None:
    """Remove temporary files that have not been committed."""
    for file in staged:
        if file.temporary is not None:
            file.temporary.unlink(missing_ok=True)


def _written(path: Path, data: bytes) -> Path:
    """Write a temporary file that only its owner reads, in a folder that only its owner enters."""
    for folder in [*reversed(path.parent.parents), path.parent]:
        folder.mkdir(mode=0o700, exist_ok=True)
    return write_temporary(path, data, mode=0o600)


def _synced(file: StagedFile) -> OSError | None:
    """Wait until a file is on disk; the error that keeps it from there, if any."""
    assert file.temporary is not None
    try:
        descriptor = os.open(file.temporary, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return error
    return None


def _disk_full(path: Path, error: OSError) -> OSError | DiskFull:
    return DiskFull.for_path(path, error) if error.errno in (errno.ENOSPC, errno.EDQUOT) else error

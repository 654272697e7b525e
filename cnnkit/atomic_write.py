"""Atomic writing of files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, data: bytes | memoryview) -> None:
    """Write a file completely or not at all.

    The data is on disk before the file gets its name: a process killed at any moment leaves the old file or the new
    one. Folders that are missing are made.

    Args:
        path: the file; an earlier one is replaced.
        data: the complete content.

    Raises:
        OSError: the file cannot be written. An earlier one is unchanged.
    """
    temporary = write_temporary(path, data, sync=True)
    try:
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_temporary(path: Path, data: bytes | memoryview, *, sync: bool = False, mode: int = 0o644) -> Path:
    """Write a new file beside `path`, from where `os.replace` can move it there.

    Args:
        path: where the file is to go. Folders that are missing are made.
        data: the complete content.
        sync: True to wait until the data is on disk.
        mode: permissions of the file.

    Returns:
        Its path; its name begins with a dot and that of `path`.

    Raises:
        OSError: it cannot be written; nothing stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.chmod(temporary, mode)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)

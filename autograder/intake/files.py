"""Files of a submitted folder, and its digest: no link is followed, no device opened, and every size is bounded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnkit.errors import KitError

MAX_NOTEBOOK = 100_000_000
MAX_FILES = 500
MAX_DEPTH = 6
MAX_HASHED = 400_000_000
"""Bounds: bytes of a file that is read, files and depth of a submission, bytes of it that are hashed."""

_BLOCK = 1 << 20
_IGNORED = {"timestamp.txt", "__pycache__", "__MACOSX"}


@dataclass(frozen=True)
class Entry:
    """File of a submitted folder, or member of a zip file in it.

    Attributes:
        path: relative to the folder, with "/" between the parts.
        size: bytes; 0 unless it is a regular file.
        problem: "" for a regular file, otherwise the reason why it is not opened ("is a symbolic link").
        archive: path of the zip file that holds it; "" for a file of the folder itself.
        member: its name in the zip file.
        packed: bytes of the zip file.
    """

    path: str
    size: int
    problem: str = ""
    archive: str = ""
    member: str = ""
    packed: int = 0

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]


class Unreadable(KitError):
    """A file or folder that cannot be read; `str(error)` completes the sentence "<name> ..."."""


def list_files(folder: Path) -> list[Entry]:
    """List the files of a submission, sorted by path, without hidden files and nbgrader's timestamp.txt.

    At most `MAX_FILES` files, `MAX_DEPTH` folders deep: the rest is not part of the submission.

    Raises:
        Unreadable: there is no such folder, it is a symbolic link, or it may not be opened.
    """
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Unreadable("does not exist") from None
    except OSError as error:
        if os.path.islink(folder):
            raise Unreadable("is a symbolic link; links are not followed") from None
        raise Unreadable(f"cannot be opened ({error.strerror})") from None
    entries: list[Entry] = []
    try:
        for where, folders, names, handle in os.fwalk(".", dir_fd=root, follow_symlinks=False):
            deep = where.count("/") >= MAX_DEPTH
            folders[:] = [] if deep else sorted(name for name in folders if _is_submitted(name))
            # A link to a folder is listed among the folders and never entered: it is shown as what it is.
            for name in sorted(name for name in [*names, *_links(folders, handle)] if _is_submitted(name)):
                path = f"{where}/{name}".removeprefix("./")
                entries.append(_entry(path, name, handle))
                if len(entries) >= MAX_FILES:
                    return sorted(entries, key=lambda entry: entry.path)
    finally:
        os.close(root)
    return sorted(entries, key=lambda entry: entry.path)


def read_file(folder: Path, entry: Entry, limit: int = MAX_NOTEBOOK) -> bytes:
    """Read one of the files that `list_files` found.

    Raises:
        Unreadable: it is not a regular file, is larger than `limit` bytes, or may not be opened.
    """
    return b"".join(_blocks(folder, entry, limit))


def files_digest(folder: Path, entries: list[Entry]) -> str:
    """Digest "sha256:..." of names and contents: the same for the same files in any folder.

    Beyond `MAX_HASHED` bytes in all, only names and sizes of files count.
    """
    total, budget = hashlib.sha256(), MAX_HASHED
    for entry in entries:
        name = os.fsencode(entry.path)
        total.update(f"{len(name)} {entry.size} {entry.problem}\n".encode() + name)
        if entry.problem or entry.size > budget:
            continue
        budget -= entry.size
        try:
            content = hashlib.sha256()
            for block in _blocks(folder, entry, entry.size):
                content.update(block)
            total.update(content.digest())
        except Unreadable as error:
            total.update(str(error).encode())
    return f"sha256:{total.hexdigest()}"


def submission_digest(folder: Path) -> str:
    """Digest of a submission's folder, as `files_digest` gives it; of no files if it cannot be opened."""
    try:
        return files_digest(folder, list_files(folder))
    except Unreadable:
        return files_digest(folder, [])


def _blocks(folder: Path, entry: Entry, limit: int) -> Iterator[bytes]:
    if entry.problem:
        raise Unreadable(entry.problem)
    if entry.size > limit:
        raise Unreadable(f"is {entry.size / 1e6:,.0f} MB large; at most {limit / 1e6:,.0f} MB can be read")
    handle = _open(folder, entry.path)
    try:
        left = limit + 1
        while left > 0 and (block := os.read(handle, min(_BLOCK, left))):
            left -= len(block)
            yield block
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    finally:
        os.close(handle)
    if left <= 0:
        raise Unreadable("grew while it was being read")


def _is_submitted(name: str) -> bool:
    return not name.startswith(".") and name not in _IGNORED


def _links(names: list[str], handle: int) -> list[str]:
    return [name for name in names if stat.S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)]


def _entry(path: str, name: str, handle: int) -> Entry:
    try:
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
    except OSError as error:
        return Entry(path, 0, f"cannot be opened ({error.strerror})")
    if stat.S_ISREG(found.st_mode):
        return Entry(path, found.st_size)
    if stat.S_ISLNK(found.st_mode):
        return Entry(path, 0, "is a symbolic link; links are not followed")
    return Entry(path, 0, "is not a regular file (a pipe, a socket or a device)")


def _open(folder: Path, path: str) -> int:
    """Open `path` part by part, following no link: a part may have been swapped since it was listed."""
    *parents, name = path.split("/")
    try:
        here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            for part in parents:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
                os.close(here)
                here = inner
            # O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever.
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
    except OSError as error:
        raise Unreadable(f"cannot be opened ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unreadable("is not a regular file")
    return handle

"""The submitted folder, read with care: no link followed, no device opened, every size bounded, and its digest."""

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
_BLOCK = 1 << 20
_NOT_THE_STUDENTS = {"timestamp.txt", "__pycache__", "__MACOSX"}


@dataclass(frozen=True)
class Entry:
    """One file of the folder.

    Attributes:
        path: relative to the folder, with "/" between the parts.
        size: bytes; 0 for what is not a regular file.
        problem: "" for a regular file, else why it is not opened ("is a symbolic link").
        archive: path of the zip file that it lies in, "" for a file of the folder itself; see `archive`.
        member: its name there.
        packed: size of that zip file, in bytes.
    """

    path: str
    size: int
    problem: str = ""
    archive: str = ""
    member: str = ""
    packed: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Unreadable(KitError):
    """A file or folder that cannot be read; `str(error)` completes the sentence "<name> ..."."""


def list_files(folder: Path) -> list[Entry]:
    """The files of a submission, sorted by path, hidden files and nbgrader's timestamp.txt left out.

    At most MAX_FILES files, MAX_DEPTH folders deep: the rest is not part of the submission.

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
            folders[:] = [] if deep else sorted(name for name in folders if _counts(name))
            # A link to a folder is listed among the folders and never entered: it is shown as what it is.
            for name in sorted(name for name in [*names, *_links(folders, handle)] if _counts(name)):
                path = f"{where}/{name}".removeprefix("./")
                entries.append(_entry(path, name, handle))
                if len(entries) >= MAX_FILES:
                    return sorted(entries, key=lambda entry: entry.path)
    finally:
        os.close(root)
    return sorted(entries, key=lambda entry: entry.path)


def read_file(folder: Path, entry: Entry, limit: int = MAX_NOTEBOOK) -> bytes:
    """The bytes of one file of `listing(folder)`.

    Raises:
        Unreadable: it is not a regular file, is larger than `limit` bytes, or may not be opened.
    """
    return b"".join(_blocks(folder, entry, limit))


def files_digest(folder: Path, entries: list[Entry]) -> str:
    """The digest "sha256:..." of names and contents. The same files give the same digest wherever they lie.

    Past MAX_HASHED bytes in all, a file counts with its name and size only.
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


def _counts(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_THE_STUDENTS


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
    """A descriptor for `path`, every part opened without following a link (a part may have been swapped meanwhile)."""
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

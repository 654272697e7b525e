"""Files of a submitted folder, and its digest: no link is followed, no device opened, and every size is bounded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from cnnkit.errors import KitError

MAX_NOTEBOOK = 100_000_000
MAX_WITH_OUTPUTS = 250_000_000
MAX_FILES = 500
MAX_DEPTH = 6
MAX_TOTAL = 300_000_000
"""Bounds: bytes of a file that is read, of a notebook with outputs that are left out, files and depth of a submission,
bytes of all its files."""

_BLOCK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever."""

ARCHIVE_ENDINGS = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_IGNORED = {"timestamp.txt", "__pycache__", "__MACOSX"}
CHECKPOINTS = ".ipynb_checkpoints"
"""Folder in which Jupyter saves a copy of each notebook: the only hidden one that counts, for notebooks alone."""

_LINK = "is a symbolic link; links are not followed"


@dataclass(frozen=True)
class Entry:
    """File of a submitted folder, or member of an archive in it.

    Attributes:
        path: relative to the folder, or to the archive's own, with "/" between the parts.
        size: bytes; 0 unless it is a regular file.
        problem: "" for a regular file, otherwise the reason why it is not opened ("is a symbolic link").
        archive: `shown` of the archive that holds it; "" for a file of the folder itself.
        member: its name in the archive.
    """

    path: str
    size: int
    problem: str = ""
    archive: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def shown(self) -> str:
        """Name in messages; no two files of a submission have the same."""
        return f"{self.path} in {self.archive}" if self.archive else self.path

    @property
    def is_checkpoint(self) -> bool:
        """True for a copy that Jupyter has saved on its own."""
        return CHECKPOINTS in self.path.split("/")


class Unreadable(KitError):
    """A file or folder that cannot be read; `str(error)` completes the sentence "<name> ..."."""


def too_large(size: int, limit: int) -> str:
    """The reason why a file of more than `limit` bytes is not read; both are told in megabytes, where they differ."""
    large, most = (f"{number / 1e6:,.0f} MB" for number in (size, limit))
    if large == most:
        return f"is larger than {most}, the most that can be read"
    return f"is {large} large; at most {most} can be read"


class SubmittedFolder:
    """A submission's folder, opened: every look into it begins at the same open folder and follows no link.

    The student's folder and the assignment's in it are no links either; the folder that holds the students' is the
    TA's own and may be. Each file is read once, and what was read is what the digest is of.

    Args:
        folder: <submitted>/<student>/<assignment>.

    Attributes:
        entries: the files, sorted by path, without hidden files (but with Jupyter's checkpoints of notebooks) and
            nbgrader's timestamp.txt. At most `MAX_FILES`, `MAX_DEPTH` folders deep; the rest is not part of the
            submission.

    Raises:
        Unreadable: there is no such folder, it or the student's is a symbolic link, or it may not be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._root = _opened_folder(folder)
        self._read: dict[str, tuple[int, bytes]] = {}
        try:
            self.entries = _within_total(_listed(self._root))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> SubmittedFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the folder."""
        os.close(self._root)

    def read(self, entry: Entry, limit: int = MAX_NOTEBOOK) -> bytes:
        """Read a file.

        Raises:
            Unreadable: it is not a regular file, is larger than `limit` bytes, may not be opened, or has changed since
                it was read for the first time.
        """
        if entry.problem:
            raise Unreadable(entry.problem)
        if entry.size > limit:
            raise Unreadable(too_large(entry.size, limit))
        data = b"".join(_blocks(self._root, entry.path, limit))
        found = len(data), hashlib.sha256(data).digest()
        if self._read.setdefault(entry.path, found) != found:
            raise Unreadable("changed while it was being read")
        return data

    def head(self, entry: Entry, size: int) -> bytes:
        """The first bytes of a file; none of one that cannot be read.

        Args:
            entry: the file.
            size: the number of bytes, at most a megabyte.
        """
        if entry.problem:
            return b""
        try:
            return next(_blocks(self._root, entry.path, max(entry.size, size)), b"")[:size]
        except Unreadable:
            return b""

    def copy(self, entry: Entry, target: BinaryIO) -> None:
        """Write the content of a file to an open one; at most the bytes that it had when it was listed.

        Raises:
            Unreadable: as in `read`. What was written until then is to be removed.
        """
        if entry.problem:
            raise Unreadable(entry.problem)
        for block in _blocks(self._root, entry.path, entry.size):
            target.write(block)

    def digest(self) -> str:
        """Digest "sha256:..." of names and contents: the same for the same files in any folder.

        Of a file that was read it is the digest of what was read. The other files are read for it.
        """
        total = hashlib.sha256()
        for entry in self.entries:
            name, size, content = os.fsencode(entry.path), entry.size, b""
            if not entry.problem:
                try:
                    size, content = self._read.get(entry.path) or self._hashed(entry)
                except Unreadable as error:
                    content = str(error).encode()
            total.update(f"{len(name)} {size} {entry.problem}\n".encode() + name + content)
        return f"sha256:{total.hexdigest()}"

    def _hashed(self, entry: Entry) -> tuple[int, bytes]:
        size, content = 0, hashlib.sha256()
        for block in _blocks(self._root, entry.path, entry.size):
            size += len(block)
            content.update(block)
        self._read[entry.path] = size, content.digest()
        return self._read[entry.path]


NO_FILES = f"sha256:{hashlib.sha256().hexdigest()}"
"""Digest of a submission without files."""


def submission_digest(folder: Path) -> str:
    """Digest of a submission's folder; of no files if it cannot be opened."""
    try:
        with SubmittedFolder(folder) as submitted:
            return submitted.digest()
    except Unreadable:
        return NO_FILES


def read_beside(folder: Path, name: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Read a file that is not part of the submission, such as nbgrader's timestamp.txt.

    Args:
        folder: <submitted>/<student>/<assignment>.
        name: the file's name.
        limit: bytes that it may have.

    Returns:
        Its content and its state.

    Raises:
        Unreadable: there is none, it is not a regular file, or it is larger than `limit` bytes.
    """
    root = _opened_folder(folder)
    try:
        found = os.stat(name, dir_fd=root, follow_symlinks=False)
        return b"".join(_blocks(root, name, limit)), found
    except FileNotFoundError:
        raise Unreadable("does not exist") from None
    except OSError as error:
        raise Unreadable(f"cannot be opened ({error.strerror})") from None
    finally:
        os.close(root)


def _opened_folder(folder: Path) -> int:
    """Open the folder of a submission, and the student's above it, following no link."""
    here = None
    try:
        here = os.open(folder.parent.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in folder.parts[-2:]:
            here = _stepped(here, part)
    except FileNotFoundError:
        raise Unreadable("does not exist") from None
    except (OSError, ValueError) as error:
        if os.path.islink(folder):
            raise Unreadable(_LINK) from None
        if os.path.islink(folder.parent):
            raise Unreadable(f"lies in a folder that {_LINK}") from None
        raise Unreadable(f"cannot be opened ({getattr(error, 'strerror', error)})") from None
    return here


def _stepped(here: int, name: str) -> int:
    """Open a folder in an open one, which is closed."""
    try:
        return os.open(name, _FOLDER, dir_fd=here)
    finally:
        os.close(here)


def _listed(root: int) -> list[Entry]:
    entries: list[Entry] = []
    for where, folders, names, handle in os.fwalk(".", dir_fd=root, follow_symlinks=False):
        deep = where.count("/") >= MAX_DEPTH
        if where.endswith(f"/{CHECKPOINTS}"):
            folders[:], names = [], [name for name in names if name.lower().endswith(".ipynb")]
        folders[:] = [] if deep else sorted(name for name in folders if is_submitted(name))
        # A link to a folder is listed among the folders and never entered: it is shown as what it is.
        for name in sorted(name for name in [*names, *_links(folders, handle)] if is_submitted(name)):
            entries.append(_entry(f"{where}/{name}".removeprefix("./"), name, handle))
            if len(entries) >= MAX_FILES:
                return sorted(entries, key=lambda entry: entry.path)
    return sorted(entries, key=lambda entry: entry.path)


def _within_total(entries: list[Entry]) -> list[Entry]:
    """The entries, those beyond `MAX_TOTAL` bytes with a problem. What is graded comes first."""
    left, beyond = MAX_TOTAL, {}
    for entry in sorted(entries, key=lambda entry: (_kind(entry), entry.path)):
        if entry.size > left:
            size, most = f"{entry.size / 1e6:,.0f} MB", f"{MAX_TOTAL / 1e6:,.0f} MB"
            beyond[entry.path] = f"is {size} large; of a submission at most {most} are read"
        else:
            left -= entry.size
    return [replace(entry, problem=beyond.get(entry.path, entry.problem)) for entry in entries]


def _kind(entry: Entry) -> int:
    """Rank among the files of a submission: notebooks, then archives, then records, then the rest."""
    name = entry.name.lower()
    is_notebook = ".ipynb" in name and not entry.is_checkpoint
    ranks = (is_notebook, name.endswith(ARCHIVE_ENDINGS), entry.path.lower().startswith("records/"))
    return ranks.index(True) if True in ranks else len(ranks)


def _blocks(root: int, path: str, limit: int) -> Iterator[bytes]:
    handle = _opened_file(root, path)
    try:
        left = limit + 1
        while left > 0 and (block := os.read(handle, min(_BLOCK, left))):
            left -= len(block)
            if left <= 0:
                raise Unreadable("grew while it was being read")
            yield block
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    finally:
        os.close(handle)


def _opened_file(root: int, path: str) -> int:
    """Open a file part by part, following no link: a part may have been swapped since it was listed."""
    *parents, name = path.split("/")
    try:
        here = os.dup(root)
        for part in parents:
            here = _stepped(here, part)
        try:
            handle = os.open(name, _FILE, dir_fd=here)
        finally:
            os.close(here)
    except OSError as error:
        raise Unreadable(f"cannot be opened ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unreadable("is not a regular file")
    return handle


def is_submitted(name: str) -> bool:
    """True for a part of a path that counts as handed in: no hidden file, nor what systems leave behind."""
    return name == CHECKPOINTS or (not name.startswith(".") and name not in _IGNORED)


def _links(names: list[str], handle: int) -> list[str]:
    return [name for name in names if _entry(name, name, handle).problem == _LINK]


def _entry(path: str, name: str, handle: int) -> Entry:
    try:
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
    except OSError as error:
        return Entry(path, 0, f"cannot be opened ({error.strerror})")
    if stat.S_ISREG(found.st_mode):
        return Entry(path, found.st_size)
    if stat.S_ISLNK(found.st_mode):
        return Entry(path, 0, _LINK)
    return Entry(path, 0, "is not a regular file (a pipe, a socket or a device)")

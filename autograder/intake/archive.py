"""Zip files in a submission, such as `cnnkit.submit()` makes: read their members like files of the submission.

Nothing is written to disk. The archive's directory is checked before a byte is inflated, and no member is inflated
beyond the size that the directory gives.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from autograder.intake import files
from autograder.intake.files import Entry, SubmittedFolder, Unreadable
from cnnkit.text import one_line

MAX_ARCHIVES = 3
MAX_ARCHIVE = 100_000_000
MAX_MEMBERS = 500
MAX_INFLATED = 150_000_000
MAX_DIRECTORY = 1_000_000
"""Bounds: zip files in a submission, bytes of one, its members, bytes of them all together when inflated, and bytes of
the directory that lists them."""

_END, _END_BYTES = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_END64, _END64_BYTES = b"PK\x06\x06", 56
"""Records at the end of a zip file: signatures and lengths."""

_IGNORED = ("__MACOSX/", ".")
_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    MemoryError,
)
"""Exceptions of a damaged archive, from `zipfile` and what it unpacks with."""


class SubmittedFiles:
    """The files of a submission: those of its folder, followed by the members of zip files among them.

    A file of the folder itself comes before a member of the same path. A folder that holds all members of an archive
    is left out of their paths. Zip files within zip files are not opened. Each zip file is read and parsed once.

    Args:
        folder: the submission's folder.

    Attributes:
        entries: the files.
        notes: a sentence for each zip file that was not unpacked.
    """

    def __init__(self, folder: SubmittedFolder) -> None:
        self._folder = folder
        self._opened: dict[str, zipfile.ZipFile] = {}
        self.entries, self.notes = list(folder.entries), []
        known = {entry.path for entry in self.entries}
        archives = [entry for entry in self.entries if entry.name.lower().endswith(".zip")]
        for number, entry in enumerate(archives):
            try:
                if number >= MAX_ARCHIVES:
                    raise Unreadable(f"is one of more than {MAX_ARCHIVES} zip files")
                members = _without_shared_folder(list(self._members(entry)))
            except Unreadable as error:
                self.notes.append(f"The zip file {one_line(entry.path, 80)} was not unpacked: it {error}.")
                continue
            self.entries += [member for member in members if member.path not in known]
            known |= {member.path for member in members}

    def read(self, entry: Entry, limit: int = files.MAX_NOTEBOOK) -> bytes:
        """Read a file of the folder, or a member of a zip file in it.

        Raises:
            Unreadable: it is larger than `limit` bytes, damaged, or no regular file.
        """
        if not entry.archive:
            return self._folder.read(entry, limit)
        if entry.problem:
            raise Unreadable(entry.problem)
        if entry.size > limit:
            raise Unreadable(f"is {entry.size / 1e6:,.0f} MB large; at most {limit / 1e6:,.0f} MB can be read")
        try:
            with self._opened[entry.archive].open(entry.member) as file:
                data = file.read(entry.size + 1)
        except _DAMAGED as error:
            raise Unreadable(f"cannot be unpacked ({type(error).__name__})") from error
        if len(data) != entry.size:
            raise Unreadable("has another size than its zip file says")
        return data

    def _members(self, entry: Entry) -> Iterator[Entry]:
        data = self._folder.read(entry, MAX_ARCHIVE)
        _check_directory(data)
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED as error:
            raise Unreadable(f"cannot be read ({type(error).__name__})") from error
        members = archive.infolist()
        _check_count(len(members))
        if sum(member.file_size for member in members) > MAX_INFLATED:
            raise Unreadable(f"would unpack to more than {MAX_INFLATED / 1e6:,.0f} MB")
        self._opened[entry.path] = archive
        seen: set[str] = set()
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            plain = not path.is_absolute() and ".." not in path.parts and str(path) not in ("", ".")
            if member.is_dir() or not plain or str(path) in seen or str(path).startswith(_IGNORED):
                continue
            seen.add(str(path))
            mode = member.external_attr >> 16
            problem = "" if not stat.S_IFMT(mode) or stat.S_ISREG(mode) else "is not a regular file"
            if member.flag_bits & 1:
                problem = "is encrypted"
            yield Entry(str(path), member.file_size, problem, archive=entry.path, member=member.filename)


def _check_directory(data: bytes) -> None:
    """Check the size of an archive's directory by its end record, before `zipfile` parses the directory.

    Python takes quadratic time for the extra fields of a member, and makes an object of each.

    Raises:
        Unreadable: it is too large. If there is no end record, `zipfile` says so.
    """
    end = data.rfind(_END, max(0, len(data) - _END_BYTES - 0xFFFF))
    if end < 0 or len(data) - end < _END_BYTES:
        return
    count, size = struct.unpack_from("<HI", data, end + 10)
    sizes, counts = [size], [count]
    locator = end - _LOCATOR_BYTES
    if locator >= 0 and data.startswith(_LOCATOR, locator):
        # Versions of Python differ in where they look for the record that takes the place of this one.
        (named,) = struct.unpack_from("<Q", data, locator + 8)
        for place in {named, locator - _END64_BYTES}:
            if 0 <= place <= len(data) - _END64_BYTES and data.startswith(_END64, place):
                count, size = struct.unpack_from("<QQ", data, place + 32)
                sizes.append(size)
                counts.append(count)
    _check_count(max(count for count in counts if count != 0xFFFF or len(counts) == 1))
    if (largest := max(size for size in sizes if size != 0xFFFFFFFF or len(sizes) == 1)) > MAX_DIRECTORY:
        raise Unreadable(f"has a directory of {largest:,} bytes, at most {MAX_DIRECTORY:,} are read")


def _check_count(count: int) -> None:
    if count > MAX_MEMBERS:
        raise Unreadable(f"holds {count:,} files, at most {MAX_MEMBERS} are unpacked")


def _without_shared_folder(members: list[Entry]) -> list[Entry]:
    """The members, without the folder in their paths if one folder holds them all."""
    tops = {member.path.partition("/")[0] for member in members}
    if len(tops) != 1 or any("/" not in member.path for member in members):
        return members
    return [replace(member, path=member.path.partition("/")[2]) for member in members]

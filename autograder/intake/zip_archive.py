"""Zip files: the directory is checked before a byte is inflated, and no member is inflated beyond the size it gives."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib

from autograder.intake.archive_members import MAX_INFLATED, Member, check_count, check_inflated
from autograder.intake.files import Unreadable

MAX_DIRECTORY = 1_000_000
"""Bytes of the directory that lists an archive's members."""

_END, _END_BYTES = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_END64, _END64_BYTES = b"PK\x06\x06", 56
"""Records at the end of a zip file: signatures and lengths."""

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


class ZipArchive:
    """A zip file.

    Args:
        data: the file.
        left: bytes that may be unpacked.

    Attributes:
        members: its files.

    Raises:
        Unreadable: it is damaged, or beyond the bounds.
    """

    def __init__(self, data: bytes, left: int = MAX_INFLATED) -> None:
        _check_directory(data)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED as error:
            raise Unreadable(f"cannot be read ({type(error).__name__})") from error
        listed = self._archive.infolist()
        check_count(len(listed))
        check_inflated(sum(member.file_size for member in listed), left)
        self.members = [
            Member(member.filename, member.file_size, _problem(member), member.filename)
            for member in listed
            if not member.is_dir()
        ]

    def read(self, name: str, size: int) -> bytes:
        """Unpack at most `size` bytes of a member.

        Raises:
            Unreadable: it is damaged.
        """
        try:
            with self._archive.open(name) as file:
                return file.read(size)
        except _DAMAGED as error:
            raise Unreadable(f"cannot be unpacked ({type(error).__name__})") from error


def _problem(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & 1:
        return "is encrypted"
    mode = member.external_attr >> 16
    return "" if not stat.S_IFMT(mode) or stat.S_ISREG(mode) else "is not a regular file"


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
    check_count(max(count for count in counts if count != 0xFFFF or len(counts) == 1))
    if (largest := max(size for size in sizes if size != 0xFFFFFFFF or len(sizes) == 1)) > MAX_DIRECTORY:
        raise Unreadable(f"has a directory of {largest:,} bytes, at most {MAX_DIRECTORY:,} are read")

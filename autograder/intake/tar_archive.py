"""Tar archives, compressed or not, and single files that are compressed by gzip, bzip2 or xz."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator

from autograder.intake.archive_members import MAX_INFLATED, MAX_MEMBERS, Member, check_count, check_inflated
from autograder.intake.file_kind import FileKind
from autograder.intake.files import Unreadable

_CHUNK = 1 << 20
_LZMA_MEMORY = 200_000_000
MAX_RATIO = 1_100
"""Bound: how many times larger than its file uncompressed data may be. gzip never comes to that; bzip2 and xz can."""

_DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RecursionError, MemoryError)
"""Exceptions of a damaged archive, from `tarfile` and what unpacks it."""


class TarArchive:
    """A tar archive, or one file that is compressed.

    Args:
        name: of the file.
        data: the file.
        kind: of the file: "tar", "gzip", "bzip2" or "xz".
        left: bytes that may be unpacked.

    Attributes:
        members: its files.

    Raises:
        Unreadable: it is damaged, or beyond the bounds.
    """

    def __init__(self, name: str, data: bytes, kind: FileKind, left: int = MAX_INFLATED) -> None:
        self._content = data if kind == "tar" else _inflated(data, kind, left)
        self._tar: tarfile.TarFile | None = None
        if kind != "tar" and self._content[257:262] != b"ustar":
            self.members = [Member(_unpacked_name(name), len(self._content), "", "")]
            return
        try:
            self._tar = tarfile.TarFile(fileobj=io.BytesIO(self._content))
            listed = list(self._listed(self._tar))
        except _DAMAGED as error:
            raise Unreadable(f"cannot be read ({type(error).__name__})") from error
        check_inflated(sum(member.size for member in listed), left)
        self.members = listed

    def read(self, name: str, size: int) -> bytes:
        """Unpack at most `size` bytes of a member.

        Raises:
            Unreadable: it is damaged.
        """
        if self._tar is None:
            return self._content[:size]
        try:
            file = self._tar.extractfile(name)
            return file.read(size) if file is not None else b""
        except (*_DAMAGED, KeyError) as error:
            raise Unreadable(f"cannot be unpacked ({type(error).__name__})") from error

    @staticmethod
    def _listed(tar: tarfile.TarFile) -> Iterator[Member]:
        count = 0
        while (member := tar.next()) is not None:
            count += 1
            if count > MAX_MEMBERS:
                check_count(count)
            # Links and sparse files are what they are elsewhere: the one leads out, the other is longer than it is.
            plain = member.isreg() and not member.issparse()
            problem = "" if plain else "is not a regular file"
            if not member.isdir():
                yield Member(member.name, member.size if plain else 0, problem, member.name)


def _inflated(data: bytes, kind: FileKind, left: int) -> bytes:
    """Uncompress a file, at most to the bytes that may be unpacked."""
    parts: list[bytes] = []
    size = 0
    try:
        for part in _parts(data, kind):
            parts.append(part)
            size += len(part)
            check_inflated(size, left)
            if size > MAX_RATIO * len(data):
                raise Unreadable(f"would unpack to more than {MAX_RATIO:,} times its size")
    except _DAMAGED as error:
        raise Unreadable(f"cannot be uncompressed ({type(error).__name__})") from error
    return b"".join(parts)


def _parts(data: bytes, kind: FileKind) -> Iterator[bytes]:
    if kind == "gzip":
        gzip = zlib.decompressobj(wbits=31)
        rest = data
        while not gzip.eof:
            part = gzip.decompress(rest, _CHUNK)
            rest = gzip.unconsumed_tail
            if not part and not rest:
                raise EOFError("it breaks off")
            yield part
        return
    other = bz2.BZ2Decompressor() if kind == "bzip2" else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)
    rest = data
    while not other.eof:
        part = other.decompress(rest, _CHUNK)
        rest = b""
        if not part and other.needs_input:
            raise EOFError("it breaks off")
        yield part


def _unpacked_name(name: str) -> str:
    lower = name.lower()
    for ending in (".gz", ".bz2", ".xz", ".gzip"):
        if lower.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name

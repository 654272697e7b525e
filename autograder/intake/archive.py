"""A zip file that was handed in, such as `cnnkit.submit()` makes: its members as files of the submission.

Nothing is written to disk. What the archive's directory says is checked before a byte is inflated, and no more is
inflated than it said.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from autograder.intake import files
from autograder.intake.files import Entry, Unreadable
from cnnkit.text import one_line

MAX_ARCHIVES = 3
MAX_ARCHIVE = 100_000_000
MAX_MEMBERS = 500
MAX_INFLATED = 150_000_000
"""Bounds: zip files in a submission, bytes of one, its members, and bytes of them all together when inflated."""

_NOT_THE_STUDENTS = ("__MACOSX/", ".")
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError)


def unpack_entries(folder: Path, entries: list[Entry]) -> tuple[list[Entry], list[str]]:
    """The entries, with the members of zip files behind them; and notes on those that could not be unpacked.

    A file that lies in the folder itself goes before a member of the same path. A folder around all members is left
    out. Zip files within zip files are not opened.
    """
    found, notes = list(entries), []
    known = {entry.path for entry in entries}
    archives = [entry for entry in entries if entry.name.lower().endswith(".zip")]
    for number, entry in enumerate(archives):
        try:
            if number >= MAX_ARCHIVES:
                raise Unreadable(f"is one of more than {MAX_ARCHIVES} zip files")
            members = _without_shared_folder(list(_members(folder, entry)))
        except Unreadable as error:
            notes.append(f"The zip file {one_line(entry.path, 80)} was not unpacked: it {error}.")
            continue
        found += [member for member in members if member.path not in known]
        known |= {member.path for member in members}
    return found, notes


def read_entry(folder: Path, entry: Entry, limit: int = files.MAX_NOTEBOOK) -> bytes:
    """The bytes of a file of the folder, or of a member of a zip file in it.

    Raises:
        Unreadable: it is larger than `limit` bytes, damaged, or no regular file.
    """
    if not entry.archive:
        return files.read_file(folder, entry, limit)
    if entry.problem:
        raise Unreadable(entry.problem)
    if entry.size > limit:
        raise Unreadable(f"is {entry.size / 1e6:,.0f} MB large; at most {limit / 1e6:,.0f} MB can be read")
    try:
        with _open(folder, Entry(entry.archive, entry.packed)) as archive, archive.open(entry.member) as file:
            data = file.read(entry.size + 1)
    except _DAMAGED as error:
        raise Unreadable(f"cannot be unpacked ({type(error).__name__})") from error
    if len(data) != entry.size:
        raise Unreadable("has another size than its zip file says")
    return data


def _members(folder: Path, entry: Entry) -> Iterator[Entry]:
    if entry.problem:
        raise Unreadable(entry.problem)
    try:
        with _open(folder, entry) as archive:
            members = archive.infolist()
    except _DAMAGED as error:
        raise Unreadable(f"cannot be read ({type(error).__name__})") from error
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"holds {len(members):,} files, at most {MAX_MEMBERS} are unpacked")
    if sum(member.file_size for member in members) > MAX_INFLATED:
        raise Unreadable(f"would unpack to more than {MAX_INFLATED / 1e6:,.0f} MB")
    seen: set[str] = set()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        plain = not path.is_absolute() and ".." not in path.parts and str(path) not in ("", ".")
        if member.is_dir() or not plain or str(path) in seen or str(path).startswith(_NOT_THE_STUDENTS):
            continue
        seen.add(str(path))
        mode = member.external_attr >> 16
        problem = "" if not stat.S_IFMT(mode) or stat.S_ISREG(mode) else "is not a regular file"
        if member.flag_bits & 1:
            problem = "is encrypted"
        yield Entry(str(path), member.file_size, problem, archive=entry.path, member=member.filename, packed=entry.size)


def _open(folder: Path, entry: Entry) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(files.read_file(folder, entry, MAX_ARCHIVE)))


def _without_shared_folder(members: list[Entry]) -> list[Entry]:
    """The same, less one folder that holds them all."""
    tops = {member.path.partition("/")[0] for member in members}
    if len(tops) != 1 or any("/" not in member.path for member in members):
        return members
    return [replace(member, path=member.path.partition("/")[2]) for member in members]

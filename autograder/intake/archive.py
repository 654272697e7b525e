"""Archives in a submission, such as `cnnkit.submit()` makes: read their members like files of the submission.

Nothing is written to disk. Archives are known by their content, since browsers and learning platforms change endings.
"""

from __future__ import annotations

from collections import deque

from autograder.intake import files
from autograder.intake.archive_members import MAX_INFLATED, OpenedArchive, submitted_members
from autograder.intake.file_kind import ARCHIVES, CLOSED_ARCHIVES, HEAD, FileKind, file_kind
from autograder.intake.files import Entry, SubmittedFolder, Unreadable
from autograder.intake.tar_archive import TarArchive
from autograder.intake.zip_archive import ZipArchive
from cnnkit.text import one_line

MAX_ARCHIVES = 8
MAX_ARCHIVE = 100_000_000
MAX_NESTED = 3
"""Bounds: archives in a submission, bytes of one, and archives within each other."""


class SubmittedFiles:
    """The files of a submission: those of its folder, followed by the members of archives among them.

    A folder that holds all members of an archive is left out of their paths. Each archive is read and parsed once.

    Args:
        folder: the submission's folder.

    Attributes:
        entries: the files. Two of different archives may have the same path.
        notes: a sentence for each archive that was not unpacked.
        closed: these archives, and why each was not unpacked.
    """

    def __init__(self, folder: SubmittedFolder) -> None:
        self._folder = folder
        self._opened: dict[str, OpenedArchive] = {}
        self._kinds: dict[str, FileKind] = {}
        self._left = MAX_INFLATED
        self.entries = list(folder.entries)
        self.closed: dict[str, str] = {}
        self.notes: list[str] = []
        waiting = deque((entry, 1) for entry in sorted(self.entries, key=_by_name))
        while waiting:
            entry, depth = waiting.popleft()
            is_archive = self.kind(entry) in ARCHIVES | CLOSED_ARCHIVES
            if not is_archive and (self.kind(entry) == "json" or not _is_archive_by_name(entry)):
                continue
            try:
                members = self._unpacked(entry, depth)
            except Unreadable as error:
                self.closed[entry.shown] = str(error)
                self.notes.append(f"The {self._noun(entry)} {one_line(entry.shown, 80)} was not unpacked: it {error}.")
            else:
                self.entries += members
                waiting.extend((member, depth + 1) for member in sorted(members, key=_by_name))

    def kind(self, entry: Entry) -> FileKind:
        """Kind of a file, by its first bytes."""
        if entry.problem:
            return ""
        if entry.shown not in self._kinds:
            self._kinds[entry.shown] = file_kind(entry.name, self._head(entry))
        return self._kinds[entry.shown]

    def is_unpacked(self, entry: Entry) -> bool:
        """True for an archive whose members are among the files."""
        return entry.shown in self._opened

    def read(self, entry: Entry, limit: int = files.MAX_NOTEBOOK) -> bytes:
        """Read a file of the folder, or a member of an archive in it.

        Raises:
            Unreadable: it is larger than `limit` bytes, damaged, or no regular file.
        """
        if not entry.archive:
            return self._folder.read(entry, limit)
        if entry.problem:
            raise Unreadable(entry.problem)
        if entry.size > limit:
            raise Unreadable(files.too_large(entry.size, limit))
        data = self._opened[entry.archive].read(entry.member, entry.size + 1)
        if len(data) != entry.size:
            raise Unreadable("has a different size from what its archive says")
        return data

    def _head(self, entry: Entry) -> bytes:
        if not entry.archive:
            return self._folder.head(entry, HEAD)
        try:
            return self._opened[entry.archive].read(entry.member, HEAD)
        except Unreadable:
            return b""

    def _unpacked(self, entry: Entry, depth: int) -> list[Entry]:
        if entry.problem:
            raise Unreadable(entry.problem)
        kind = self.kind(entry)
        if kind in CLOSED_ARCHIVES:
            raise Unreadable(f"is a {kind.upper()} archive, which is not read; hand in a zip file or the .ipynb file")
        if len(self._opened) >= MAX_ARCHIVES:
            raise Unreadable(f"is one of more than {MAX_ARCHIVES} archives")
        if depth > MAX_NESTED:
            raise Unreadable(f"lies within {depth - 1} archives; at most {MAX_NESTED - 1} are opened around one")
        data = self.read(entry, MAX_ARCHIVE)
        archive: OpenedArchive
        if kind in ARCHIVES - {"zip"}:
            archive = TarArchive(entry.name, data, kind, self._left)
        else:  # or is called one, and says itself why it is none
            archive = ZipArchive(data, self._left)
        self._left -= sum(member.size for member in archive.members)
        self._opened[entry.shown] = archive
        members = submitted_members(archive.members)
        return [
            Entry(member.path, member.size, member.problem, archive=entry.shown, member=member.name)
            for member in members
        ]

    def _noun(self, entry: Entry) -> str:
        kind = self.kind(entry)
        if kind == "zip" or (kind not in ARCHIVES | CLOSED_ARCHIVES and entry.name.lower().endswith(".zip")):
            return "zip file"
        return "tar archive" if kind == "tar" else "archive"


def _by_name(entry: Entry) -> tuple[bool, str]:
    """Sort key: what is called an archive first."""
    return not _is_archive_by_name(entry), entry.path


def _is_archive_by_name(entry: Entry) -> bool:
    return entry.name.lower().endswith(files.ARCHIVE_ENDINGS)

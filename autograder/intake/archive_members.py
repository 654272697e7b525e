"""Members of an archive, within the bounds of a submission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from autograder.intake import files
from autograder.intake.files import Unreadable

MAX_MEMBERS = 500
MAX_INFLATED = 300_000_000
"""Bounds: members of an archive, and bytes of all members of a submission when unpacked."""


@dataclass(frozen=True)
class Member:
    """Member of an archive.

    Attributes:
        path: in the archive, with "/" between the parts.
        size: bytes when unpacked, as the archive says.
        problem: "" for a regular file, otherwise the reason why it is not unpacked.
        name: the archive's own name for it.
    """

    path: str
    size: int
    problem: str
    name: str


class OpenedArchive(Protocol):
    """An archive of which the directory has been read and checked."""

    members: list[Member]

    def read(self, name: str, size: int) -> bytes:
        """Unpack at most `size` bytes of a member.

        Raises:
            Unreadable: it is damaged.
        """


def check_count(count: int) -> None:
    """Check the number of members.

    Raises:
        Unreadable: there are too many.
    """
    if count > MAX_MEMBERS:
        raise Unreadable(f"holds {count:,} files, at most {MAX_MEMBERS} are unpacked")


def check_inflated(size: int, left: int = MAX_INFLATED) -> None:
    """Check the bytes that unpacking all members gives.

    Args:
        size: these bytes.
        left: bytes that may still be unpacked.

    Raises:
        Unreadable: they are too many.
    """
    if size > left:
        already = "" if left == MAX_INFLATED else ", together with the archives before it"
        raise Unreadable(f"would unpack to more than {MAX_INFLATED / 1e6:,.0f} MB{already}")


def submitted_members(members: Iterable[Member]) -> list[Member]:
    """Select the members that are files of a submission, the first of each path.

    Left out are paths that lead elsewhere, hidden files and what systems leave behind. A folder that holds all the
    others is left out of their paths.
    """
    found: dict[str, Member] = {}
    for member in members:
        path = PurePosixPath(member.path.replace("\\", "/"))
        elsewhere = path.is_absolute() or ".." in path.parts or str(path) in ("", ".")
        if elsewhere or not all(map(files.is_submitted, path.parts)) or _is_other_checkpoint(path):
            continue
        found.setdefault(str(path), Member(str(path), member.size, member.problem, member.name))
    return _without_shared_folder(list(found.values()))


def _is_other_checkpoint(path: PurePosixPath) -> bool:
    return files.CHECKPOINTS in path.parts and path.suffix.lower() != ".ipynb"


def _without_shared_folder(members: list[Member]) -> list[Member]:
    """The members, without the folder in their paths if one folder holds them all."""
    tops = {member.path.partition("/")[0] for member in members}
    if len(tops) != 1 or tops == {files.CHECKPOINTS} or any("/" not in member.path for member in members):
        return members
    return [Member(member.path.partition("/")[2], member.size, member.problem, member.name) for member in members]

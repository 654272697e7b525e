"""Marks that Git leaves in a file when it cannot merge two versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sides:
    """The two versions of a text with conflicts.

    Attributes:
        ours: the text with the first part of each conflict.
        theirs: the text with the last part of each.
        line: 1-based number of the first mark's line.
    """

    ours: str
    theirs: str
    line: int


def sides_of_conflicts(text: str) -> Sides | None:
    r"""Separate the versions of a text with conflicts; None if there are no marks in it.

    Example:
        >>> sides_of_conflicts("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\nd")
        Sides(ours='a\nb\nd', theirs='a\nc\nd', line=2)
    """
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return None
    ours: list[str] = []
    theirs: list[str] = []
    part, first = "both", 0
    for number, line in enumerate(text.split("\n"), 1):
        mark = line[:7] if line[7:8] in ("", " ", "\r") else ""
        if mark in ("<<<<<<<", ">>>>>>>") or (mark in ("|||||||", "=======") and part != "both"):
            part = {"<<<<<<<": "ours", "|||||||": "base", "=======": "theirs", ">>>>>>>": "both"}[mark]
            first = first or number
            continue
        if part in ("both", "ours"):
            ours.append(line)
        if part in ("both", "theirs"):
            theirs.append(line)
    return Sides("\n".join(ours), "\n".join(theirs), first) if first else None

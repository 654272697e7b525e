"""`cnnkit.start`: student, assignment, and the seed with which a rerun gives the same numbers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cnnkit.card import card
from cnnkit.catalog import index

LONGEST_STUDENT = 100
"""Characters kept of a student id."""


@dataclass(frozen=True, repr=False)
class Session:
    """Assignment and student of this process. A notebook shows it as a short greeting.

    Attributes:
        assignment: name of the assignment.
        student: student id, or "" while none has been filled in.
        seed: 0 to 2**31 - 1, the same for the same assignment and student.
        quick: True if the notebook runs in its quick mode, on fewer images and epochs.
    """

    assignment: str
    student: str
    seed: int
    quick: bool = False

    def _greeting(self) -> tuple[str, list[str]]:
        """Headline and lines, plain text."""
        found = index.find_assignment(self.assignment)
        worth = [f"{name} {points}" for name, points in found.points.items()]
        worth += [f"{name} {points} (read by a person)" for name, points in found.written.items()]
        lines = [f"Points: {', '.join(worth)}."]
        if self.student:
            lines.append(f"✓ Student {self.student}. Your seed is {self.seed}: running again gives the same numbers.")
        else:
            lines.append(
                '○ No student id yet: write yours between the quotes, student="…", so that your record is yours.'
            )
        if self.quick:
            lines.append("○ Quick mode: for while you work. Set QUICK = False before you hand in.")
        else:
            lines.append("✓ Full run: this is what you hand in.")
        return found.title, lines

    def __repr__(self) -> str:
        title, lines = self._greeting()
        return "\n".join([title, *("  " + line for line in lines)])

    def _repr_html_(self) -> str:
        return card(*self._greeting())


_current: Session | None = None


def start(name: str, student: str = "", quick: bool = False) -> Session:
    """Begin an assignment: set the session, and seed Python, NumPy and Keras.

    Args:
        name: the assignment, such as "mnist_convnet".
        student: student id; with "" a reminder is shown and the seed is the same for everybody.
        quick: True in the notebook's quick mode; only shown, never graded.

    Returns:
        The session, which as the last line of a cell is shown as a greeting.

    Raises:
        AssignmentError: no assignment of that name (the nearest one is named), or its assignment.toml is broken.
        TypeError: `student` is not text.

    Example:
        >>> session = start("mnist_convnet", student="s1234567")
        >>> session.seed == start("mnist_convnet", student="s1234567").seed
        True
    """
    global _current
    assignment = index.find_assignment(name)
    if not isinstance(student, str):
        raise TypeError(
            f'student: expected text in quotes such as student="s1234567", found {type(student).__name__}. '
            f'Put the quotes back: student="{student}".'
        )
    student = " ".join(student.split())[:LONGEST_STUDENT]
    student = "".join(letter for letter in student if letter.isprintable())  # a grader refuses other names
    _current = Session(assignment.name, student, seed_of(assignment.name, student), bool(quick))

    import keras  # imported here, so that `import cnnkit` is quick

    keras.utils.set_random_seed(_current.seed)
    return _current


def current_session() -> Session | None:
    """The session of the last call of `start` in this process, or None."""
    return _current


def seed_of(assignment: str, student: str) -> int:
    """A seed of 31 bits that depends only on assignment and student, the same on every machine.

    Example:
        >>> seed_of("mnist_convnet", "s1") == seed_of("mnist_convnet", "s2")
        False
    """
    digest = hashlib.sha256(f"{assignment}\n{student}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") >> 1

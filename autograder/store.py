"""Where results lie: graded/<assignment>/<student>/. Files are written atomically: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from autograder import scorecard
from autograder.scorecard import Scorecard


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class Store:
    """The results of one assignment below an output folder."""

    def __init__(self, output: Path, assignment: str) -> None:
        self.folder = output / assignment

    def card_path(self, student: str) -> Path:
        """Where a student's scorecard lies."""
        return self.folder / student / "scorecard.json"

    def feedback_path(self, student: str) -> Path:
        """Where a student's feedback lies."""
        return self.folder / student / "feedback.html"

    @property
    def grades_path(self) -> Path:
        """Where the class's table lies."""
        return self.folder / "grades.csv"

    def card(self, student: str) -> Scorecard | None:
        """A student's scorecard; None where there is none, or none that can be read (it is then made anew)."""
        try:
            return scorecard.load(self.card_path(student))
        except (OSError, msgspec.MsgspecError, ValueError):
            return None

    def cards(self) -> dict[str, Scorecard]:
        """All scorecards, by student."""
        found = {path.parent.name: self.card(path.parent.name) for path in sorted(self.folder.glob("*/scorecard.json"))}
        return {student: card for student, card in found.items() if card is not None}

    def write(self, card: Scorecard, feedback: str) -> None:
        """Write scorecard and feedback; the scorecard last, so that it is there only when both are."""
        write_atomically(self.feedback_path(card.student), feedback.encode())
        write_atomically(self.card_path(card.student), scorecard.encode(card))

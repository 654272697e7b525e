"""Results on disk, in graded/<assignment>/<student>/. Every file is written whole or not at all."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.results import scorecard
from autograder.results.record_traces import record_traces
from autograder.results.scorecard import Scorecard
from autograder.results.staging import StagedFile, commit_files, stage_files

if TYPE_CHECKING:
    from cnnkit.recording.schema import TrainingRecord


class RunHistory(msgspec.Struct, frozen=True):
    """The part of a training record that is compared across a class.

    Attributes:
        student: id of the student, as the record says.
        history: per-epoch values by metric, all finite.
        traces: see `autograder.results.record_traces`.
    """

    student: str
    history: dict[str, list[float]]
    traces: dict[str, list[str]] = {}


def write_result(path: Path, data: bytes) -> None:
    """Write a file atomically, see `cnnkit.atomic_write`.

    Raises:
        DiskFull: the disk is full. The old file is still there.
    """
    commit_files(stage_files([(path, data)]))


def make_private(folder: Path) -> None:
    """Let only its owner enter a folder of results, which an earlier version made for everybody to read."""
    with contextlib.suppress(OSError):  # it is not there yet, or not ours
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)


def _if_new(path: Path, data: bytes | None) -> list[tuple[Path, bytes | None]]:
    """The file to stage, unless it is there with this content: waiting for the disk takes longer than reading it."""
    try:
        if data is not None and path.stat().st_size == len(data) and path.read_bytes() == data:
            return []
    except OSError:
        pass
    return [(path, data)]


def _finite(record: TrainingRecord) -> bool:
    """True if all values of a history are finite, so that JSON can hold it; a diverged training resembles no other."""
    return all(math.isfinite(value) for values in record.history.values() for value in values)


_histories = msgspec.json.Decoder(dict[str, RunHistory])


TABLES = frozenset({"grades.csv", "records_alike.csv", "report.html"})
"""Names of the class's tables, in lower case, which lie beside the folders of the students: no student can have one."""


class ResultStore:
    """The results of one assignment below an output folder."""

    def __init__(self, output: Path, assignment: str) -> None:
        self.assignment = assignment
        self.folder = output / assignment

    def card_path(self, student: str) -> Path:
        """Path of a student's scorecard."""
        return self.folder / student / "scorecard.json"

    def feedback_path(self, student: str) -> Path:
        """Path of a student's feedback page."""
        return self.folder / student / "feedback.html"

    @property
    def grades_path(self) -> Path:
        """Path of the class's table of marks."""
        return self.folder / "grades.csv"

    def card(self, student: str) -> Scorecard | None:
        """A student's scorecard; None if there is none that can be read (the submission is then graded again)."""
        try:
            return scorecard.load_card(self.card_path(student))
        except (OSError, msgspec.MsgspecError, ValueError):
            return None

    def cards(self) -> dict[str, Scorecard]:
        """All scorecards, by student."""
        found = {path.parent.name: self.card(path.parent.name) for path in sorted(self.folder.glob("*/scorecard.json"))}
        return {student: card for student, card in found.items() if card is not None}

    @property
    def similar_groups_path(self) -> Path:
        """Path of the table of training records that resemble each other."""
        return self.folder / "records_alike.csv"

    def training_path(self, student: str) -> Path:
        """Path of the histories of a student's training records."""
        return self.folder / student / "training.json"

    def histories(self) -> dict[str, dict[str, RunHistory]]:
        """All students' training histories, by student and run."""
        found = {}
        for path in sorted(self.folder.glob("*/training.json")):
            try:
                found[path.parent.name] = _histories.decode(path.read_bytes())
            except (OSError, msgspec.MsgspecError):  # it is written with the next card
                continue
        return found

    def filed_digest(self, student: str) -> str:
        """Digest of the scorecard that was last written to the gradebook; "" if unknown.

        The gradebook alone does not tell: nbgrader writes the points first and the graded notebook after them.
        """
        try:
            return (self.folder / student / "filed").read_text(encoding="utf-8")
        except OSError:
            return ""

    def mark_filed(self, card: Scorecard) -> None:
        """Record that the gradebook has this card's points."""
        write_result(self.folder / card.student / "filed", scorecard.card_digest(card).encode())

    def evidence_path(self, student: str) -> Path:
        """Path of the cached evidence of a submission, see `autograder.evidence.cache`."""
        return self.folder / student / "evidence.bin"

    def evidence(self, student: str) -> bytes | None:
        """The bytes of the cached evidence; None if there is none."""
        try:
            return self.evidence_path(student).read_bytes()
        except OSError:
            return None

    def stage_page(self, card: Scorecard, feedback: str) -> list[StagedFile]:
        """Stage a page that was rendered again, and the scorecard that says so."""
        return stage_files(
            [
                (self.feedback_path(card.student), feedback.encode()),
                (self.card_path(card.student), scorecard.encode_card(card)),
            ]
        )

    def stage(
        self,
        card: Scorecard,
        feedback: str,
        records: Mapping[str, TrainingRecord] | None = None,
        evidence: bytes | None = None,
    ) -> list[StagedFile]:
        """Stage everything, the scorecard last: if it is there, all is.

        Raises:
            DiskFull: there is no room.
        """
        make_private(self.folder)
        histories = {
            run: RunHistory(record.student, record.history, record_traces(record))
            for run, record in (records or {}).items()
            if _finite(record)
        }
        return stage_files(
            [
                *_if_new(self.evidence_path(card.student), evidence),
                *_if_new(self.training_path(card.student), msgspec.json.encode(histories) if histories else None),
                *_if_new(self.feedback_path(card.student), feedback.encode()),
                (self.card_path(card.student), scorecard.encode_card(card)),
            ]
        )

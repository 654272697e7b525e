"""A submission to grade, what grading it takes, and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.layout import submission_folder
from autograder.intake.students import has_submission
from autograder.results.scorecard import Scorecard
from autograder.results.staging import StagedFile
from autograder.results.store import ResultStore

if TYPE_CHECKING:
    from autograder.course.config import Course
    from autograder.records.examiner import Examiner
    from autograder.records.verdicts import Replays
    from cnnkit.recording.schema import TrainingRecord


@dataclass(frozen=True)
class GradingTask:
    """One submission to grade: whose, where it is, and where the result goes.

    Attributes:
        assignment: name of the assignment.
        student: id of the student, the name of a folder.
        submitted: the folder with <student>/<assignment>/.
        output: the folder for <assignment>/<student>/scorecard.json.
    """

    assignment: str
    student: str
    submitted: Path
    output: Path

    @property
    def folder(self) -> Path:
        """The folder that was handed in."""
        return submission_folder(self.submitted, self.student, self.assignment)

    @property
    def store(self) -> ResultStore:
        """The results of this task's assignment."""
        return ResultStore(self.output, self.assignment)

    def has_submission(self, student: str) -> bool:
        """True if a student has handed something in; False for a text that cannot be a student's id."""
        return has_submission(self.submitted, student, self.assignment)


@dataclass(frozen=True)
class GradingContext:
    """Dependencies of the grading pipeline.

    Attributes:
        course: says what an assignment is worth.
        address: gives the zygote's address; called when a submission's code is first needed.
        examiner: examines training records.
        isolation: of the zygote's children.
        replays: see `autograder.records.verdicts.verdicts`.
    """

    course: Course
    address: Callable[[], str]
    examiner: Examiner
    isolation: str
    replays: Replays = "one"


@dataclass(frozen=True)
class GradingResult:
    """Result of grading one submission.

    Attributes:
        card: the scorecard.
        page: the feedback, as HTML.
        records: the training records, by run.
        evidence: the bytes of the evidence cache, see `autograder.evidence.cache`; None if they are too many.
    """

    card: Scorecard
    page: str
    records: Mapping[str, TrainingRecord] = field(default_factory=dict)
    evidence: bytes | None = None

    def stage(self, store: ResultStore) -> list[StagedFile]:
        """Stage scorecard, feedback, records and evidence.

        Raises:
            DiskFull: there is no room.
        """
        return store.stage(self.card, self.page, self.records, self.evidence)


@dataclass(frozen=True)
class StagedUpdate:
    """A result that has been brought up to date, and waits for the disk.

    Attributes:
        card: the scorecard.
        fresh: False if its marks were up to date.
        files: to be committed.
    """

    card: Scorecard
    fresh: bool
    files: Sequence[StagedFile] = ()

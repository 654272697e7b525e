"""Grading one submission: from what came in to a scorecard, its feedback, and evidence that can be used again."""

from __future__ import annotations

import atexit
import functools
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cnnkit
from autograder.course.config import Assignment, Course
from autograder.evidence import cache as evidence_kept
from autograder.evidence.cache import CachedEvidence
from autograder.evidence.conversation import Conversation
from autograder.evidence.remote import RemoteEvidence
from autograder.intake import read_submission, submission_digest
from autograder.intake.submission import Submission, Ungradable
from autograder.records.examiner import Examiner, ExaminerClient
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.verdicts import Replays, verdicts
from autograder.report import feedback_html
from autograder.results.scorecard import RecordVerdict, Scorecard
from autograder.results.store import ResultStore
from autograder.rubric import run as rubric
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.registry import Brief, public_checks, stand_ins
from cnnkit.expect.fit import ends_in_softmax
from cnnkit.expect.network import SOFTMAX_IN_THE_LOSS
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.schema import TrainingRecord


@dataclass(frozen=True)
class GradingTask:
    """One submission to grade: whose, where it lies, and where the result goes."""

    assignment: str
    student: str
    submitted: Path
    output: Path

    @property
    def folder(self) -> Path:
        """The folder that came in."""
        return self.submitted / self.student / self.assignment

    @property
    def store(self) -> ResultStore:
        """Where its results are."""
        return ResultStore(self.output, self.assignment)


@dataclass(frozen=True)
class GradingContext:
    """What grading needs beside a submission.

    Attributes:
        course: says what an assignment is worth.
        address: gives the zygote's address; called when a submission's code is first needed.
        examiner: examines training records.
        isolation: of the zygote's children.
        replays: see `autograder.records.verdicts.verdicts`.
        is_classmate: whether an id is that of somebody in the class; by the folders beside the task's unless given.
    """

    course: Course
    address: Callable[[], str]
    examiner: Examiner
    isolation: str
    replays: Replays = "one"
    is_classmate: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class GradingResult:
    """What became of one submission.

    Attributes:
        card: its scorecard.
        page: the feedback, as HTML.
        records: its training records.
        evidence: what another grading can use again, see `autograder.evidence.cache`.
    """

    card: Scorecard
    page: str
    records: Mapping[str, TrainingRecord] = field(default_factory=dict)
    evidence: bytes | None = None

    def write(self, store: ResultStore) -> None:
        """Put it where results are."""
        store.write(self.card, self.page, self.records, self.evidence)


def grade_task(task: GradingTask, means: GradingContext, earlier: bytes | None = None) -> GradingResult:
    """Read one submission and grade it. Nothing is written.

    Args:
        task: the submission.
        means: what it takes.
        earlier: evidence of an earlier grading.

    Raises:
        RubricError: the rubric is wrong.
        SandboxError: no submission's code can be run.
    """
    try:
        submission = read_submission(task.folder, task.assignment, task.student, means.course)
    except Ungradable as reason:
        return ungradable_result(task.assignment, task.student, means, reason)
    return grade_submission(submission, means, earlier)


def ungradable_result(assignment: str, student: str, means: GradingContext, reason: Ungradable) -> GradingResult:
    """The result of a submission that cannot be read."""
    about = assignment, student
    card = _card(*about, means, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
    return GradingResult(card, _page(means.course.assignment(assignment), card))


def grade_submission(submission: Submission, means: GradingContext, earlier: bytes | None = None) -> GradingResult:
    """Grade what has been read; see `grade`."""
    started = time.perf_counter()
    name, assignment = submission.assignment, means.course.assignment(submission.assignment)
    key = evidence_kept.evidence_key(submission, assignment.limits, means.isolation)
    kept = evidence_kept.load_evidence(earlier, key)
    conversation = Conversation(submission, means.address, assignment.limits, kept)
    try:
        training = _verified(submission, means, kept)
        evidence = RemoteEvidence(conversation, stand_ins(name))
        checks = rubric.run_rubric(name, assignment, evidence, submission.records, training)
        networks = _networks(evidence, name)
    finally:
        conversation.close()
    conversation.keep(kept)
    card = _card(
        name,
        submission.student,
        means,
        status="graded",
        score=round(sum(check.points for check in checks), 6),
        checks=checks,
        training=training,
        notes=[*submission.notes, *conversation.notes],
        seconds=round(time.perf_counter() - started, 2),
        submission=submission.digest,
    )
    page = _page(assignment, card, networks, submission.records)
    return GradingResult(card, page, submission.records, evidence_kept.encode_evidence(kept))


class _CachingExaminer:
    """An examiner that looks first at what was examined before."""

    def __init__(self, examiner: Examiner, kept: CachedEvidence) -> None:
        self._examiner = examiner
        self._kept = kept

    def examine(self, question: ExaminationRequest) -> Examination:
        """What comes out, or came out."""
        about = evidence_kept.examination_key(question)
        if about not in self._kept.examined:
            found = self._examiner.examine(question)
            if "process" in found.problems:  # that was the machine's doing
                return found
            self._kept.examined[about] = found
        return self._kept.examined[about]


def _verified(submission: Submission, means: GradingContext, kept: CachedEvidence) -> dict[str, RecordVerdict]:
    """The verdicts on its training records."""
    name, student = submission.assignment, submission.student

    def is_classmate(other: str) -> bool:
        plain = other not in ("", ".", "..") and "/" not in other and "\0" not in other
        return plain and (submission.folder.parents[1] / other / name).is_dir()

    # which run is replayed nobody can know before it is graded; once it is chosen, another rubric changes nothing
    kept.lot = kept.lot or f"{submission.digest} {rubric.rubric_digest(name)}"
    known = means.is_classmate or is_classmate
    return verdicts(
        submission.records,
        submission.weights,
        _CachingExaminer(means.examiner, kept),
        assignment=name,
        student=student,
        is_classmate=lambda other: other != student and known(other),
        lot=kept.lot,
        replays=means.replays,
    )


def cached_card(task: GradingTask, isolation: str | Collection[str]) -> Scorecard | None:
    """The scorecard that stands for this task, if submission, rubric, kit and isolation are still the same."""
    card = task.store.card(task.student)
    if card is None or card.rubric != rubric.rubric_digest(task.assignment) or card.kit != cnnkit.__version__:
        return None
    if card.isolation not in ((isolation,) if isinstance(isolation, str) else isolation):
        return None
    return card if submission_digest(task.folder) == card.submission else None


def grade_on_demand(task: GradingTask, course: Course, asked: IsolationChoice = "auto") -> Scorecard:
    """The scorecard that stands, or a fresh one: what `nbgrader autograde` needs for a single submission.

    The zygote is started with the first one and serves this process to its end.

    Raises:
        SandboxError: no submission's code can be run on this machine.
    """
    means = _shared_means(course, asked)
    card = cached_card(task, means.isolation)
    if card is None:
        result = grade_task(task, means, task.store.evidence(task.student))
        result.write(task.store)
        card = result.card
    return card


@functools.cache
def _zygote(asked: IsolationChoice, *hidden: tuple[str, Path]) -> Zygote:
    zygote = Zygote(asked, dict(hidden))
    atexit.register(zygote.close)
    return zygote


def _shared_means(course: Course, asked: IsolationChoice) -> GradingContext:
    zygote = _zygote(asked, *hidden_from_submissions(course).items())
    return GradingContext(course, lambda: zygote.address, _shared_examiner(zygote.address), zygote.isolation)


@functools.cache
def _shared_examiner(address: str) -> ExaminerClient:
    return ExaminerClient(lambda: address)


def hidden_from_submissions(course: Course, *more: Path) -> dict[str, Path]:
    """What no submission may reach, by name: for the proof that isolation holds."""
    found = {
        "the rubrics": rubric.RUBRICS,
        "the solutions": course.root / "solutions",
        "the gradebook": course.root / "gradebook.db",
        "course.toml": course.root / "course.toml",
    }
    return found | {str(path): path for path in more}


def _card(assignment: str, student: str, means: GradingContext, **fields: Any) -> Scorecard:
    return Scorecard(
        assignment=assignment,
        student=student,
        max_score=means.course.assignment(assignment).max_score,
        rubric=rubric.rubric_digest(assignment),
        kit=cnnkit.__version__,
        isolation=means.isolation,
        **fields,
    )


def _brief(assignment: str) -> Brief | None:
    checks = public_checks(assignment)
    return checks.brief if checks else None


def _networks(evidence: RemoteEvidence, assignment: str) -> tuple[ModelSpec, ModelSpec] | None:
    """The student's network and the one it is compared with, for the feedback's table.

    The answers are remembered from the rubric's own questions.
    """
    brief = _brief(assignment)
    if brief is None:
        return None
    try:
        found = evidence.model(brief.function, input_shape=brief.network.input_shape)
    except (Mismatch, StudentError):
        return None
    return found, brief.beside(found, evidence)


def _network_note(assignment: str, compared: ModelSpec | None) -> str:
    """What is said beside the networks where the student's is not compared with the brief as it stands."""
    brief = _brief(assignment)
    if brief is None or compared is None or not ends_in_softmax(brief.network) or ends_in_softmax(compared):
        return ""
    return SOFTMAX_IN_THE_LOSS


def _page(
    assignment: Assignment,
    card: Scorecard,
    networks: tuple[ModelSpec, ModelSpec] | None = None,
    records: Mapping[str, TrainingRecord] | None = None,
) -> str:
    found, brief = networks or (None, None)
    return feedback_html(
        card,
        title=assignment.title,
        found=found,
        brief=brief,
        network_note=_network_note(card.assignment, brief),
        histories={run: record.history for run, record in (records or {}).items()} or None,
    )


__all__ = [
    "GradingContext",
    "GradingResult",
    "GradingTask",
    "cached_card",
    "grade_on_demand",
    "grade_task",
    "hidden_from_submissions",
]

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
from autograder.evidence.cache import Kept
from autograder.evidence.conversation import Conversation
from autograder.evidence.remote import RemoteEvidence
from autograder.intake import read_submission, submission_digest
from autograder.intake.submission import Submission, Ungradable
from autograder.records.examiner import Examiner, Examines
from autograder.records.requests import Examine, Examined
from autograder.records.verdicts import Replays, verdicts
from autograder.report import feedback_html
from autograder.results.scorecard import Scorecard, Verdict
from autograder.results.store import Store
from autograder.rubric import run as rubric
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import Asked
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.registry import Brief, public_checks, stand_ins
from cnnkit.expect.fit import ends_in_softmax
from cnnkit.expect.network import SOFTMAX_IN_THE_LOSS
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.recording.schema import TrainingRecord


@dataclass(frozen=True)
class Task:
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
    def store(self) -> Store:
        """Where its results are."""
        return Store(self.output, self.assignment)


@dataclass(frozen=True)
class Means:
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
    examiner: Examines
    isolation: str
    replays: Replays = "one"
    is_classmate: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class Result:
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

    def write(self, store: Store) -> None:
        """Put it where results are."""
        store.write(self.card, self.page, self.records, self.evidence)


def grade(task: Task, means: Means, earlier: bytes | None = None) -> Result:
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
        return ungradable(task.assignment, task.student, means, reason)
    return grade_submission(submission, means, earlier)


def ungradable(assignment: str, student: str, means: Means, reason: Ungradable) -> Result:
    """The result of a submission that cannot be read."""
    about = assignment, student
    card = _card(*about, means, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
    return Result(card, _page(means.course.assignment(assignment), card))


def grade_submission(submission: Submission, means: Means, earlier: bytes | None = None) -> Result:
    """Grade what has been read; see `grade`."""
    started = time.perf_counter()
    name, assignment = submission.assignment, means.course.assignment(submission.assignment)
    key = evidence_kept.key_of(submission, assignment.limits, means.isolation)
    kept = evidence_kept.decode(earlier, key)
    conversation = Conversation(submission, means.address, assignment.limits, kept)
    try:
        training = _verified(submission, means, kept)
        evidence = RemoteEvidence(conversation, stand_ins(name))
        checks = rubric.run(name, assignment, evidence, submission.records, training)
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
    return Result(card, page, submission.records, evidence_kept.encode(kept))


class _Remembering:
    """An examiner that looks first at what was examined before."""

    def __init__(self, examiner: Examines, kept: Kept) -> None:
        self._examiner = examiner
        self._kept = kept

    def examine(self, question: Examine) -> Examined:
        """What comes out, or came out."""
        about = evidence_kept.question_about(question)
        if about not in self._kept.examined:
            found = self._examiner.examine(question)
            if "process" in found.problems:  # that was the machine's doing
                return found
            self._kept.examined[about] = found
        return self._kept.examined[about]


def _verified(submission: Submission, means: Means, kept: Kept) -> dict[str, Verdict]:
    """The verdicts on its training records."""
    name, student = submission.assignment, submission.student

    def is_classmate(other: str) -> bool:
        plain = other not in ("", ".", "..") and "/" not in other and "\0" not in other
        return plain and (submission.folder.parents[1] / other / name).is_dir()

    # which run is replayed nobody can know before it is graded; once it is chosen, another rubric changes nothing
    kept.lot = kept.lot or f"{submission.digest} {rubric.digest(name)}"
    known = means.is_classmate or is_classmate
    return verdicts(
        submission.records,
        submission.weights,
        _Remembering(means.examiner, kept),
        assignment=name,
        student=student,
        is_classmate=lambda other: other != student and known(other),
        lot=kept.lot,
        replays=means.replays,
    )


def current_card(task: Task, isolation: str | Collection[str]) -> Scorecard | None:
    """The scorecard that stands for this task, if submission, rubric, kit and isolation are still the same."""
    card = task.store.card(task.student)
    if card is None or card.rubric != rubric.digest(task.assignment) or card.kit != cnnkit.__version__:
        return None
    if card.isolation not in ((isolation,) if isinstance(isolation, str) else isolation):
        return None
    return card if submission_digest(task.folder) == card.submission else None


def grade_one_now(task: Task, course: Course, asked: Asked = "auto") -> Scorecard:
    """The scorecard that stands, or a fresh one: what `nbgrader autograde` needs for a single submission.

    The zygote is started with the first one and serves this process to its end.

    Raises:
        SandboxError: no submission's code can be run on this machine.
    """
    means = _shared_means(course, asked)
    card = current_card(task, means.isolation)
    if card is None:
        result = grade(task, means, task.store.evidence(task.student))
        result.write(task.store)
        card = result.card
    return card


@functools.cache
def _zygote(asked: Asked, *hidden: tuple[str, Path]) -> Zygote:
    zygote = Zygote(asked, dict(hidden))
    atexit.register(zygote.close)
    return zygote


def _shared_means(course: Course, asked: Asked) -> Means:
    zygote = _zygote(asked, *hidden_from_submissions(course).items())
    return Means(course, lambda: zygote.address, _shared_examiner(zygote.address), zygote.isolation)


@functools.cache
def _shared_examiner(address: str) -> Examiner:
    return Examiner(lambda: address)


def hidden_from_submissions(course: Course, *more: Path) -> dict[str, Path]:
    """What no submission may reach, by name: for the proof that isolation holds."""
    found = {
        "the rubrics": rubric.RUBRICS,
        "the solutions": course.root / "solutions",
        "the gradebook": course.root / "gradebook.db",
        "course.toml": course.root / "course.toml",
    }
    return found | {str(path): path for path in more}


def _card(assignment: str, student: str, means: Means, **fields: Any) -> Scorecard:
    return Scorecard(
        assignment=assignment,
        student=student,
        max_score=means.course.assignment(assignment).max_score,
        rubric=rubric.digest(assignment),
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


__all__ = ["Means", "Result", "Task", "current_card", "grade", "grade_one_now", "hidden_from_submissions"]

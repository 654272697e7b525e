"""Grading: one submission to a scorecard, and a class of them in parallel."""

from __future__ import annotations

import atexit
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cnnkit
from autograder import rubric
from autograder.course import Assignment, Course
from autograder.evidence.remote import RemoteEvidence
from autograder.evidence.session import Conversation
from autograder.intake import read_submission
from autograder.intake.submission import Submission, Ungradable
from autograder.report import feedback_html
from autograder.rubric import RubricError
from autograder.sandbox.client import Zygote
from autograder.scorecard import Scorecard, Verdict
from autograder.store import Store
from autograder.verify.client import Examiner
from autograder.verify.submission import Replays, verdicts
from autograder.workers import worker_pool
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.fitting import ends_in_softmax
from cnnkit.checks.network import SOFTMAX_IN_THE_LOSS
from cnnkit.checks.registry import Brief, public_checks, stand_ins
from cnnkit.mismatch import Mismatch
from cnnkit.spec.model import ModelSpec


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


@dataclass(frozen=True)
class Graded:
    """What became of one task: a card, or, where the grader itself failed, why. `fresh` is False for one that stood."""

    student: str
    card: Scorecard | None
    failure: str = ""
    fresh: bool = True


def students_in(submitted: Path, assignment: str) -> list[str]:
    """The students who have handed something in: names of the folders `submitted/<student>/<assignment>`."""
    return sorted(
        path.parent.name for path in submitted.glob(f"*/{assignment}") if not path.parent.name.startswith(".")
    )


def grade_one(
    course: Course, task: Task, address: Callable[[], str], examiner: Examiner, replays: Replays = "one"
) -> Scorecard:
    """Grade one submission and write its scorecard and feedback.

    Args:
        course: says what the assignment is worth.
        task: the submission.
        address: gives the zygote's address; called when the submission's code is first needed.
        examiner: examines training records.
        replays: see `autograder.verify.submission.verdicts`.

    Raises:
        RubricError: the rubric is wrong.
    """
    started = time.perf_counter()
    assignment = course.assignment(task.assignment)
    try:
        submission = read_submission(task.folder, task.assignment, task.student, course)
    except Ungradable as reason:
        card = _card(task, assignment, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
        _write(task, assignment, card)
        return card
    conversation = Conversation(submission, address, assignment.limits)
    try:
        training = _verified(task, submission, examiner, replays)
        evidence = RemoteEvidence(conversation, stand_ins(task.assignment))
        checks = rubric.run(task.assignment, assignment, evidence, submission.records, training)
        networks = _networks(evidence, task.assignment)
    finally:
        conversation.close()
    card = _card(
        task,
        assignment,
        status="graded",
        score=round(sum(check.points for check in checks), 6),
        checks=checks,
        training=training,
        notes=[*submission.notes, *conversation.notes],
        seconds=round(time.perf_counter() - started, 2),
        submission=submission.digest,
    )
    _write(task, assignment, card, networks, submission)
    return card


def _verified(task: Task, submission: Submission, examiner: Examiner, replays: Replays) -> dict[str, Verdict]:
    """The verdicts on its training records."""

    def is_classmate(name: str) -> bool:
        plain = name not in ("", ".", "..", task.student) and "/" not in name and "\0" not in name
        return plain and (task.submitted / name / task.assignment).is_dir()

    return verdicts(
        submission.records,
        submission.weights,
        examiner,
        assignment=task.assignment,
        student=task.student,
        is_classmate=is_classmate,
        lot=f"{submission.digest} {rubric.digest(task.assignment)}",
        replays=replays,
    )


def grade_one_now(course: Course, assignment: str, student: str, submitted: Path, graded: Path) -> Scorecard:
    """Grade a single submission: what `nbgrader autograde` needs where no scorecard stands.

    The zygote is started with the first one and serves this process to its end.
    """
    return grade_one(course, Task(assignment, student, submitted, graded), _shared_address, _shared_examiner())


@functools.cache
def _shared_examiner() -> Examiner:
    return Examiner(_shared_address)


@functools.cache
def _shared_address() -> str:
    zygote = Zygote()
    atexit.register(zygote.close)
    return zygote.address


def current_card(course: Course, task: Task) -> Scorecard | None:
    """The scorecard that stands for this task, if the submission, the rubric and the kit are still the same."""
    card = Store(task.output, task.assignment).card(task.student)
    if card is None or card.rubric != rubric.digest(task.assignment) or card.kit != cnnkit.__version__:
        return None
    try:
        digest = read_submission(task.folder, task.assignment, task.student, course).digest
    except Ungradable as reason:
        digest = reason.digest
    return card if digest == card.submission else None


def grade_class(
    course: Course, tasks: Sequence[Task], *, jobs: int, force: bool = False, replays: Replays = "one"
) -> Iterator[Graded]:
    """Grade many submissions on this machine, `jobs` at a time; results come as they are ready.

    Those whose scorecard still stands are not graded again unless `force` is set. A submission whose grading fails for
    a reason of the grader's own is reported, and the rest are graded all the same.

    Raises:
        SandboxError: no submission's code can be run on this machine.
    """
    todo = []
    for task in tasks:
        card = None if force else current_card(course, task)
        if card is None:
            todo.append(task)
        else:
            yield Graded(task.student, card, fresh=False)
    if not todo:
        return
    with (
        Zygote() as zygote,
        worker_pool(min(jobs, len(todo)), __name__, _begin, course, zygote.address, replays) as pool,
    ):
        futures = {pool.submit(_work, task): task for task in todo}
        zygote.wait()  # what keeps it from starting is said once, not for every submission
        for future in as_completed(futures):
            try:
                yield Graded(futures[future].student, future.result())
            except Exception as error:
                yield Graded(futures[future].student, None, f"{type(error).__name__}: {error}")


# The worker processes. They are forked from a clean helper process, hold no student code, and never import TensorFlow.

_worker: dict[str, Any] = {}


def _begin(course: Course, address: str, replays: Replays) -> None:
    _worker.update(course=course, address=address, examiner=Examiner(lambda: address), replays=replays)


def _work(task: Task) -> Scorecard:
    return grade_one(_worker["course"], task, lambda: _worker["address"], _worker["examiner"], _worker["replays"])


def _card(task: Task, assignment: Assignment, **fields: Any) -> Scorecard:
    return Scorecard(
        assignment=task.assignment,
        student=task.student,
        max_score=assignment.max_score,
        rubric=rubric.digest(task.assignment),
        kit=cnnkit.__version__,
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


def _write(
    task: Task,
    assignment: Assignment,
    card: Scorecard,
    networks: tuple[ModelSpec, ModelSpec] | None = None,
    submission: Submission | None = None,
) -> None:
    found, brief = networks or (None, None)
    records = submission.records if submission else {}
    page = feedback_html(
        card,
        title=assignment.title,
        found=found,
        brief=brief,
        network_note=_network_note(task.assignment, brief),
        histories={run: record.history for run, record in records.items()} or None,
    )
    Store(task.output, task.assignment).write(card, page, records)


__all__ = ["Graded", "RubricError", "Task", "current_card", "grade_class", "grade_one", "grade_one_now", "students_in"]

"""Grading a class on a Dask cluster: the same map, with submissions and results travelling as bytes.

Each worker process has the kit installed and keeps a zygote of its own. Dask runs again what a worker that died was
doing; nothing here has to.
"""

from __future__ import annotations

import atexit
import functools
import threading
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import cnnkit
from autograder.course.config import Assignment, Course, CourseHeader
from autograder.course.layout import RUBRICS
from autograder.grading.pipeline import GradingContext, GradingResult, GradingTask, grade_submission, ungradable_result
from autograder.grading.pool import TaskResult, split_cached, submitting_students
from autograder.intake import Cell, Submission, Ungradable, read_submission
from autograder.records.examiner import ExaminerClient
from autograder.records.verdicts import Replays
from autograder.results.scorecard import Scorecard
from autograder.rubric import run as rubric
from autograder.sandbox.client.connection import SandboxError
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from cnnkit.recording.schema import TrainingRecord

if TYPE_CHECKING:
    from distributed import Client

PREFIX = "tcp://"
_LONGEST_CONNECT = "30s"
_ISOLATED = ("namespaces", "bubblewrap")


class _Class(msgspec.Struct, frozen=True):
    """What all submissions of a class have in common."""

    name: str
    assignment: Assignment
    rubric: str
    kit: str
    isolation: IsolationChoice
    replays: Replays


class _Parcel(msgspec.Struct, frozen=True):
    """One submission, as it was read where it came in. `classmates` are those of the class whom its records name."""

    student: str
    cells: tuple[Cell, ...]
    records: dict[str, TrainingRecord]
    weights: dict[str, bytes]
    notes: tuple[str, ...]
    digest: str
    classmates: frozenset[str]
    evidence: bytes | None


class _GradedParcel(msgspec.Struct, frozen=True):
    """What comes back."""

    card: Scorecard
    page: str
    evidence: bytes | None


_encode = msgspec.msgpack.encode


def grade_on_cluster(
    course: Course,
    tasks: Sequence[GradingTask],
    address: str,
    *,
    force: bool = False,
    replays: Replays = "one",
    isolation: IsolationChoice = "auto",
) -> Iterator[TaskResult]:
    """Grade many submissions on the cluster whose scheduler is at `address` ("tcp://..."); results as they are ready.

    Otherwise as `autograder.grading.pool.grade_class`, whose results these equal. Reading what came in and writing the
    results is done here.

    Raises:
        SandboxError: the scheduler cannot be reached, or `distributed` is not installed.
    """
    todo, done = split_cached(tasks, _ISOLATED if isolation == "auto" else isolation, force=force)
    yield from done
    if not todo:
        return
    (name,) = {task.assignment for task in todo}
    common = _Class(
        name=name,
        assignment=course.assignment(name),
        rubric=rubric.rubric_digest(name),
        kit=cnnkit.__version__,
        isolation=isolation,
        replays=replays,
    )
    with _client(address) as client:
        from distributed import as_completed

        # bytes travel with the task, so that it can run again: scattered data would die with its worker
        shared, students = _encode(common), set(submitting_students(todo[0].submitted, name))
        futures: dict[Any, tuple[GradingTask, Submission]] = {}
        for task in todo:
            try:
                submission = read_submission(task.folder, name, task.student, course)
            except Ungradable as reason:
                yield _written(task, ungradable_result(name, task.student, _means_here(course, isolation), reason))
                continue
            parcel = _parcel(submission, students, None if force else task.store.evidence(task.student))
            futures[client.submit(work, shared, parcel, pure=False)] = task, submission
        for future in as_completed(list(futures), loop=client.loop):
            task, submission = futures.pop(future)
            try:
                answer = msgspec.msgpack.decode(future.result(), type=_GradedParcel)
            except Exception as error:
                yield TaskResult(task.student, None, f"{type(error).__name__}: {error}")
                continue
            yield _written(task, GradingResult(answer.card, answer.page, submission.records, answer.evidence))


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise SandboxError(f"--executor {address} needs distributed: pip install 'cnn-course-kit[cluster]'") from error
    try:
        return Client(address, timeout=_LONGEST_CONNECT, set_as_default=False)
    except OSError as error:
        raise SandboxError(f"no Dask scheduler answers at {address}: {error}") from error


def _parcel(submission: Submission, students: Set[str], evidence: bytes | None) -> bytes:
    return _encode(
        _Parcel(
            student=submission.student,
            cells=submission.cells,
            records=submission.records,
            weights=submission.weights,
            notes=submission.notes,
            digest=submission.digest,
            classmates=frozenset(record.student for record in submission.records.values()) & students,
            evidence=evidence,
        )
    )


def _means_here(course: Course, asked: IsolationChoice) -> GradingContext:
    """For what cannot be read: nothing has to run."""

    def nowhere() -> str:
        raise SandboxError("asked for a process where none is needed")

    return GradingContext(course, nowhere, ExaminerClient(nowhere), _ISOLATED[0] if asked == "auto" else asked)


def _written(task: GradingTask, result: GradingResult) -> TaskResult:
    result.write(task.store)
    return TaskResult(task.student, result.card)


# --- in the workers -------------------------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
"""pytest and the examiner take one submission at a time; give Dask processes, not threads."""


def work(common: bytes, parcel: bytes) -> bytes:
    """Grade one submission.

    Raises:
        SandboxError: no submission can be isolated on this worker.
        RuntimeError: this worker has another rubric or another kit than the one who asks.
    """
    shared = msgspec.msgpack.decode(common, type=_Class)
    sent = msgspec.msgpack.decode(parcel, type=_Parcel)
    here = rubric.rubric_digest(shared.name), cnnkit.__version__
    if here != (shared.rubric, shared.kit):
        raise RuntimeError(
            f"this worker has kit {here[1]} with rubric {here[0][:15]}, the grader kit {shared.kit} with "
            f"{shared.rubric[:15]}: install the same course on both"
        )
    submission = Submission(
        assignment=shared.name,
        student=sent.student,
        folder=Path(),
        cells=sent.cells,
        records=sent.records,
        weights=sent.weights,
        notes=sent.notes,
        digest=sent.digest,
    )
    with _one_at_a_time:
        means = replace(_means(common), is_classmate=sent.classmates.__contains__)
        result = grade_submission(submission, means, sent.evidence)
    return _encode(_GradedParcel(card=result.card, page=result.page, evidence=result.evidence))


@functools.lru_cache(maxsize=2)
def _means(common: bytes) -> GradingContext:
    shared = msgspec.msgpack.decode(common, type=_Class)
    course = Course(course=CourseHeader(name="", id="", repository=""), assignments={shared.name: shared.assignment})
    zygote = _zygote(shared.isolation, tuple(shared.assignment.data))
    return GradingContext(
        course=course,
        address=lambda: zygote.address,
        examiner=ExaminerClient(lambda: zygote.address),
        isolation=zygote.isolation,
        replays=shared.replays,
    )


@functools.lru_cache(maxsize=2)
def _zygote(isolation: IsolationChoice, data: tuple[str, ...]) -> Zygote:
    zygote = Zygote(isolation, {"the rubrics": RUBRICS}, data)
    atexit.register(zygote.close)
    zygote.wait()
    return zygote

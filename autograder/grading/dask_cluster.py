"""Grading a class on a Dask cluster: the same map, with submissions and results travelling as bytes.

Each worker process has the kit installed and keeps a zygote of its own. Dask runs again what a worker that died was
doing; nothing here has to.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from autograder.course.config import Assignment, Course, CourseHeader
from autograder.course.layout import RUBRICS
from autograder.evidence.cache import earlier_only
from autograder.grading.due import split_due
from autograder.grading.freshness import STAGES, Stage, code_digest
from autograder.grading.pipeline import grade_submission, named_classmates, render_again, ungradable_result
from autograder.grading.pool import TaskResult
from autograder.grading.tasks import GradingContext, GradingResult, GradingTask, StagedUpdate
from autograder.grading.workers import release_memory
from autograder.intake.bounded import read_bounded
from autograder.intake.submission import Cell, Submission, Ungradable
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.verdicts import Replays
from autograder.results.scorecard import Scorecard
from autograder.results.staging import DiskFull, commit_groups
from autograder.sandbox.client.connection import SandboxError
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from cnnkit.recording.schema import TrainingRecord

if TYPE_CHECKING:
    from distributed import Client, Security

_LONGEST_CONNECT = "30s"
_ENCRYPTED = "tls://"
_CERTIFICATES = ("ca-file", "client-cert", "client-key")
"""Names that Dask's configuration has to give for an encrypted connection."""

_ISOLATED = ("namespaces", "bubblewrap")

_SENT_AT_LEAST, _SENT_PER_THREAD = 8, 4
"""Submissions that are sent ahead: a parcel with final weights takes 6 MB in this process and in the scheduler."""


class _Class(msgspec.Struct, frozen=True):
    """Everything that the submissions of a class have in common.

    Attributes:
        name: of the assignment.
        assignment: what it is worth.
        code: digests of the code by stage: grader and workers must have the same.
        isolation: what was asked for.
        replays: see `autograder.records.verdicts.verdicts`.
    """

    name: str
    assignment: Assignment
    code: dict[str, str]
    isolation: IsolationChoice
    replays: Replays


class _Parcel(msgspec.Struct, frozen=True):
    """One submission, as it was read where it came in.

    Attributes:
        classmates: for each other student whom its records name, whether that student is in the class.
        evidence: the bytes of the evidence cache, if there are any.
    """

    student: str
    cells: tuple[Cell, ...]
    records: dict[str, TrainingRecord]
    weights: dict[str, bytes]
    notes: tuple[str, ...]
    left_aside: tuple[str, ...]
    digest: str
    exercises: dict[str, tuple[str, ...]]
    files: dict[str, bytes]
    classmates: dict[str, bool]
    evidence: bytes | None


class _GradedParcel(msgspec.Struct, frozen=True):
    """Result of grading one submission, as it travels back."""

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
    """Grade many submissions on the cluster whose scheduler is at `address` ("tcp://...", "tls://...").

    Results come as they are ready. Otherwise as `autograder.grading.pool.grade_class`, whose results these equal.
    Reading what came in and writing the results is done here.

    Raises:
        SandboxError: the scheduler cannot be reached, `distributed` is not installed, or Dask's configuration has no
            certificates for an address "tls://...".
    """
    here = _context_here(course, isolation)
    due, done = split_due(tasks, here, force=force, isolations=_ISOLATED if isolation == "auto" else ())
    yield from (TaskResult(task.student, card, fresh=False) for task, card in done.items())
    if not due:
        return
    (name,) = {task.assignment for task in due}
    common = _Class(
        name=name,
        assignment=course.assignment(name),
        code=_code(name),
        isolation=isolation,
        replays=replays,
    )
    with _client(address) as client:
        from distributed import as_completed

        # bytes travel with the task, so that it can run again: scattered data would die with its worker
        shared = _encode(common)
        left = iter(due.items())
        sent: dict[Any, tuple[GradingTask, Mapping[str, TrainingRecord]]] = {}
        completed = as_completed([], loop=client.loop)
        while True:
            most = _SENT_AT_LEAST + _SENT_PER_THREAD * sum(client.nthreads().values())
            updates: list[tuple[GradingTask, StagedUpdate]] = []
            taken = list(itertools.islice(left, most - len(sent)))
            for task, stage in taken:
                try:
                    cached = task.store.evidence(task.student)
                    cached = earlier_only(cached) if force else cached
                    prepared = _prepared(task, stage, course, here, cached)
                    if isinstance(prepared, StagedUpdate):
                        updates.append((task, prepared))
                        continue
                    parcel = _parcel(task, prepared, cached)
                except DiskFull:
                    raise
                except Exception as error:
                    yield _failed(task, error)
                    continue
                future = client.submit(work, shared, parcel, pure=False)
                sent[future] = task, prepared.records
                completed.add(future)
            if not sent and not taken:
                return
            yield from _committed(updates)
            if not sent:
                continue
            updates = []
            for future in completed.next_batch():
                task, records = sent.pop(future)
                try:
                    answer = msgspec.msgpack.decode(future.result(), type=_GradedParcel)
                    result = GradingResult(answer.card, answer.page, records, answer.evidence)
                    updates.append((task, _staged(task, result)))
                except DiskFull:
                    raise
                except Exception as error:
                    yield _failed(task, error)
            yield from _committed(updates)


def _prepared(
    task: GradingTask, stage: Stage, course: Course, here: GradingContext, cached: bytes | None
) -> Submission | StagedUpdate:
    """The submission to send to a worker; or the result, where no worker is needed."""
    card = task.store.card(task.student) if stage == "page" else None
    if card is not None and (result := render_again(task, here, card, cached)) is not None:
        return StagedUpdate(result.card, fresh=False, files=task.store.stage_page(result.card, result.page))
    try:
        return read_bounded(task.folder, task.assignment, task.student, course)
    except Ungradable as reason:
        return _staged(task, ungradable_result(task, here, reason, task.store.evidence(task.student)))


def _failed(task: GradingTask, error: Exception) -> TaskResult:
    return TaskResult(task.student, None, f"{type(error).__name__}: {error}")


def _staged(task: GradingTask, result: GradingResult) -> StagedUpdate:
    return StagedUpdate(result.card, fresh=True, files=result.stage(task.store))


def _committed(updates: Sequence[tuple[GradingTask, StagedUpdate]]) -> list[TaskResult]:
    """Write results that have been staged; one that cannot be written fails alone."""
    errors = commit_groups([update.files for _, update in updates])
    return [
        TaskResult(task.student, update.card, fresh=update.fresh) if error is None else _failed(task, error)
        for (task, update), error in zip(updates, errors, strict=True)
    ]


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise SandboxError(f"--executor {address} needs distributed: pip install 'cnn-course-kit[cluster]'") from error
    try:
        security = _security(address)
        return Client(address, timeout=_LONGEST_CONNECT, set_as_default=False, security=security)
    except (OSError, TypeError) as error:  # the latter where the two sides do not agree on TLS
        raise SandboxError(f"no Dask scheduler answers at {address}: {error}") from error


def _security(address: str) -> Security:
    """Dask's own settings of TLS, which for an address "tls://..." must name the client's certificate.

    Raises:
        SandboxError: they do not, or a file that they name is not there.
    """
    from distributed import Security

    if not address.startswith(_ENCRYPTED):
        return Security()
    found = Security(require_encryption=True)
    files = {name: getattr(found, f"tls_{name.replace('-', '_')}") for name in _CERTIFICATES}
    absent = [name for name, file in files.items() if not file or not ("\n" in file or Path(file).is_file())]
    if absent:
        settings = ", ".join(f"distributed.comm.tls.{name.replace('client-', 'client.')}" for name in absent)
        raise SandboxError(
            f"{address} needs certificates, and Dask's configuration names no file that is there for: {settings}. See "
            "docs/cluster.md."
        )
    return found


def _parcel(task: GradingTask, submission: Submission, evidence: bytes | None) -> bytes:
    return _encode(
        _Parcel(
            student=submission.student,
            cells=submission.cells,
            records=submission.records,
            weights=submission.weights,
            notes=submission.notes,
            left_aside=submission.left_aside,
            digest=submission.digest,
            exercises=submission.exercises,
            files=submission.files,
            classmates={one: task.has_submission(one) for one in named_classmates(submission)},
            evidence=evidence,
        )
    )


def _context_here(course: Course, isolation: IsolationChoice) -> GradingContext:
    """A context for what is done without running anybody's code."""

    def nowhere() -> str:
        raise SandboxError("expected nothing to run in this process; the workers of the cluster do that")

    used = _ISOLATED[0] if isolation == "auto" else isolation
    return GradingContext(course, nowhere, ExaminerClient(nowhere), used)


def _code(name: str) -> dict[str, str]:
    return {stage: code_digest(stage, name) for stage in STAGES}


# --- in the workers -------------------------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
"""pytest and the examiner take one submission at a time; give Dask processes, not threads."""


def work(common: bytes, parcel: bytes) -> bytes:
    """Grade one submission.

    Raises:
        SandboxError: no submission can be isolated on this worker.
        RuntimeError: the code of this worker differs from the grader's.
    """
    shared = msgspec.msgpack.decode(common, type=_Class)
    sent = msgspec.msgpack.decode(parcel, type=_Parcel)
    here = _code(shared.name)
    if differing := [stage for stage in STAGES if here[stage] != shared.code.get(stage)]:
        raise RuntimeError(
            f"this worker has other code than the grader for: {', '.join(differing)}. Install the same course on both."
        )
    submission = Submission(
        assignment=shared.name,
        student=sent.student,
        folder=Path(),
        cells=sent.cells,
        records=sent.records,
        weights=sent.weights,
        notes=sent.notes,
        left_aside=sent.left_aside,
        digest=sent.digest,
        exercises=sent.exercises,
        files=sent.files,
    )
    with _one_at_a_time:
        task = GradingTask(shared.name, sent.student, Path(), Path())
        try:
            result = grade_submission(submission, task, _context(common), sent.evidence, sent.classmates)
        finally:
            release_memory()
    return _encode(_GradedParcel(card=result.card, page=result.page, evidence=result.evidence))


@functools.lru_cache(maxsize=2)
def _context(common: bytes) -> GradingContext:
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
    zygote = Zygote(isolation, {"the rubrics": RUBRICS}, data, SERVICES)
    atexit.register(zygote.close)
    zygote.wait()
    return zygote

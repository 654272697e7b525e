"""Grading a class on this machine: many submissions at a time, results written as they become known."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course.config import Course
from autograder.grading.due import split_due
from autograder.grading.freshness import Stage
from autograder.grading.tasks import GradingContext, GradingTask, StagedUpdate
from autograder.grading.workers import TaskRunner, release_memory, worker_pool
from autograder.intake.students import find_students
from autograder.records.examiner import SERVICES
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.shared_examiner import SharedExaminer, SharedExaminerClient
from autograder.results.scorecard import Scorecard
from autograder.results.staging import DiskFull, commit_groups
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from autograder.sandbox.process_limits import ProcessorTimeExceeded, limit_memory, processor_time

if TYPE_CHECKING:
    from autograder.records.verdicts import Replays


@dataclass(frozen=True)
class TaskResult:
    """Result of grading one task.

    Attributes:
        student: whose submission it is.
        card: the scorecard; None if the grader itself failed.
        failure: why it failed.
        fresh: False if the marks were up to date.
    """

    student: str
    card: Scorecard | None
    failure: str = ""
    fresh: bool = True


def submitting_students(submitted: Path, assignment: str) -> list[str]:
    """Ids of the students who have handed something in, see `autograder.intake.students.find_students`."""
    return find_students(submitted, assignment).accepted


def grade_class(
    course: Course,
    tasks: Sequence[GradingTask],
    *,
    jobs: int,
    force: bool = False,
    replays: Replays = "one",
    isolation: IsolationChoice = "auto",
) -> Iterator[TaskResult]:
    """Grade many submissions on this machine, `jobs` at a time; results come as they are ready.

    Those whose scorecard is up to date are not graded again unless `force` is set, and cached evidence is used unless
    it is. A submission whose grading fails for a reason of the grader's own is reported, and the rest are graded all
    the same.

    Raises:
        SandboxError: no submission's code can be run on this machine.
        DiskFull: the disk is full; what was graded before is complete.
    """
    hidden = course.layout.hidden_paths(*{path for task in tasks[:1] for path in (task.submitted, task.output)})
    data = sorted({name for task in tasks for name in course.assignment(task.assignment).data})
    with Zygote(isolation, hidden, data, SERVICES) as zygote:
        if force or any(not task.store.card_path(task.student).is_file() for task in tasks):
            zygote.start()  # importing Keras takes longest: at once, and beside everything else
        context = GradingContext(course, lambda: zygote.address, _NoExaminer(), zygote.expected_isolation)
        due, done = split_due(tasks, context, force=force)
        if zygote.isolation != context.isolation:
            due, done = split_due(tasks, replace(context, isolation=zygote.isolation), force=force)
        yield from (TaskResult(task.student, card, fresh=False) for task, card in done.items())
        if not due:
            return
        if any(map(_needs_sandbox, due)):
            zygote.start()
        workers = min(jobs, len(due))
        with SharedExaminer(zygote.address, most=workers) as examiner:
            begin = _begin, course, zygote.address, zygote.isolation, examiner.address, replays, force
            runner: TaskRunner[GradingTask, StagedUpdate] = TaskRunner(
                workers,
                lambda processes: worker_pool(processes, _PRELOADED, *begin),
                _work,
                {task: (task, stage) for task, stage in due.items()},
            )
            try:
                runner.start()
                if zygote.started:
                    zygote.wait()  # what keeps it from starting is said once, not for every submission
                for ready in runner.results():  # together, since they can wait for the disk together
                    yield from _committed(ready, zygote)
            except BaseException:
                runner.close()
                _commit_finished(runner.running)
                raise


def _committed(graded: Mapping[GradingTask, Future[StagedUpdate]], zygote: Zygote) -> list[TaskResult]:
    """Write the results of submissions that have been graded.

    Raises:
        SandboxError: no submission's code can be run.
        DiskFull: there is no room for one of them; the others are written.
    """
    unwritten = _commit_finished(graded.values())
    results = []
    for task, future in graded.items():
        try:
            update = future.result()
            if future in unwritten:
                raise unwritten[future]
        except DiskFull:  # nor will there be room for the others
            raise
        except (Exception, ProcessorTimeExceeded) as error:
            if zygote.failure is not None:
                raise zygote.failure from error
            results.append(TaskResult(task.student, None, f"{type(error).__name__}: {error}"))
        else:
            results.append(TaskResult(task.student, update.card, fresh=update.fresh))
    return results


def _commit_finished(futures: Iterable[Future[StagedUpdate]]) -> dict[Future[StagedUpdate], OSError]:
    """Commit what has been staged; whatever has failed or was cancelled has left nothing.

    Returns:
        Those that could not be written, with the reason.
    """
    finished = [future for future in futures if future.done() and not future.cancelled() and future.exception() is None]
    errors = commit_groups([future.result().files for future in finished])
    return {future: error for future, error in zip(finished, errors, strict=True) if error is not None}


def _needs_sandbox(task: GradingTask) -> bool:
    """True if no evidence is cached, so that the submission's code is likely to have to run."""
    card = task.store.card(task.student)
    return card is None or (card.status == "graded" and not task.store.evidence_path(task.student).is_file())


class _NoExaminer:
    """For the process that hands tasks out: it examines nothing itself."""

    def examine(self, request: ExaminationRequest) -> Examination:
        raise AssertionError("expected the workers to examine records, found a request in the process above them")


# The worker processes. They are forked from a clean helper process, hold no student code, and never import TensorFlow.
# What grading takes is imported there and not here, where nothing may have to be graded.

_PRELOADED = (__name__, "autograder.grading.pipeline", "autograder.rubric.pytest_session")
"""Modules that the helper process imports."""

_WORKER_MB = 2_000
"""Memory of a worker beyond what its modules take, in MB: the evidence of a submission takes 100."""

_WORKER_SECONDS = 120
"""Processor time of a worker for one submission: an honest one takes a second."""

_worker: dict[str, Any] = {}


def _begin(course: Course, zygote: str, isolation: str, examiner: str, replays: Replays, force: bool) -> None:
    gc.freeze()  # what is imported is no task's: collections pass it over
    limit_memory(_WORKER_MB)
    context = GradingContext(course, lambda: zygote, SharedExaminerClient(examiner), isolation, replays)
    _worker.update(context=context, force=force)


def _work(task: GradingTask, stage: Stage) -> StagedUpdate:
    from autograder.grading.pipeline import stage_update

    try:
        with processor_time(_WORKER_SECONDS):
            return stage_update(task, _worker["context"], due=stage, reuse=not _worker["force"])
    finally:
        release_memory()

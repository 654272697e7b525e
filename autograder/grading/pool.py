"""Grading a class on this machine: many submissions at a time, each result written the moment it is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.config import Course
from autograder.grading.freshness import Stage
from autograder.grading.pipeline import due_stage, update_result
from autograder.grading.tasks import GradingContext, GradingTask
from autograder.grading.workers import worker_pool
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.verdicts import Replays
from autograder.results.scorecard import Scorecard
from autograder.results.store import DiskFull
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from cnnkit.data import malloc


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
    """Students who have handed something in: the names of the folders `submitted/<student>/<assignment>`."""
    return sorted(
        path.parent.name for path in submitted.glob(f"*/{assignment}") if not path.parent.name.startswith(".")
    )


def split_due(
    tasks: Sequence[GradingTask], context: GradingContext, *, force: bool, isolations: Collection[str] = ()
) -> tuple[dict[GradingTask, Stage], list[TaskResult]]:
    """Split tasks into those that have something to do, with the first stage that is due, and those up to date.

    Args:
        tasks: the submissions.
        context: what grading takes.
        force: everything is due.
        isolations: see `due_stage`.
    """
    due: dict[GradingTask, Stage] = {}
    done = []
    for task in tasks:
        stage: Stage | None = "evidence" if force else due_stage(task, context, isolations)
        if stage is None:
            done.append(TaskResult(task.student, task.store.card(task.student), fresh=False))
        else:
            due[task] = stage
    return due, done


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
        context = GradingContext(course, lambda: zygote.address, _NoExaminer(), zygote.isolation)
        due, done = split_due(tasks, context, force=force)
        yield from done
        if not due:
            return
        if force or any(map(_needs_sandbox, due)):
            zygote.start()
        arguments = (course, zygote.address, zygote.isolation, replays, force)
        with worker_pool(min(jobs, len(due)), __name__, _begin, *arguments) as pool:
            futures = {pool.submit(_work, task, stage): task for task, stage in due.items()}
            try:
                if zygote.started:
                    zygote.wait()  # what keeps it from starting is said once, not for every submission
                for future in as_completed(futures):
                    task = futures[future]
                    try:
                        card, fresh = future.result()
                        yield TaskResult(task.student, card, fresh=fresh)
                    except DiskFull:  # nor will there be room for the others
                        raise
                    except Exception as error:
                        if zygote.failure is not None:
                            raise zygote.failure from error
                        yield TaskResult(task.student, None, f"{type(error).__name__}: {error}")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _needs_sandbox(task: GradingTask) -> bool:
    """True if no evidence is cached, so that the submission's code is likely to have to run."""
    card = task.store.card(task.student)
    return card is None or (card.status == "graded" and task.store.evidence(task.student) is None)


class _NoExaminer:
    """For the process that hands tasks out: it examines nothing itself."""

    def examine(self, request: ExaminationRequest) -> Examination:
        raise AssertionError("records are examined by the workers")


# The worker processes. They are forked from a clean helper process, hold no student code, and never import TensorFlow.

_worker: dict[str, Any] = {}


def _begin(course: Course, address: str, isolation: str, replays: Replays, force: bool) -> None:
    context = GradingContext(course, lambda: address, ExaminerClient(lambda: address), isolation, replays)
    _worker.update(context=context, force=force)


def _work(task: GradingTask, stage: Stage) -> tuple[Scorecard, bool]:
    result = update_result(task, _worker["context"], due=stage, reuse=not _worker["force"])
    malloc.trim_heap()
    return result

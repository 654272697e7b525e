"""Grading a class on this machine: many submissions at a time, each result written the moment it is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.config import Course
from autograder.grading.pipeline import GradingContext, GradingTask, cached_card, grade_task, hidden_from_submissions
from autograder.grading.workers import worker_pool
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.records.verdicts import Replays
from autograder.results.scorecard import Scorecard
from autograder.results.store import DiskFull
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice
from cnnkit.data import malloc


@dataclass(frozen=True)
class TaskResult:
    """What became of one task: a card, or, where the grader itself failed, why. `fresh` is False for one that stood."""

    student: str
    card: Scorecard | None
    failure: str = ""
    fresh: bool = True


def submitting_students(submitted: Path, assignment: str) -> list[str]:
    """The students who have handed something in: names of the folders `submitted/<student>/<assignment>`."""
    return sorted(
        path.parent.name for path in submitted.glob(f"*/{assignment}") if not path.parent.name.startswith(".")
    )


def split_cached(
    tasks: Sequence[GradingTask], isolation: str | Collection[str], *, force: bool
) -> tuple[list[GradingTask], list[TaskResult]]:
    """What has to be graded, and what stands."""
    todo, done = [], []
    for task in tasks:
        card = None if force else cached_card(task, isolation)
        if card is None:
            todo.append(task)
        else:
            done.append(TaskResult(task.student, card, fresh=False))
    return todo, done


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

    Those whose scorecard still stands are not graded again unless `force` is set; evidence that still stands is used
    again, unless it is. A submission whose grading fails for a reason of the grader's own is reported, and the rest are
    graded all the same.

    Raises:
        SandboxError: no submission's code can be run on this machine.
        NoRoom: the disk is full; what was graded before stands.
    """
    hidden = hidden_from_submissions(course, *{path for task in tasks[:1] for path in (task.submitted, task.output)})
    data = sorted({name for task in tasks for name in course.assignment(task.assignment).data})
    with Zygote(isolation, hidden, data, SERVICES) as zygote:
        todo, done = split_cached(tasks, zygote.isolation, force=force)
        yield from done
        if not todo:
            return
        if force or any(map(_is_new, todo)):
            zygote.start()
        arguments = (course, zygote.address, zygote.isolation, replays, force)
        with worker_pool(min(jobs, len(todo)), __name__, _begin, *arguments) as pool:
            futures = {pool.submit(_work, task): task for task in todo}
            try:
                if zygote.started:
                    zygote.wait()  # what keeps it from starting is said once, not for every submission
                for future in as_completed(futures):
                    try:
                        yield TaskResult(futures[future].student, future.result())
                    except DiskFull:  # nor will there be for the others
                        raise
                    except Exception as error:
                        if zygote.failure is not None:
                            raise zygote.failure from error
                        yield TaskResult(futures[future].student, None, f"{type(error).__name__}: {error}")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _is_new(task: GradingTask) -> bool:
    """Whether its code is likely to have to run: nothing is left of an earlier grading."""
    card = task.store.card(task.student)
    return card is None or (card.status == "graded" and task.store.evidence(task.student) is None)


# The worker processes. They are forked from a clean helper process, hold no student code, and never import TensorFlow.

_worker: dict[str, Any] = {}


def _begin(course: Course, address: str, isolation: str, replays: Replays, force: bool) -> None:
    means = GradingContext(course, lambda: address, ExaminerClient(lambda: address), isolation, replays)
    _worker.update(means=means, force=force)


def _work(task: GradingTask) -> Scorecard:
    earlier = None if _worker["force"] else task.store.evidence(task.student)
    result = grade_task(task, _worker["means"], earlier)
    result.write(task.store)
    malloc.trim_heap()
    return result.card

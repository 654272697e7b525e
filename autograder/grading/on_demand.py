"""Grading a single submission when its result is asked for: what `nbgrader autograde` needs."""

from __future__ import annotations

import atexit
import functools
from pathlib import Path

from autograder.course.config import Course
from autograder.grading.due import due_stage
from autograder.grading.pipeline import stage_update
from autograder.grading.tasks import GradingContext, GradingTask
from autograder.records.examiner import SERVICES, ExaminerClient
from autograder.results.scorecard import Scorecard
from autograder.results.staging import commit_files
from autograder.sandbox.client.zygote_process import Zygote
from autograder.sandbox.isolation.selection import IsolationChoice


def grade_on_demand(task: GradingTask, course: Course, choice: IsolationChoice = "auto") -> Scorecard:
    """The scorecard of a task, graded now if it is not up to date.

    The zygote is started for the first submission that has to run, and serves this process to its end.

    Raises:
        SandboxError: no submission's code can be run on this machine.
    """
    zygote = _zygote(choice, *course.layout.hidden_paths().items())
    context = GradingContext(course, lambda: zygote.address, _examiner(zygote.address), zygote.isolation)
    update = stage_update(task, context, due=due_stage(task, context))
    commit_files(update.files)
    return update.card


@functools.cache
def _zygote(choice: IsolationChoice, *hidden: tuple[str, Path]) -> Zygote:
    zygote = Zygote(choice, dict(hidden), services=SERVICES)
    atexit.register(zygote.close)
    return zygote


@functools.cache
def _examiner(address: str) -> ExaminerClient:
    return ExaminerClient(lambda: address)

"""The stage from which a submission has to be graded. Importing it imports nothing that grading itself takes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from autograder.grading.freshness import Stage, stage_keys, stale_stage
from autograder.grading.tasks import GradingContext, GradingTask
from autograder.intake.files import submission_digest
from autograder.results.scorecard import Scorecard, StageKeys


def split_due(
    tasks: Sequence[GradingTask], context: GradingContext, *, force: bool, isolations: Collection[str] = ()
) -> tuple[dict[GradingTask, Stage], dict[GradingTask, Scorecard]]:
    """Split tasks into those that have something to do, with the first stage that is due, and those up to date.

    Args:
        tasks: the submissions.
        context: what grading takes.
        force: everything is due.
        isolations: see `due_stage`.

    Returns:
        The stages that are due, and the scorecards that are up to date.
    """
    due: dict[GradingTask, Stage] = {}
    done: dict[GradingTask, Scorecard] = {}
    for task in tasks:
        card = None if force else task.store.card(task.student)
        try:
            stage = _stage(task, card, context, isolations)
        except OSError:  # its grading fails with the reason, and nobody else's
            stage = "evidence"
        if stage is None and card is not None:
            done[task] = card
        else:
            due[task] = stage or "evidence"
    return due, done


def due_stage(task: GradingTask, context: GradingContext, isolations: Collection[str] = ()) -> Stage | None:
    """The first stage of a task's result that has to be done; None if scorecard and page are up to date.

    Nothing is run, and no submission is read but for the digest of its files.

    Args:
        task: the submission.
        context: what grading takes.
        isolations: that are as good as the context's own, if the scorecard was made with one of them.
    """
    return _stage(task, task.store.card(task.student), context, isolations)


def _stage(
    task: GradingTask, card: Scorecard | None, context: GradingContext, isolations: Collection[str]
) -> Stage | None:
    if card is None:
        return "evidence"
    if card.isolation in isolations:
        context = replace(context, isolation=card.isolation)
    classmates = {student: task.has_submission(student) for student in card.classmates}
    stage = stale_stage(card, task_keys(task, context, submission_digest(task.folder), classmates))
    if stage is None and not task.store.feedback_path(task.student).is_file():
        return "page"
    return stage


def task_keys(task: GradingTask, context: GradingContext, submission: str, classmates: dict[str, bool]) -> StageKeys:
    """The keys of a task's result, see `stage_keys`."""
    return stage_keys(
        task.assignment,
        context.course.assignment(task.assignment),
        submission=submission,
        isolation=context.isolation,
        classmates=classmates,
    )

"""Grading one submission: from what came in to a scorecard, its feedback, and evidence that can be used again."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import msgspec

import cnnkit
from autograder.evidence.cache import (
    CachedEvidence,
    PageInput,
    earlier_only,
    encode_evidence,
    examination_key,
    load_evidence,
    read_evidence,
)
from autograder.evidence.conversation import Conversation
from autograder.evidence.earlier_records import EarlierHandIn, hand_in_to_keep, kept_hand_ins, notes_on_earlier
from autograder.evidence.remote import RemoteEvidence
from autograder.grading.due import task_keys
from autograder.grading.feedback_page import page_input, render_page
from autograder.grading.freshness import Stage, code_digest, evidence_key
from autograder.grading.tasks import GradingContext, GradingResult, GradingTask, StagedUpdate
from autograder.intake.bounded import read_bounded
from autograder.intake.submission import Submission, Ungradable
from autograder.records.examiner import Examiner
from autograder.records.requests import Examination, ExaminationRequest
from autograder.records.verdicts import verdicts
from autograder.results.scorecard import RecordVerdict, Scorecard
from autograder.rubric.run import run_rubric
from cnnkit.checks.registry import forbidden_by_function, stand_ins


def stage_update(task: GradingTask, context: GradingContext, *, due: Stage | None, reuse: bool = True) -> StagedUpdate:
    """Bring a task's result up to date, from the stage that is due on, and stage its files.

    Args:
        task: the submission.
        context: what grading takes.
        due: from `due_stage`; None if nothing has to be done.
        reuse: False if cached evidence is not to be used.

    Raises:
        RubricError: the rubric is wrong.
        SandboxError: no submission's code can be run.
        DiskFull: the result cannot be written.
    """
    card = task.store.card(task.student)
    if due is None and card is not None:
        return StagedUpdate(card, fresh=False)
    cached = task.store.evidence(task.student)
    cached = cached if reuse else earlier_only(cached)
    if due == "page" and card is not None and (result := render_again(task, context, card, cached)) is not None:
        return StagedUpdate(result.card, fresh=False, files=task.store.stage_page(result.card, result.page))
    result = grade_task(task, context, cached)
    return StagedUpdate(result.card, fresh=True, files=result.stage(task.store))


def grade_task(task: GradingTask, context: GradingContext, cached: bytes | None = None) -> GradingResult:
    """Read one submission and grade it. Nothing is written.

    Args:
        task: the submission.
        context: what grading takes.
        cached: the evidence cache of an earlier grading.

    Raises:
        RubricError: the rubric is wrong.
        SandboxError: no submission's code can be run.
    """
    try:
        submission = read_bounded(task.folder, task.assignment, task.student, context.course)
    except Ungradable as reason:
        return ungradable_result(task, context, reason, cached)
    return grade_submission(submission, task, context, cached)


def ungradable_result(
    task: GradingTask, context: GradingContext, reason: Ungradable, cached: bytes | None = None
) -> GradingResult:
    """The result of a submission that cannot be read; of the cached evidence the earlier hand-ins stay."""
    card = _card(task, context, {}, status="ungradable", score=None, notes=[str(reason)], submission=reason.digest)
    page = render_page(card, context.course.assignment(task.assignment), PageInput())
    return GradingResult(card, page, evidence=earlier_only(cached))


def grade_submission(
    submission: Submission,
    task: GradingTask,
    context: GradingContext,
    cached: bytes | None = None,
    classmates: dict[str, bool] | None = None,
) -> GradingResult:
    """Grade what has been read; see `grade_task`.

    Args:
        submission: the submission.
        task: whose it is.
        context: what grading takes.
        cached: the evidence cache of an earlier grading.
        classmates: for each other student whom the records name, whether that student has handed something in; looked
            up beside the submission unless given.
    """
    started = time.perf_counter()
    name, assignment = submission.assignment, context.course.assignment(submission.assignment)
    if classmates is None:
        classmates = {student: task.has_submission(student) for student in named_classmates(submission)}
    cache = load_evidence(cached, evidence_key(name, submission, assignment, context.isolation))
    # no student can know it before the grading; once it is chosen, a changed rubric does not choose again
    cache.lot = cache.lot or f"{submission.digest} {code_digest('marks', name)}"
    forbid = forbidden_by_function(name, assignment.forbid)
    conversation = Conversation(submission, context.address, assignment.limits, cache, forbid)
    try:
        training = _verdicts(submission, context, cache, classmates)
        notes = _notes_on_earlier(submission, context, cache, training, classmates)
        evidence = RemoteEvidence(conversation, stand_ins(name), forbid)
        checks = run_rubric(name, assignment, evidence, submission.records, training, digest=submission.digest)
        cache.page = page_input(name, evidence, submission.records)
    finally:
        conversation.close()
    conversation.save(cache)
    card = _card(
        task,
        context,
        classmates,
        status="graded",
        score=round(sum(check.points for check in checks), 6),
        checks=checks,
        training=training,
        notes=[*submission.notes, *conversation.notes, *notes],
        left_aside=list(submission.left_aside),
        missing=list(conversation.missing),
        seconds=round(time.perf_counter() - started, 2),
        submission=submission.digest,
    )
    page = render_page(card, assignment, cache.page)
    return GradingResult(card, page, submission.records, encode_evidence(cache))


def named_classmates(submission: Submission) -> list[str]:
    """The students, other than its own, whom the training records of a submission name."""
    return sorted({record.student for record in submission.records.values()} - {submission.student, ""})


_EXAMINATION_SECONDS = 240.0
"""Processor time of all examinations of one submission; four honest runs take ten seconds."""

_MOST_DEATHS = 2
"""Examinations of one submission over which the process may end; the first may have been somebody else's doing."""


class _CachingExaminer:
    """Wrapper around an examiner that caches what it finds, within one budget for all runs of a submission."""

    def __init__(self, examiner: Examiner, cache: CachedEvidence) -> None:
        self._examiner = examiner
        self._cache = cache
        self._seconds, self._deaths = 0.0, 0

    def examine(self, request: ExaminationRequest) -> Examination:
        """Return the cached examination, or examine and cache."""
        key = examination_key(request)
        if key not in self._cache.examined:
            if self._deaths >= _MOST_DEATHS or self._seconds > _EXAMINATION_SECONDS:
                return Examination(problems={"process": "the time for examining this submission's runs is used up"})
            found = self._examiner.examine(request)
            self._seconds += found.seconds
            if "process" in found.problems:  # it may have been the machine's doing
                self._deaths += 1
                return found
            self._cache.examined[key] = found
        return self._cache.examined[key]


def _verdicts(
    submission: Submission, context: GradingContext, cache: CachedEvidence, classmates: dict[str, bool]
) -> dict[str, RecordVerdict]:
    return verdicts(
        submission.records,
        submission.weights,
        _CachingExaminer(context.examiner, cache),
        assignment=submission.assignment,
        student=submission.student,
        is_classmate=lambda other: classmates.get(other, False),
        lot=cache.lot,
        replays=context.replays,
    )


def _notes_on_earlier(
    submission: Submission,
    context: GradingContext,
    cache: CachedEvidence,
    training: dict[str, RecordVerdict],
    classmates: dict[str, bool],
) -> list[str]:
    """Notes on contradicted records of earlier hand-ins; a contradicted one of this hand-in is kept in the cache."""
    earlier = [one for one in cache.earlier if one.submission != submission.digest]

    def judge(one: EarlierHandIn) -> dict[str, RecordVerdict]:
        return verdicts(
            one.records,
            {},
            _CachedExaminations(one),
            assignment=submission.assignment,
            student=submission.student,
            is_classmate=one.classmates.__contains__,
            lot=one.lot,
            replays=context.replays,
        )

    notes = list(notes_on_earlier(earlier, submission.records, judge))
    latest = hand_in_to_keep(
        submission.digest,
        submission.records,
        training,
        lot=cache.lot,
        examined=cache.examined,
        classmates=[student for student, is_one in classmates.items() if is_one],
    )
    cache.earlier = kept_hand_ins(earlier, latest, submission.digest)
    return notes


class _CachedExaminations:
    """Examiner that knows what was examined when an earlier hand-in was graded, and nothing else."""

    def __init__(self, earlier: EarlierHandIn) -> None:
        self._examined = earlier.examined

    def examine(self, request: ExaminationRequest) -> Examination:
        """Return the examination of that time."""
        nothing = Examination(problems={"process": "it is not handed in any more"})
        return self._examined.get(examination_key(request), nothing)


def render_again(
    task: GradingTask, context: GradingContext, card: Scorecard, cached: bytes | None
) -> GradingResult | None:
    """The same marks with a page rendered again; None if what the page shows is not cached."""
    shown = PageInput() if card.status == "ungradable" else read_evidence(cached).page
    if shown is None:
        return None
    context = replace(context, isolation=card.isolation)
    classmates = {student: task.has_submission(student) for student in card.classmates}
    card = msgspec.structs.replace(card, keys=task_keys(task, context, card.submission, classmates))
    return GradingResult(card, render_page(card, context.course.assignment(task.assignment), shown))


def _card(
    task: GradingTask, context: GradingContext, classmates: dict[str, bool], *, submission: str, **fields: Any
) -> Scorecard:
    return Scorecard(
        assignment=task.assignment,
        student=task.student,
        max_score=context.course.assignment(task.assignment).max_score,
        submission=submission,
        rubric=code_digest("marks", task.assignment),
        kit=cnnkit.__version__,
        isolation=context.isolation,
        classmates=sorted(classmates),
        keys=task_keys(task, context, submission, classmates),
        **fields,
    )

"""Trying one sample: as a notebook through the whole pipeline, or as data if only a network is wrong."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.audit.library import Library
from autograder.audit.reach import reached
from autograder.audit.samples import Sample, apply_samples
from autograder.audit.submissions import notebook_with
from autograder.course.config import Course
from autograder.evidence.cache import CachedEvidence, CachedResponse
from autograder.evidence.conversation import Conversation
from autograder.evidence.remote import RemoteEvidence
from autograder.intake import read_submission
from autograder.intake.submission import Submission
from autograder.records.examiner import ExaminerClient
from autograder.records.verdicts import verdicts
from autograder.results.scorecard import CheckResult, RecordVerdict
from autograder.rubric import run as rubric
from autograder.rubric.fixtures import RubricInput
from autograder.sandbox.protocol import messages
from cnnkit.checks.registry import forbidden_by_function, public_checks, stand_ins
from cnnkit.recording.schema import TrainingRecord

Way = Literal["notebook", "network"]
"""From a notebook through the sandbox, or a network that the rubric gets as data."""

Answers = Mapping[bytes, messages.Response]
"""Responses of the reference solution by request."""

FEW_DRAWS, ALL_DRAWS = 4, 20
"""Digests for which hidden inputs are drawn: a check must come to the same result with all of them."""


@dataclass(frozen=True)
class Transcript:
    """Requests that a notebook was sent with the first digest, and its responses.

    Attributes:
        cells: source of the notebook's code cells.
        answers: the responses by request.
    """

    cells: tuple[str, ...]
    answers: Answers

    def holding_for(self, submission: Submission) -> list[CachedResponse]:
        """Responses that a notebook with other cells would give as well: none of them can be reached from there."""
        names = reached(self.cells, [cell.source for cell in submission.cells])
        if names is None:
            return []
        return [CachedResponse(key, self.answers[key]) for key, called in self._called if names.isdisjoint(called)]

    @functools.cached_property
    def _called(self) -> list[tuple[bytes, set[str]]]:
        """Functions of the student that each request leads to; a worker decodes the requests once for all samples."""
        return [(key, _called(key)) for key in self.answers]


def _called(question: bytes) -> set[str]:
    """Functions of the student that a request leads to."""
    asked = messages.decode_request(question)
    called = {getattr(asked, "function", "")}
    if isinstance(asked, messages.WatchRequest):
        called.update(asked.stand_ins, (replaced.behind for replaced in asked.stand_ins.values()))
    return called


@dataclass(frozen=True)
class Trial:
    """Check results of one sample.

    Attributes:
        sample: its name.
        way: how it was tried.
        checks: the results, with the first digest.
        seconds: wall time.
        unstable: ids of checks that are worth something else with another digest.
    """

    sample: str
    way: Way
    checks: tuple[CheckResult, ...]
    seconds: float
    unstable: tuple[str, ...] = ()


def try_notebook(
    course: Course,
    library: Library,
    sample: Sample | None,
    address: Callable[[], str],
    *,
    reference: Transcript | None = None,
    draws: int = ALL_DRAWS,
) -> tuple[Trial, Transcript]:
    """Grade the sample as a notebook that a student hands in; None stands for the reference itself.

    Args:
        course: the course.
        library: the assignment's samples.
        sample: the one to try.
        address: of the zygote.
        reference: the reference, of whose responses those hold that the sample cannot change; None: all is asked.
        draws: number of digests for which hidden inputs are drawn.

    Returns:
        The trial, and what was asked in it.
    """
    started = time.perf_counter()
    name, assignment = library.assignment, course.assignment(library.assignment)
    records = sample.records(library.records) if sample and sample.records else library.records
    cells = apply_samples(library.reference, [sample] if sample else [])
    notebook = notebook_with(course, name, cells, student="audit", records=records)
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        (Path(folder) / f"{name}.ipynb").write_bytes(notebook)
        submission = read_submission(Path(folder), name, "audit", course)
    forbid = forbidden_by_function(name, assignment.forbid)
    known = CachedEvidence(key="", answers=reference.holding_for(submission) if reference else [])
    conversation = Conversation(submission, address, assignment.limits, known, forbid=forbid)
    try:
        evidence, records = RemoteEvidence(conversation, stand_ins(name), forbid), submission.records
        judged = _verdicts(name, records, address)
        checks = rubric.run_rubric(name, assignment, evidence, records, judged, digest=audit_digest(0))
        answers = conversation.answers
        unstable = _unstable(course, library, sample, RubricInput(evidence, records, judged), checks, draws)
    finally:
        conversation.close()
    seconds = time.perf_counter() - started
    trial = Trial(sample.name if sample else "reference", "notebook", tuple(checks), seconds, unstable)
    return trial, Transcript(tuple(cell.source for cell in submission.cells), answers)


def _unstable(
    course: Course,
    library: Library,
    sample: Sample | None,
    given: RubricInput,
    checks: Sequence[CheckResult],
    draws: int,
) -> tuple[str, ...]:
    """Checks of the exercises that the sample changes whose points depend on what is drawn.

    The process that ran the notebook is asked the further questions; nothing else is done again.
    """
    name, assignment = library.assignment, course.assignment(library.assignment)
    drawn = rubric.exercises_with_draws(name, assignment)
    changed = {cell.removesuffix("_solution") for cell in sample.changes} if sample else set(drawn)
    exercises = [exercise for exercise in drawn if exercise in changed]
    worth = {check.id: check.points for check in checks}
    unstable: dict[str, None] = {}
    for number in range(1, draws) if exercises else ():
        again = rubric.run_rubric(
            name,
            assignment,
            given.evidence,
            given.records,
            given.verdicts,
            digest=audit_digest(number),
            exercises=exercises,
        )
        unstable.update(dict.fromkeys(check.id for check in again if check.points != worth[check.id]))
    return tuple(unstable)


def audit_digest(number: int) -> str:
    """The same for all samples, so that what the reference was asked can be asked of a network as well."""
    return f"audit {number}"


def try_network(course: Course, library: Library, sample: Sample, answers: Answers) -> Trial:
    """Run the rubric on the reference's responses, with the sample's network in place of the reference's.

    Raises:
        ValueError: the sample is not a network.
    """
    if sample.answer is None:
        raise ValueError(f"expected a sample that is a network, found {sample.name}")
    started = time.perf_counter()
    brief = _brief(library.assignment)
    question = messages.DescribeRequest(function=sample.answer.function, args=[], kwargs={}, input_shape=brief)
    said = {
        **answers,
        messages.encode_message(question): messages.DescribeResponse(spec=sample.answer.network, plain=True),
    }
    evidence = RemoteEvidence(_RecordedConversation(library, said), stand_ins(library.assignment))
    assignment = course.assignment(library.assignment)
    checks = rubric.run_rubric(library.assignment, assignment, evidence, library.records, digest=audit_digest(0))
    return Trial(sample.name, "network", tuple(checks), time.perf_counter() - started)


def _verdicts(
    assignment: str, records: Mapping[str, TrainingRecord], address: Callable[[], str]
) -> dict[str, RecordVerdict]:
    """Verdicts on a sample's training records."""
    with ExaminerClient(address) as examiner:
        return verdicts(records, {}, examiner, assignment=assignment, student="audit")


def _brief(assignment: str) -> tuple[int | None, ...]:
    checks = public_checks(assignment)
    if checks is None or checks.brief is None:
        raise ValueError(f"{assignment} has no brief, but samples that are networks")
    return checks.brief.network.input_shape


class _RecordedConversation(Conversation):
    """Conversation that replays recorded responses."""

    def __init__(self, library: Library, answers: Answers) -> None:
        submission = Submission(library.assignment, "audit", Path(), (), library.records)
        super().__init__(submission, _nobody, library.limits)
        self._answers = dict(answers)


def _nobody() -> str:
    raise LookupError("the reference was not asked this question; a sample that is a network cannot answer it")

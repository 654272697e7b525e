"""The student who knows the public questions by heart: right on what the notebook's checks ask, and on nothing else.

For every exercise such a student is made from the reference's responses. A request that a public check makes gets the
reference's response; any other gets a plausible wrong one. No hidden check may pass then: one that does asks nothing
that the public checks do not ask. What is plausible depends on the check, so several wrong responses are tried.

A function without arguments can be asked only one question. There the student gives a wrong answer that all public
checks of the exercise accept, if there is one; if there is none, they decide the hidden checks too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from autograder.audit.library import Library
from autograder.course.config import Course
from autograder.evidence.conversation import Conversation
from autograder.evidence.remote import RemoteEvidence
from autograder.intake.submission import Submission
from autograder.results.scorecard import CheckResult
from autograder.rubric import run as rubric
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.codec import pack_value, unpack_value
from cnnkit.checks.evidence import StudentError
from cnnkit.checks.registry import public_checks, stand_ins
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.watching import WatchedRun

Answers = Mapping[bytes, messages.Response]
"""Responses of the reference solution by request."""


@dataclass(frozen=True)
class ByHeart:
    """Result of the student in one exercise.

    Attributes:
        exercise: its name.
        points: of the whole exercise.
        public: points of its public checks.
        passed: hidden checks that pass, though they might ask other questions: the rubric's fault.
        decided: hidden checks that the public checks decide, because there is only one question.
        decided_points: their points.
    """

    exercise: str
    points: float
    public: float
    passed: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    decided_points: float = 0.0


def share_of_public(verdicts: Sequence[ByHeart]) -> float:
    """Share of the points that public checks alone decide, from 0 to 1."""
    points = sum(one.points for one in verdicts)
    return sum(one.public + one.decided_points for one in verdicts) / points if points else 0.0


def learn_by_heart(
    course: Course, library: Library, answers: Answers, digest: str, exercises: Sequence[str] | None = None
) -> Iterator[ByHeart]:
    """Try the student in every exercise that has checks.

    Args:
        course: the course that has the points.
        library: the assignment's samples; its networks are plausible answers too.
        answers: responses of the reference to all that the rubric asks with this digest.
        digest: hidden inputs are drawn from it.
        exercises: those to try; all by default.
    """
    for exercise, points in course.assignment(library.assignment).points.items():
        checks = rubric.checks_of(library.assignment, course.assignment(library.assignment), exercise)
        if checks and (exercises is None or exercise in exercises):
            yield _Student(course, library, answers, digest, exercise).verdict(points)


class _Student:
    """The student in one exercise."""

    def __init__(self, course: Course, library: Library, answers: Answers, digest: str, exercise: str) -> None:
        self._assignment = course.assignment(library.assignment)
        self._library, self._answers, self._digest, self._exercise = library, answers, digest, exercise
        self._checks = rubric.checks_of(library.assignment, self._assignment, exercise)
        asked = self._conversation(frozenset(), None)
        self._accepted(asked)
        self._public = frozenset(asked.asked)
        self._results(asked)
        self._requests = frozenset(asked.asked)

    def verdict(self, points: float) -> ByHeart:
        """Result of the student."""
        hidden = [check.id for check in self._checks if not check.public]
        left = set(hidden)
        for change in CHANGES:
            left &= self._passed(self._conversation(self._public, change))
        for change in (*CHANGES, *map(_given_network, self._networks(left))):
            wrong = self._conversation(frozenset(), change)
            if left and self._accepted(wrong):
                left &= self._passed(wrong)
        one_question = self._requests <= self._public and all(map(_has_no_input, self._requests))
        decided = left if one_question else set()
        return ByHeart(
            self._exercise,
            points,
            sum(check.points or 0.0 for check in self._checks if check.public),
            tuple(check for check in hidden if check in left - decided),
            tuple(check for check in hidden if check in decided),
            sum(check.points or 0.0 for check in self._checks if check.id in decided),
        )

    def _conversation(self, known: frozenset[bytes], change: Change | None) -> _Conversation:
        return _Conversation(self._library, self._answers, known, change)

    def _evidence(self, conversation: _Conversation) -> RemoteEvidence:
        return RemoteEvidence(conversation, stand_ins(self._library.assignment))

    def _accepted(self, conversation: _Conversation) -> bool:
        """True if all public checks of the exercise pass; all of them are run."""
        checks = public_checks(self._library.assignment)
        accepted = True
        for check in checks.of(self._exercise) if checks and self._exercise in checks.functions else []:
            try:
                check.run(self._evidence(conversation))
            except (Mismatch, StudentError):
                accepted = False
        return accepted

    def _results(self, conversation: _Conversation) -> list[CheckResult]:
        """Results of the rubric, without training records: those cannot be known by heart."""
        evidence, name = self._evidence(conversation), self._library.assignment
        return rubric.run_rubric(name, self._assignment, evidence, {}, digest=self._digest, exercises=(self._exercise,))

    def _passed(self, conversation: _Conversation) -> set[str]:
        return {result.id for result in self._results(conversation) if result.outcome == "passed"}

    def _networks(self, wanted: set[str]) -> list[ModelSpec]:
        """Wrong networks of the library, one for each of these checks that it must fail, and no public one."""
        public = {check.id for check in self._checks if check.public}
        found = {
            check: sample.answer.network
            for sample in self._library.mutants
            if sample.answer is not None and not public & set(sample.fails)
            for check in sample.fails
            if check in wanted
        }
        return list(found.values())


class _Conversation(Conversation):
    """Conversation with the student.

    Args:
        library: of the assignment.
        answers: the reference's.
        known: requests that the student answers as the reference does.
        change: makes wrong responses to all others; None for the reference's.

    Attributes:
        asked: all requests so far.
    """

    def __init__(self, library: Library, answers: Answers, known: frozenset[bytes], change: Change | None) -> None:
        super().__init__(Submission(library.assignment, "by heart", Path(), (), {}), _nobody, library.limits)
        self.asked: set[bytes] = set()
        self._reference, self._known, self._change = answers, known, change

    def ask(self, question: messages.SubmissionRequest) -> messages.Response:
        """The reference's response to a known request, a wrong one to any other."""
        key = messages.encode_message(question)
        self.asked.add(key)
        answer = self._reference.get(key)
        if answer is None:  # asked only where an answer was wrong
            return messages.RaisedResponse(type="LookupError", message="the reference was not asked this")
        if self._change is None or key in self._known:
            return answer
        of_a_kind = (self._reference[one] for one in sorted(self._known) if type(self._reference[one]) is type(answer))
        return self._change(question, answer, next(of_a_kind, None))


def _nobody() -> str:
    raise LookupError("no notebook is run here")


def _has_no_input(key: bytes) -> bool:
    question = messages.decode_request(key)
    if isinstance(question, messages.DescribeRequest):
        return True  # the networks that an exercise specifies are few, and public
    return isinstance(question, messages.CallRequest) and not question.args and not question.kwargs


# --- plausible wrong responses -------------------------------------------------------------------------------------

Change = Callable[[messages.SubmissionRequest, messages.Response, messages.Response | None], messages.Response]
"""A wrong response to a request, from the right one, and from the first known response of the same kind, if any."""


def _another_value(
    question: messages.SubmissionRequest, answer: messages.Response, known: messages.Response | None
) -> messages.Response:
    """Numbers that are somewhat larger, the other truth value, an argument changed in place, another optimizer."""
    if isinstance(answer, messages.CallResponse):
        value = pack_value(_larger(unpack_value(answer.value)))
        return msgspec.structs.replace(answer, value=value, mutated=["images"])
    if isinstance(answer, messages.UseResponse):
        outputs = [pack_value(_larger(unpack_value(one))) for one in answer.outputs]
        return msgspec.structs.replace(answer, outputs=outputs, moved=["moving_mean"])
    if isinstance(answer, messages.WatchResponse):
        return msgspec.structs.replace(answer, runs=[_other_optimizer(run) for run in answer.runs])
    return answer if known is None else known


def _what_is_known(
    question: messages.SubmissionRequest, answer: messages.Response, known: messages.Response | None
) -> messages.Response:
    """The response to a public request, whatever the request is."""
    return _another_value(question, answer, None) if known is None else known


def _nothing_done(
    question: messages.SubmissionRequest, answer: messages.Response, known: messages.Response | None
) -> messages.Response:
    """Images as they were given; of a data set the first pass again; a network in which nothing is trained."""
    if isinstance(answer, messages.UseResponse) and isinstance(question, messages.UseRequest):
        images = question.images
        outputs = [answer.outputs[0] if images is None else images for _ in answer.outputs]
        return msgspec.structs.replace(answer, outputs=outputs)
    return _trained(answer, everything=False)


def _one_for_all(
    question: messages.SubmissionRequest, answer: messages.Response, known: messages.Response | None
) -> messages.Response:
    """The first output for all images; a data set without its last batch; a network in which everything is trained."""
    if isinstance(answer, messages.UseResponse):
        outputs = [pack_value(_first_only(unpack_value(one))) for one in answer.outputs]
        return msgspec.structs.replace(answer, outputs=outputs)
    return _trained(answer, everything=True)


def _in_another_order(
    question: messages.SubmissionRequest, answer: messages.Response, known: messages.Response | None
) -> messages.Response:
    """The same numbers, the last one first: their sum is right."""
    if isinstance(answer, messages.CallResponse):
        return msgspec.structs.replace(answer, value=pack_value(_reversed(unpack_value(answer.value))))
    if isinstance(answer, messages.UseResponse):
        outputs = [pack_value(_reversed(unpack_value(one))) for one in answer.outputs]
        return msgspec.structs.replace(answer, outputs=outputs)
    return answer


CHANGES: tuple[Change, ...] = (_another_value, _what_is_known, _nothing_done, _one_for_all, _in_another_order)
"""Ways of being wrong."""


def _given_network(network: ModelSpec) -> Change:
    """A change that gives this network, whatever it is asked for."""
    return lambda question, answer, known: (
        msgspec.structs.replace(answer, spec=network) if isinstance(answer, messages.DescribeResponse) else answer
    )


def _larger(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return 1.25 * value + 3
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        return (value * 1.25 + 3).astype(value.dtype)
    if isinstance(value, list | tuple):
        return type(value)(_larger(item) for item in value)
    if isinstance(value, dict):
        return {name: _larger(item) for name, item in value.items()}
    return value


def _reversed(value: Any) -> Any:
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        return value[::-1]
    if isinstance(value, dict):
        return dict(zip(value, reversed(list(value.values())), strict=True))
    return value


def _first_only(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return np.broadcast_to(value[:1], value.shape).copy()
    return value[:-1] if isinstance(value, list | tuple) else value


def _other_optimizer(run: WatchedRun) -> WatchedRun:
    fits = []
    for fit in run.fits:
        compiled = fit.model.compiled if fit.model else None
        if fit.model is not None and compiled is not None:
            name = "rmsprop" if compiled.optimizer != "rmsprop" else "adam"
            fit = replace(fit, model=replace(fit.model, compiled=replace(compiled, optimizer=name)))
        fits.append(fit)
    return replace(run, fits=tuple(fits))


def _trained(answer: messages.Response, *, everything: bool) -> messages.Response:
    """A network with all weights trained, or none."""
    if not isinstance(answer, messages.DescribeResponse):
        return answer
    spec = answer.spec
    layers = tuple(replace(layer, trainable=layer.parameters if everything else 0) for layer in spec.layers)
    trainable = spec.parameters if everything else 0
    return msgspec.structs.replace(answer, spec=replace(spec, layers=layers, trainable=trainable))

"""Evidence for the rubric: responses of the process that ran the notebook, validated, with failures in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from autograder.evidence.consistency import disagreement
from autograder.evidence.conversation import Conversation, NoResponse
from autograder.evidence.forward_proof import NotProved, are_possible, disproof, plan, proof_seed
from autograder.evidence.response_bounds import check_figure, check_watched
from autograder.intake.forbidden_code import forbidden_in_code
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.codec import TENSOR, pack_value, unpack_value
from cnnkit.checks.evidence import (
    StudentError,
    drawing_call,
    not_defined,
    not_written,
    raised,
    training_call,
    unusable,
    used_call,
)
from cnnkit.checks.remarks import remark
from cnnkit.grading_packages import packages_text
from cnnkit.linear_pattern import compile_linear
from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.spec_bounds import validated_spec
from cnnkit.probe.applying import UsedResult
from cnnkit.probe.calling import call_text
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.forbidden_names import forbidden_use
from cnnkit.probe.stand_ins import StandIn
from cnnkit.probe.value_text import TensorValues
from cnnkit.probe.watching import OptimizerSpec, WatchedRun
from cnnkit.text import one_line

A = TypeVar("A", bound=messages.Response)

_DEFINITION = compile_linear(r"^[^\S\n]*+(?:async[^\S\n]++)?+def[^\S\n]++(\w++)[^\S\n]*+\(", re.MULTILINE)

_PIPE = "Is something in your notebook writing to the grader's pipe?"

_STOOD_IN = {
    "network": "network yet, so the brief's own network",
    "layer": "layer that a network can be trained with, so a given augmentation",
    "wrapper": "network around its arguments yet, so a given one",
}
"""Remarks on what stood in, by its form."""

LONGEST_QUOTATION = 200
"""Characters of a text that a student's code made (an exception, a repr): enough to recognise it, too few for a list of
all the inputs that the function was called with."""

MOST_MOVED = 1_000
"""Weights named as changed, at most."""


class RemoteEvidence:
    """`cnnkit.checks.Evidence` over the pipe; see there for what each method raises.

    Args:
        conversation: sends requests to the submission's process.
        stand_ins: what takes the place of the results of functions that fail, while training is watched; by function.
        forbid: by function, the modules and functions that it may not use; no check of a function that does passes.
    """

    def __init__(
        self,
        conversation: Conversation,
        stand_ins: Mapping[str, StandIn] | None = None,
        forbid: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._conversation = conversation
        self._forbid = dict(forbid or {})
        self._in_code: dict[str, list[str]] = {}
        self._stand_ins = dict(stand_ins or {})
        self._disproofs: dict[bytes, str] = {}

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """The value of a call; see `Evidence.call`. What is no data comes as `wire.Opaque`."""
        try:
            answer = self._call(function, args, kwargs)
            return _of_tensor(unpack_value(answer.value), answer.type)
        except (framing.ProtocolError, RecursionError) as error:
            reason = "lists within lists within lists" if isinstance(error, RecursionError) else str(error)
            raise Mismatch(f"the result of {call_text(function, args, kwargs)}", found=reason) from error

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        """The arguments that a call changed; see `Evidence.mutated`."""
        return [one_line(name, 100) for name in self._call(function, args, kwargs).mutated]

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        """The network that a function returns; see `Evidence.model`."""
        packed = [pack_value(item) for item in args]
        question = messages.DescribeRequest(function=function, args=packed, kwargs={}, input_shape=input_shape)
        text = call_text(function, args, {})
        described = self._ask(question, messages.DescribeResponse, text)
        spec = validated_spec(described.spec)
        if said := disagreement(spec) or self._disproof(question, described, text):
            hint = "If nothing in your notebook changes Keras itself, tell your teacher: the mistake is the grader's."
            raise StudentError(f"{text}: {said}", hint)
        return spec

    def _disproof(self, described_by: messages.DescribeRequest, described: messages.DescribeResponse, text: str) -> str:
        """Sentence that shows that a network does not compute what its description says; "" if nothing shows it."""
        if described.plain and self._conversation.submission.is_plain:
            return ""  # Keras's own layers, run as recorded, and nothing in the notebook that could change them
        key = messages.encode_message(described_by)
        if key not in self._disproofs:
            self._disproofs[key] = self._try(described_by, described, text)
        return self._disproofs[key]

    def _try(self, described_by: messages.DescribeRequest, described: messages.DescribeResponse, text: str) -> str:
        spec, origins = described.spec, list(described.origins) or list(range(len(described.spec.layers)))
        if not are_possible(spec, origins):
            return "its layers are numbered as no network's can be"
        seed = proof_seed(self._conversation.submission.digest, repr(spec))
        try:
            asked = plan(spec, origins, seed)
        except NotProved as reason:
            return f"it cannot be applied to an image: {reason}"
        question = messages.ForwardRequest(
            function=described_by.function,
            args=described_by.args,
            kwargs=described_by.kwargs,
            input_shape=described_by.input_shape,
            seed=seed,
            batch=asked.batch,
            restart=list(asked.restart),
            leave_out=list(asked.leave_out),
        )
        answer = self._ask(question, messages.ForwardResponse, f"{text}(images)")
        return disproof(spec, origins, asked, answer.layers, answer.outputs)

    def training(
        self,
        function: str,
        optimizers: Sequence[OptimizerSpec],
        *,
        epochs: int,
        input_shape: tuple[int | None, ...],
        vary: bool = False,
    ) -> Sequence[WatchedRun]:
        """How a training function compiles and fits; see `Evidence.training`."""
        question = messages.WatchRequest(
            function=function,
            optimizers=list(optimizers),
            epochs=epochs,
            input_shape=input_shape,
            vary=vary,
            stand_ins=self._stand_ins,
        )
        answer = self._ask(question, messages.WatchResponse, training_call(function, epochs))
        for name, stand_in in self._stand_ins.items():
            if name in answer.stood_in:
                remark(f"`{name}` gives no {_STOOD_IN[stand_in.form]} was trained in its place.")
        return check_watched(answer.runs, optimizers)

    def figure(self, function: str, *args: Any) -> FigureSpec:
        """The figure that a function draws; see `Evidence.figure`."""
        question = messages.DrawRequest(function=function, args=[pack_value(item) for item in args])
        return check_figure(self._ask(question, messages.DrawResponse, drawing_call(function, args)).figure)

    def used(
        self,
        function: str,
        *args: Any,
        images: np.ndarray | None = None,
        training: bool | None = None,
        times: int = 1,
        seed: int = 0,
    ) -> UsedResult:
        """The result of applying what a function returns; see `Evidence.used`."""
        packed = None if images is None else pack_value(images)
        assert packed is None or isinstance(packed, messages.ArrayValue)
        question = messages.UseRequest(
            function=function,
            args=[pack_value(item) for item in args],
            images=packed,
            training=training,
            times=times,
            seed=seed,
        )
        text = used_call(call_text(function, args, {}), images, training)
        answer = self._ask(question, messages.UseResponse, text)
        if len(answer.outputs) != times:
            raise StudentError(f"{text} gave {len(answer.outputs)} answers instead of {times}", _PIPE)
        try:
            outputs = [unpack_value(output) for output in answer.outputs]
        except (framing.ProtocolError, RecursionError) as error:
            reason = "lists within lists within lists" if isinstance(error, RecursionError) else str(error)
            raise Mismatch(f"the result of {text}", found=reason) from error
        moved = tuple(one_line(path, 200) for path in answer.moved[:MOST_MOVED])
        return UsedResult(tuple(_of_tensor(output, answer.type) for output in outputs), moved)

    def _call(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> messages.CallResponse:
        named = {name: pack_value(item) for name, item in kwargs.items()}
        question = messages.CallRequest(function=function, args=[pack_value(item) for item in args], kwargs=named)
        return self._ask(question, messages.CallResponse, call_text(function, args, kwargs))

    def _check_code(self, function: str) -> None:
        """Raise Mismatch if a function's code uses what it may not; the child looks for what the code does not show."""
        forbid = self._forbid.get(function, ())
        if forbid and function not in self._in_code:
            self._in_code[function] = self._forbidden_in_code(function, forbid)
        if uses := self._in_code.get(function):
            raise forbidden_use(function, forbid, uses)

    def _forbidden_in_code(self, function: str, forbid: Sequence[str]) -> list[str]:
        submission = self._conversation.submission
        cells = submission.cells
        exercises = {name for name, functions in submission.exercises.items() if function in functions}
        checked = [place for place, cell in enumerate(cells) if exercises.intersection(cell.checks)]
        end = max(checked, default=len(cells)) + 1  # it is judged in the state that its last check saw
        own = [
            [(cell.number, cell.source) for cell in part if cell.role == "student"]
            for part in (cells[:end], cells[end:])
        ]
        given = [cell.source for cell in cells if cell.role != "student"]
        modules = {p: data.decode("utf-8", "replace") for p, data in submission.files.items() if p.endswith(".py")}
        return forbidden_in_code(function, forbid, own[0], given, later=own[1], modules=modules)

    def _ask(self, question: messages.SubmissionRequest, kind: type[A], text: str) -> A:
        self._check_code(question.function)
        try:
            answer = self._conversation.ask(question)
        except NoResponse as silence:
            hint = "Restart the kernel, run the notebook from the top, and look where it stops."
            raise StudentError(one_line(silence), hint) from silence
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, messages.RaisedResponse):
            raise self._raised(answer, question.function, text)
        if isinstance(answer, messages.MissingResponse):
            raise self._missing(question.function, answer)
        if isinstance(answer, messages.ForbiddenResponse):
            uses = [one_line(use, 200) for use in answer.uses]
            raise forbidden_use(question.function, self._forbid.get(question.function, ("something",)), uses)
        if isinstance(answer, messages.UnusableResponse):
            raise unusable(question.function, answer.reason)
        raise StudentError(f"{text} gave an answer of another kind", _PIPE)

    def _missing(self, function: str, answer: messages.MissingResponse) -> Exception:
        problems = self._conversation.problems
        for cell in self._conversation.submission.cells:
            if cell.number in problems and function in _DEFINITION.findall(cell.source):
                problem = one_line(problems[cell.number], LONGEST_QUOTATION)
                return StudentError(
                    f"`{function}` is not defined, because its cell did not run: {problem}",
                    "Mend that cell first; run it on its own until it ends without an error.",
                )
        return not_defined(function, one_line(answer.found, 100))

    def _raised(self, answer: messages.RaisedResponse, function: str, text: str) -> Exception:
        if answer.type == "NotImplementedError" and not answer.message:
            if not answer.cell:
                return not_written(function)
            if "NotImplementedError" in answer.source:
                # it may be another function's skeleton: train_convnet calls build_convnet
                return not_written(self._defined_around(answer.cell, answer.line) or function)
        if answer.type == "TimeLimitExceeded":
            said = f"{text} did not come to an end: {one_line(answer.message, LONGEST_QUOTATION)}"
            return StudentError(said, "Is there a loop that never ends?")
        message = one_line(answer.message, LONGEST_QUOTATION)
        error = raised(text, answer.type, message, line=answer.line, source=answer.source, cell=max(answer.cell, 0))
        if answer.type == "ModuleNotFoundError":
            error.hint = (
                f"Do without it, or hand it in if it is a file of yours. While grading there are: {packages_text()}."
            )
        return error

    def _defined_around(self, number: int, line: int) -> str:
        """The function whose definition is the nearest above a line of a cell, or ""."""
        for cell in self._conversation.submission.cells:
            if cell.number == number:
                above = cell.source.split("\n")[: max(line, 0)]
                found = (_DEFINITION.match(text) for text in reversed(above))
                return next((match[1] for match in found if match), "")
        return ""


def _of_tensor(value: Any, kind: str) -> Any:
    return value.view(TensorValues) if kind == TENSOR and isinstance(value, np.ndarray) else value

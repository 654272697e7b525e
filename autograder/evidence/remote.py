"""Evidence for the rubric: answers of the process that ran the notebook, validated and put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from autograder.evidence.session import Conversation, Silent
from autograder.evidence.validate import check_figure, check_spec, check_watched
from autograder.sandbox import wire
from autograder.sandbox.values import pack, unpack
from cnnkit.checks.evidence import StudentError, not_defined, not_written
from cnnkit.mismatch import Mismatch
from cnnkit.probe.calling import call_text
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import Watched
from cnnkit.spec.model import ModelSpec
from cnnkit.training import TrainingRecord


A = TypeVar("A", bound=wire.Answer)


class RemoteEvidence:
    """`cnnkit.checks.Evidence` over the pipe; see there for what each method raises."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return unpack(self._call(function, args, kwargs).value)
        except wire.WireError as error:
            raise Mismatch(f"the result of {call_text(function, args, kwargs)}", consequence=str(error)) from error

    def mutated(self, function: str, *args: Any, **kwargs: Any) -> Sequence[str]:
        return self._call(function, args, kwargs).mutated

    def model(self, function: str, *args: Any, input_shape: tuple[int | None, ...]) -> ModelSpec:
        question = wire.Describe(function=function, args=[pack(item) for item in args], kwargs={}, input_shape=input_shape)
        return check_spec(self._ask(question, wire.Described, call_text(function, args, {})).spec)

    def training(
        self, function: str, optimizers: Sequence[str], *, epochs: int, input_shape: tuple[int | None, ...]
    ) -> Sequence[Watched]:
        question = wire.Watch(function=function, optimizers=list(optimizers), epochs=epochs, input_shape=input_shape)
        text = f'{function}("{optimizers[0]}", train, val, epochs={epochs}, callbacks=[...])'
        return check_watched(self._ask(question, wire.Seen, text).runs, optimizers)

    def figure(self, function: str, histories: Mapping[str, TrainingRecord]) -> FigureSpec:
        question = wire.Draw(function=function, args=[pack(dict(histories))])
        return check_figure(self._ask(question, wire.Drawn, f"{function}(histories)").figure)

    def _call(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> wire.Returned:
        question = wire.Call(
            function=function, args=[pack(item) for item in args], kwargs={name: pack(item) for name, item in kwargs.items()}
        )
        return self._ask(question, wire.Returned, call_text(function, args, kwargs))

    def _ask(self, question: wire.Question, kind: type[A], text: str) -> A:
        try:
            answer = self._conversation.ask(question)
        except Silent as silence:
            raise StudentError(str(silence), "Run the notebook from the top and look at the cell that does not come to an end.") from silence
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, wire.Raised):
            raise self._raised(answer, question.function, text)
        if isinstance(answer, wire.Missing):
            raise self._missing(answer)
        if isinstance(answer, wire.Unusable):
            raise Mismatch(f"`{question.function}`", consequence=answer.reason)
        raise StudentError(f"{text} gave an answer of another kind", "Is something in your notebook writing to the grader's pipe?")

    def _missing(self, answer: wire.Missing) -> Exception:
        mismatch = not_defined(answer.function, answer.found)
        problems = self._conversation.problems
        for cell in self._conversation.submission.cells:
            if cell.number in problems and f"def {answer.function}" in cell.source:
                return StudentError(
                    f"`{answer.function}` is not defined, because its cell did not run: {problems[cell.number]}",
                    "Mend that cell first; run it on its own until it ends without an error.",
                )
        return mismatch

    def _raised(self, answer: wire.Raised, function: str, text: str) -> Exception:
        if answer.type == "NotImplementedError":
            return not_written(function)
        if answer.type == "TimeLimitExceeded":
            return StudentError(f"{text} did not come to an end: {answer.message}", "Is there a loop that never ends?")
        where = f" in cell {answer.cell}, line {answer.line}: `{answer.source}`" if answer.cell else ""
        said = f": {answer.message}" if answer.message else ""
        return StudentError(f"{text} raised {answer.type}{said}{where}", f"Run {text} in your notebook to see it happen.")

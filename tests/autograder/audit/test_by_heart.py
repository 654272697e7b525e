"""The student who knows the public questions by heart loses every hidden check; one that asks no others is named."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.audit import by_heart
from autograder.audit.by_heart import CHANGES, ByHeart, learn_by_heart, share_of_public
from autograder.audit.library import read_library
from autograder.course.config import load_course
from autograder.evidence.conversation import Conversation
from autograder.evidence.remote import RemoteEvidence
from autograder.intake.submission import Submission
from autograder.rubric.run import run_rubric
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.codec import pack_value, unpack_value
from cnnkit.checks.registry import public_checks
from cnnkit.networks.brief import sequence
from cnnkit.probe.calling import call_function

ROOT = Path(__file__).parents[3]
PLAIN = [
    *(("mnist_convnet", "arithmetic"), ("lenet", "field"), ("lenet", "pooling"), ("lenet", "table"), ("lenet", "mend")),
    *(("lenet", "data"), ("transfer_learning", "parameters"), ("transfer_learning", "preprocessing")),
    ("data_augmentation", "when"),
]
"""Exercises whose solutions need Python and NumPy alone."""


class Answering(Conversation):
    """Conversation with functions in this process, which records their answers."""

    def __init__(self, library, functions):
        super().__init__(Submission(library.assignment, "x", Path(), (), {}), lambda: "", library.limits)
        self.functions, self.recorded = functions, {}

    def ask(self, question):
        named = {name: unpack_value(one) for name, one in question.kwargs.items()}
        called = call_function(self.functions[question.function], [unpack_value(one) for one in question.args], named)
        answer = messages.CallResponse(value=pack_value(called.value), type="", mutated=list(called.mutated))
        self.recorded[messages.encode_message(question)] = answer
        return answer


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT)


def reference(course, name, exercise):
    """The library, and the reference's answers in one exercise."""
    library = read_library(course, name)
    functions = {"np": np, "math": math}
    exec(compile(library.reference[f"{exercise}_solution"], "<solution>", "exec"), functions)
    conversation = Answering(library, functions)
    results = run_rubric(
        name, course.assignment(name), RemoteEvidence(conversation), {}, digest="a", exercises=(exercise,)
    )
    assert all(result.outcome == "passed" for result in results)
    for check in public_checks(name).of(exercise):
        check.run(RemoteEvidence(conversation))
    return library, conversation.recorded


@pytest.mark.parametrize(("name", "exercise"), PLAIN)
def test_whoever_knows_the_public_questions_loses_the_hidden_checks(course, name, exercise):
    library, answers = reference(course, name, exercise)
    (found,) = learn_by_heart(course, library, answers, "a", [exercise])
    assert (found.exercise, found.passed, found.decided) == (exercise, (), ())
    assert 0 <= found.public < found.points
    assert share_of_public([found]) == found.public / found.points


def test_a_hidden_check_that_asks_public_questions_only_is_named(course, monkeypatch):
    library, answers = reference(course, "lenet", "field")
    known = public_checks("lenet")

    def of(exercise):
        everything = SimpleNamespace(run=lambda evidence: [evidence._conversation.ask(one) for one in questions])
        return [*known.of(exercise), everything]

    questions = [messages.decode_request(key) for key in answers]
    told = SimpleNamespace(functions=known.functions, of=of, brief=known.brief, stand_ins=known.stand_ins)
    monkeypatch.setattr(by_heart, "public_checks", lambda name: told)
    (found,) = learn_by_heart(course, library, answers, "a", ["field"])
    assert found.passed == ("field.strides_multiply", "field.few_layers")
    assert found.decided == ()


def test_the_share_of_points_that_public_checks_decide():
    assert share_of_public([ByHeart("a", 3, 1.0), ByHeart("b", 1, 0.5, (), ("b.c",), 0.5)]) == 0.5
    assert share_of_public([]) == 0


REQUESTS = [
    (messages.CallRequest(function="f", args=[], kwargs={}), messages.CallResponse(value=True, type="", mutated=[])),
    (
        messages.UseRequest(function="f", args=[], images=pack_value(np.ones((2, 3))), training=True, times=1, seed=0),
        messages.UseResponse(outputs=[pack_value(np.arange(6.0).reshape(2, 3))], type="", moved=[]),
    ),
    (
        messages.DescribeRequest(function="f", args=[], kwargs={}, input_shape=(None, 4)),
        messages.DescribeResponse(spec=sequence((None, 4), [("Dense", {"units": 3})])),
    ),
]


@pytest.mark.parametrize(("question", "answer"), REQUESTS)
def test_plausible_wrong_responses_are_responses_of_the_same_kind(question, answer):
    wrong = [change(question, answer, None) for change in CHANGES]
    assert {type(one) for one in wrong} == {type(answer)}
    assert any(one != answer for one in wrong)
    known = type(answer)  # whatever is known is given instead
    assert CHANGES[1](question, answer, known) is known

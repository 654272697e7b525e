"""A child's answers become values, or sentences for the student; nothing that it says is trusted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.evidence.conversation import NoResponse
from autograder.evidence.remote import RemoteEvidence
from autograder.intake.submission import Cell, Submission
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.codec import pack_value
from cnnkit.checks.evidence import FunctionMissing, StudentError
from cnnkit.checks.remarks import collecting
from cnnkit.expect.figures import sample_histories
from cnnkit.grading_packages import packages_text
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import sequence
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.stand_ins import StandIn
from cnnkit.probe.value_text import TensorValues
from cnnkit.probe.watching import OptimizerSpec, WatchedRun

CELLS = (
    "import keras",
    "def one_hot_rows():\n    return 1",
    "def one_hot(labels):\n    return 1 / 0",
    "def build():\n\n    # mine\n    raise NotImplementedError()",
)


class Conversation:
    """Gives the same answer to every question, and keeps the questions."""

    def __init__(self, answer, problems=None):
        self.answer = answer
        self.problems = problems or {}
        self.questions = []
        cells = tuple(Cell(number, "", source, "student") for number, source in enumerate(CELLS, 1))
        self.submission = Submission("toy", "s01", Path(), cells)

    def ask(self, question):
        self.questions.append(question)
        if isinstance(self.answer, NoResponse):
            raise self.answer
        return self.answer


def evidence(answer, **kwargs):
    return RemoteEvidence(Conversation(answer, **kwargs))


@pytest.mark.parametrize("value", [13, 2.5, "text", None, [1, (2.0, "a")], {"a": [True]}])
def test_values_come_back(value):
    assert evidence(messages.CallResponse(value=pack_value(value), type="")).call("f", 3) == value


def test_arrays_go_and_come_back():
    conversation = Conversation(messages.CallResponse(value=pack_value(np.eye(2)), type=""))
    assert np.array_equal(RemoteEvidence(conversation).call("f", np.zeros(3), scale=2), np.eye(2))
    (question,) = conversation.questions
    assert question == messages.CallRequest(function="f", args=[pack_value(np.zeros(3))], kwargs={"scale": 2})


def test_an_object_that_is_no_data_stays_closed():
    found = evidence(messages.CallResponse(value=messages.OpaqueValue("TensorFlow tensor", "symbolic"), type="")).call(
        "f"
    )
    assert found == messages.OpaqueValue("TensorFlow tensor", "symbolic")


def test_a_missing_package_is_said_with_those_that_exist():
    said = "cv2 is not among the packages that are installed where work is graded"
    raised = messages.RaisedResponse(type="ModuleNotFoundError", message=said, cell=2, line=2, source="cv2.imread()")
    with pytest.raises(StudentError, match="cv2 is not among") as error:
        evidence(raised).call("f", 3)
    assert error.value.hint == (
        f"Do without it, or hand it in if it is a file of yours. While grading there are: {packages_text()}."
    )


def nested(depth):
    value = 1
    for _ in range(depth):
        value = messages.SequenceValue("list", [value])
    return value


@pytest.mark.parametrize(
    "value",
    [
        messages.ArrayValue("<f8", (10**12,), b""),
        messages.ArrayValue("|O", (1,), b"\0" * 8),
        nested(100_000),
        nested(900),
    ],
)
def test_a_hostile_value_is_a_mismatch(value):
    with pytest.raises(Mismatch, match=r"the result of f\(3\)"):
        evidence(messages.CallResponse(value=value, type="")).call("f", 3)


def test_changed_arguments():
    names = evidence(messages.CallResponse(value=None, type="", mutated=["images", "x" * 10**6])).mutated("f", 1)
    assert names[0] == "images"
    assert len(names[1]) == 100


def ask_all(asked):
    """Every kind of question, one after another."""
    yield lambda: asked.call("f", 3)
    yield lambda: asked.mutated("f", 3)
    yield lambda: asked.model("f", input_shape=(None, 4))
    yield lambda: asked.training("f", [OptimizerSpec("adam")], epochs=4, input_shape=(None, 4))
    yield lambda: asked.figure("f", sample_histories())
    yield lambda: asked.used("f", images=np.zeros((1, 2, 2, 1)), training=True)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (messages.MissingResponse(function="f"), FunctionMissing, "`f` is not defined."),
        (messages.MissingResponse(function="f", found="int"), FunctionMissing, "`f` is not a function: found int."),
        (messages.UnusableResponse(reason="f() returned None"), Mismatch, "f() returned None."),
        (messages.RaisedResponse(type="NotImplementedError", message=""), FunctionMissing, "`f` is not written yet."),
        (NoResponse("it ended"), StudentError, "it ended"),
        (messages.NotebookFinished(), StudentError, "an answer of another kind"),
    ],
)
def test_where_there_is_no_evidence(answer, error, words):
    for ask in ask_all(evidence(answer)):
        with pytest.raises(error) as caught:
            ask()
        assert words in str(caught.value)
        assert answer == messages.UnusableResponse(reason="f() returned None") or caught.value.hint


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (messages.RaisedResponse(type="ValueError", message="bad"), "f(3) raised ValueError: bad"),
        (
            messages.RaisedResponse(type="ValueError", message="bad", cell=3, line=2, source="return 1 / 0"),
            "f(3) raised ValueError: bad in cell 3, line 2: `return 1 / 0`",
        ),
        (
            messages.RaisedResponse(type="TimeLimitExceeded", message="15 seconds"),
            "f(3) did not come to an end: 15 seconds",
        ),
        (
            messages.RaisedResponse(type="NotImplementedError", message="on a CPU"),
            "raised NotImplementedError: on a CPU",
        ),
        (
            messages.RaisedResponse(
                type="NotImplementedError", message="", cell=3, line=2, source="return model.predict(x)"
            ),
            "raised NotImplementedError in cell 3, line 2",
        ),
    ],
)
def test_what_the_student_s_code_raised(raised, words):
    with pytest.raises(StudentError) as caught:
        evidence(raised).call("f", 3)
    assert words in str(caught.value)
    assert caught.value.hint


def test_another_function_s_skeleton_is_named():
    raised = messages.RaisedResponse(
        type="NotImplementedError", message="", cell=4, line=4, source="raise NotImplementedError()"
    )
    with pytest.raises(FunctionMissing, match="`build` is not written yet"):
        evidence(raised).training("train", [OptimizerSpec("adam")], epochs=4, input_shape=(None, 4))


@pytest.mark.parametrize(("cell", "line"), [(99, 1), (4, 10**9), (4, -5), (1, 1)])
def test_a_line_that_is_not_there(cell, line):
    raised = messages.RaisedResponse(
        type="NotImplementedError", message="", cell=cell, line=line, source="raise NotImplementedError()"
    )
    with pytest.raises(FunctionMissing, match="is not written yet"):
        evidence(raised).call("f")


def test_a_function_whose_cell_did_not_run():
    missing = messages.MissingResponse(function="one_hot")
    with pytest.raises(StudentError, match="its cell did not run: NameError in cell 3"):
        evidence(missing, problems={3: "NameError in cell 3"}).call("one_hot")
    with pytest.raises(FunctionMissing, match="`one_hot` is not defined"):
        evidence(missing, problems={2: "NameError in cell 2"}).call("one_hot")


def test_long_answers_are_cut():
    long = "x" * 10**6
    for answer in (
        messages.RaisedResponse(type=long, message=long, cell=1, line=1, source=long),
        messages.RaisedResponse(type="TimeLimitExceeded", message=long),
        messages.UnusableResponse(reason=long),
        messages.MissingResponse(function="f", found=long),
        NoResponse(long),
    ):
        with pytest.raises((Mismatch, StudentError)) as caught:
            evidence(answer).call("f", 3)
        assert len(str(caught.value)) < 2_000


def test_networks_runs_and_figures():
    model = sequence((None, 4), [("Dense", {"units": 3})])
    assert evidence(messages.DescribeResponse(spec=model, plain=True)).model("f", input_shape=(None, 4)) == model
    runs = [WatchedRun('"adam"', (), "None"), WatchedRun('"sgd"', (), "None")]
    asked = evidence(messages.WatchResponse(runs=runs))
    assert asked.training("f", [OptimizerSpec("adam"), OptimizerSpec("sgd")], epochs=4, input_shape=(None, 4)) == runs
    with pytest.raises(Mismatch, match='a run for each of "adam"'):
        asked.training("f", [OptimizerSpec("adam")], epochs=4, input_shape=(None, 4))
    figure = FigureSpec("", ())
    assert evidence(messages.DrawResponse(figure=figure)).figure("f", sample_histories()) == figure


def test_a_tensor_comes_back_as_an_array_that_knows_it():
    tensor = evidence(messages.CallResponse(value=pack_value(np.eye(2)), type="TensorFlow tensor")).call("f")
    assert isinstance(tensor, TensorValues)
    assert not isinstance(evidence(messages.CallResponse(value=pack_value(np.eye(2)), type="")).call("f"), TensorValues)
    assert evidence(messages.CallResponse(value=3, type="TensorFlow tensor")).call("f") == 3


def test_a_network_whose_numbers_do_not_follow_from_its_settings():
    honest = sequence((None, 4), [("Dense", {"units": 3})])
    assert evidence(messages.DescribeResponse(spec=honest, plain=True)).model("build", input_shape=(None, 4)) == honest
    forged = replace(honest, layers=(replace(honest.layers[0], parameters=1_191_338),))
    with pytest.raises(
        StudentError, match=r"build\(\): the Dense layer is reported with .* its settings give 3 and 15"
    ):
        evidence(messages.DescribeResponse(spec=forged)).model("build", input_shape=(None, 4))


def test_what_was_used_comes_back():
    answer = messages.UseResponse(
        outputs=[pack_value(np.eye(2)), pack_value([(np.ones(3), 1)])], type="TensorFlow tensor", moved=["a\nb"]
    )
    conversation = Conversation(answer)
    images = np.zeros((1, 2, 2, 1), np.float32)
    found = RemoteEvidence(conversation).used("f", 3, images=images, training=False, times=2, seed=5)
    assert isinstance(found.outputs[0], TensorValues)
    assert np.array_equal(found.outputs[1][0][0], np.ones(3))
    assert found.moved == ("a b",)
    (question,) = conversation.questions
    assert question == messages.UseRequest(
        function="f", args=[3], images=pack_value(images), training=False, times=2, seed=5
    )


@pytest.mark.parametrize(
    ("outputs", "error", "words"),
    [
        ([], StudentError, "0 answers instead of 1"),
        ([1, 2], StudentError, "2 answers instead of 1"),
        ([messages.ArrayValue("<f8", (10**12,), b"")], Mismatch, r"the result of list\(f\(\)\)"),
        ([nested(900)], Mismatch, "lists within lists"),
    ],
)
def test_hostile_answers_to_a_use(outputs, error, words):
    with pytest.raises(error, match=words):
        evidence(messages.UseResponse(outputs=outputs, type="")).used("f")


def test_a_network_that_stood_in_is_remarked():
    runs = [WatchedRun('"adam"', (), "None")]
    conversation = Conversation(messages.WatchResponse(runs=runs, stood_in=["build", "<script>"]))
    asked = RemoteEvidence(conversation, {"build": StandIn(sequence((None, 4), [("Dense", {"units": 3})]))})
    with collecting() as said:
        assert asked.training("train", [OptimizerSpec("adam")], epochs=4, input_shape=(None, 4)) == runs
    assert said == ["`build` gives no network yet, so the brief's own network was trained in its place."]
    assert list(conversation.questions[0].stand_ins) == ["build"]


class TwoAnswers(Conversation):
    """Describes a network, and answers the request for a forward pass with numbers of its own."""

    def __init__(self, described, forwarded, source="x = 1"):
        super().__init__(described)
        self.forwarded = forwarded
        self.submission = replace(self.submission, cells=(Cell(1, "", source, "student"),), digest="sha256:1")

    def ask(self, question):
        if isinstance(question, messages.ForwardRequest):
            self.questions.append(question)
            return self.forwarded
        return super().ask(question)


NETWORK = sequence((None, 4), [("Dense", {"units": 3, "activation": "softmax"})])
ZEROS = messages.ForwardResponse(layers={0: [0.0] * 32}, outputs=[[0.0] * 32])


def test_a_plain_network_of_plain_code_is_believed():
    conversation = TwoAnswers(messages.DescribeResponse(spec=NETWORK, plain=True), ZEROS)
    assert RemoteEvidence(conversation).model("build", input_shape=(None, 4)) == NETWORK
    assert len(conversation.questions) == 1


@pytest.mark.parametrize(
    ("plain", "source"),
    [(False, "x = 1"), (True, "class Mine(keras.Model): pass"), (True, "import sys")],
    ids=["not plain", "code with a class", "code that reaches the interpreter"],
)
def test_any_other_network_is_tried_once_and_believed_only_if_its_numbers_are_right(plain, source):
    conversation = TwoAnswers(messages.DescribeResponse(spec=NETWORK, plain=plain), ZEROS, source)
    remote = RemoteEvidence(conversation)
    for _ in range(2):
        with pytest.raises(StudentError, match="Dense layer computes something else"):
            remote.model("build", input_shape=(None, 4))
    described, forwarded, again = conversation.questions
    assert isinstance(forwarded, messages.ForwardRequest)
    assert described == again
    assert (forwarded.batch, forwarded.restart, forwarded.leave_out) == (2, [], [])


def test_another_submission_gets_another_draw():
    seeds = set()
    for digest in ("sha256:1", "sha256:2"):
        conversation = TwoAnswers(messages.DescribeResponse(spec=NETWORK), ZEROS)
        conversation.submission = replace(conversation.submission, digest=digest)
        with pytest.raises(StudentError):
            RemoteEvidence(conversation).model("build", input_shape=(None, 4))
        seeds.add(conversation.questions[-1].seed)
    assert len(seeds) == 2


@pytest.mark.parametrize("origins", [[0, 0], [1], [-2], [-1]])
def test_layers_numbered_as_no_network_can_be_are_refused(origins):
    conversation = TwoAnswers(messages.DescribeResponse(spec=NETWORK, origins=origins), ZEROS)
    with pytest.raises(StudentError, match="numbered"):
        RemoteEvidence(conversation).model("build", input_shape=(None, 4))


HIDDEN = str([(size, 7, 3, "valid") for size in range(100, 400)])
"""What a function was called with, as an exception or a value would carry it to the next hand-in."""


@pytest.mark.parametrize(
    "raised",
    [
        messages.RaisedResponse(type="RuntimeError", message=HIDDEN),
        messages.RaisedResponse(type="TimeLimitExceeded", message=HIDDEN),
        messages.RaisedResponse(type="A" * 5_000, message="B" * 5_000, line=2, source=HIDDEN, cell=3),
        messages.MissingResponse(function="f", found=HIDDEN),
    ],
)
def test_no_text_of_the_students_carries_many_inputs(raised):
    with pytest.raises((StudentError, FunctionMissing)) as error:
        evidence(raised).call("f", 3)
    assert len(str(error.value)) < 700
    assert str(error.value).count("valid") < 20


def test_no_problem_of_a_cell_carries_many_inputs():
    missing = messages.MissingResponse(function="one_hot")
    with pytest.raises(StudentError) as error:
        evidence(missing, problems={3: HIDDEN}).call("one_hot", 3)
    assert str(error.value).count("valid") < 15


FORBID = {"one_hot": ["keras"]}


def test_a_function_whose_code_uses_what_it_may_not_is_not_even_called():
    conversation = Conversation(messages.CallResponse(value=1, type="int"))
    used = Cell(9, "", "def one_hot(labels): return keras.ops.one_hot(labels)", "student")
    conversation.submission = replace(conversation.submission, cells=(*conversation.submission.cells, used))
    remote = RemoteEvidence(conversation, forbid=FORBID)
    for ask in (remote.call, remote.figure, remote.mutated, remote.used):
        with pytest.raises(Mismatch, match=r"no use of keras, found keras\.ops\.one_hot in cell 9") as failure:
            ask("one_hot")
        assert "Do not use `keras` in this exercise" in failure.value.hint
    assert conversation.questions == []
    assert remote.call("build") == 1


def test_what_the_child_has_found_fails_the_check():
    uses = ["a call of relu, which belongs to keras\n" + "x" * 150]
    remote = RemoteEvidence(Conversation(messages.ForbiddenResponse(uses=uses)), forbid=FORBID)
    with pytest.raises(Mismatch, match=r"found a call of relu, which belongs to keras x+"):
        remote.call("one_hot", 3)
    with pytest.raises(Mismatch):  # nobody asked for it
        remote.call("build")

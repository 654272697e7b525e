"""A conversation remembers answers and survives the death of its child."""

from pathlib import Path

import pytest

from autograder.evidence import conversation as session
from autograder.evidence.cache import CachedEvidence, encode_evidence, load_evidence
from autograder.evidence.conversation import Conversation, NoResponse
from autograder.intake.submission import Cell, Submission
from autograder.sandbox.client import connection
from autograder.sandbox.client.connection import ChildDied, SandboxError
from autograder.sandbox.client.submission_budget import MOST_SENT
from autograder.sandbox.protocol import messages
from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.limits import Limits


class FakeChild:
    """Dies in the cells and over the questions that it is told to; answers the others with the cells it has run."""

    started = 0

    def __init__(self, address, budget):
        type(self).started += 1
        self.budget = budget
        self.ran = ()

    def run(self, cells, records, *, exercises, files, plain, forbid):
        done = []
        if any(cell.source == "never begin" for cell in cells):
            raise SandboxError("no room")
        for cell in cells:
            if cell.source == "die":
                raise ChildDied("killed", cell.number)
            if cell.source == "die later":
                raise ChildDied("killed", 0)
            problem = f"ValueError in cell {cell.number}, line 1: `bad`" if cell.source == "bad" else ""
            missing = cell.source.split()[1:] if cell.source.startswith("import ") else []
            done.append(messages.CellFinished(number=cell.number, problem=problem, missing=missing))
        self.ran = tuple(cell.source for cell in cells)
        self.sent = {"checks": [cell.checks for cell in cells], "exercises": exercises, "files": files}
        return done, messages.NotebookFinished(notes=["Cell 2 changes `np`."] * 2 if "change" in self.ran else [])

    def ask(self, question):
        if question.function == "die":
            raise ChildDied("killed")
        return messages.CallResponse(value=" ".join(self.ran), type="str")

    def close(self):
        self.ran = ()


@pytest.fixture(autouse=True)
def fake_child(monkeypatch):
    FakeChild.started = 0
    monkeypatch.setattr(session, "ChildConnection", FakeChild)
    monkeypatch.setattr(session, "require_zygote", lambda address: None)


def conversation(*sources):
    cells = tuple(Cell(number, "", source, "student") for number, source in enumerate(sources, 1))
    return Conversation(Submission("toy", "s01", Path(), cells), lambda: "", Limits())


def question(function="f"):
    return messages.CallRequest(function=function, args=[], kwargs={})


def test_no_child_before_the_first_question():
    conversation("a")
    assert FakeChild.started == 0


def test_answers_are_remembered():
    asked = conversation("a", "b")
    assert asked.ask(question()) is asked.ask(question())
    assert FakeChild.started == 1


def test_a_cell_that_kills_the_child_is_left_out():
    asked = conversation("a", "die", "b")
    assert asked.ask(question()).value == "a b"
    assert asked.notes == ["Cell 2 ended the process that ran the notebook (killed); it was left out."]
    assert FakeChild.started == 2


def test_a_question_that_kills_the_child_costs_only_itself():
    asked = conversation("a")
    with pytest.raises(NoResponse, match=r"ended during die \(killed\)"):
        asked.ask(question("die"))
    with pytest.raises(NoResponse):
        asked.ask(question("die"))
    assert FakeChild.started == 1
    assert asked.ask(question()).value == "a"
    assert FakeChild.started == 2


def test_many_deaths_are_not_followed_for_ever():
    asked = conversation(*["die"] * 20)
    with pytest.raises(NoResponse, match="again and again"):
        asked.ask(question())
    assert FakeChild.started == session.MOST_CHILDREN


def test_a_child_that_never_begins_is_the_graders_failure():
    with pytest.raises(SandboxError, match="no room"):
        conversation("never begin").ask(question())


def test_a_notebook_that_ends_the_process_after_its_last_cell():
    with pytest.raises(NoResponse, match="after its last cell"):
        conversation("a", "die later").ask(question())


def test_what_a_cell_raised_is_noted_once():
    asked = conversation("bad", "a")
    asked.ask(question())
    asked.close()
    asked.ask(question("g"))
    assert asked.notes == ["ValueError in cell 1, line 1: `bad`"]
    assert asked.problems == {1: "ValueError in cell 1, line 1: `bad`"}


def test_what_later_cells_would_have_changed_is_noted_once():
    asked = conversation("a", "change")
    asked.ask(question())
    assert asked.notes == ["Cell 2 changes `np`."]


def test_missing_packages_are_named_once_and_kept():
    asked = conversation("import cv2 torch", "import cv2")
    asked.ask(question())
    assert list(asked.missing) == ["cv2", "torch"]
    asked.save(kept := CachedEvidence(key="k"))
    kept = load_evidence(encode_evidence(kept), "k")
    assert list(Conversation(asked.submission, lambda: "", Limits(), kept).missing) == ["cv2", "torch"]


def test_what_is_no_name_of_a_package_is_left_out_and_their_number_is_bounded():
    many = [f"p{number}" for number in range(100)]
    asked = conversation(f"import <b>x</b> a.b {'x' * 61} {' '.join(many)}")
    asked.ask(question())
    assert list(asked.missing) == many[: session.MOST_MISSING]


def test_checks_exercises_and_files_are_sent():
    cells = (Cell(1, "", "a", "student", ("size",)), Cell(0, "data", "", "check", ("data",)))
    exercises, files = {"data": ("prepare",)}, {"a.py": b"A = 1"}
    submission = Submission("toy", "s01", Path(), cells, exercises=exercises, files=files)
    asked = Conversation(submission, lambda: "", Limits())
    asked.ask(question())
    assert asked._child.sent == {"checks": [["size"], ["data"]], "exercises": exercises, "files": files}


@pytest.mark.parametrize("source", ["die", "die later", "a"])
def test_a_zygote_that_ended_is_not_blamed_on_the_notebook(source, tmp_path, monkeypatch):
    """The child has ended because everything has: no answer is remembered, and no note is made."""
    monkeypatch.setattr(session, "require_zygote", connection.require_zygote)
    cells = (Cell(1, "", source, "student"),)
    asked = Conversation(Submission("toy", "s01", Path(), cells), lambda: str(tmp_path / "zygote"), Limits())
    with pytest.raises(SandboxError, match="grade again"):
        asked.ask(question("die"))
    assert asked.notes == []
    assert asked.answers == {}


def test_what_was_kept_is_answered_without_a_child():
    first = conversation("a", "bad")
    said = first.ask(question())
    with pytest.raises(NoResponse):
        first.ask(question("die"))
    kept = CachedEvidence(key="k")
    first.save(kept)
    FakeChild.started = 0
    kept = load_evidence(encode_evidence(kept), "k")
    again = Conversation(first.submission, lambda: "", Limits(), kept)
    assert again.ask(question()) == said
    with pytest.raises(NoResponse, match="ended during die"):
        again.ask(question("die"))
    assert (again.notes, again.problems) == (first.notes, first.problems)
    assert FakeChild.started == 0
    assert again.ask(question("g")) == said  # a new question needs a child
    assert FakeChild.started == 1


@pytest.mark.parametrize("damage", [lambda data: None, lambda data: data[:-3], lambda data: b"\x93" * 100])
def test_what_was_kept_and_cannot_be_read_is_forgotten(damage):
    kept = CachedEvidence(key="k", notes=["a note"])
    assert load_evidence(encode_evidence(kept), "k") == kept
    assert load_evidence(encode_evidence(kept), "another key") == CachedEvidence(key="another key")
    assert load_evidence(damage(encode_evidence(kept)), "k") == CachedEvidence(key="k")


class DoubtfulChild(FakeChild):
    """Needs weights to watch a training; answers with the functions it has been asked about in this process."""

    def __init__(self, address, limits):
        super().__init__(address, limits)
        self.watched = []

    def ask(self, question):
        if not isinstance(question, messages.WatchRequest):
            return super().ask(question)
        self.watched.append((question.function, question.weights))
        if question.function == "always" or not question.weights:
            return messages.WeightsNeededResponse(reason="its code reads the weights")
        return messages.WatchResponse(runs=[], stood_in=[f"{name} {weights}" for name, weights in self.watched])


def watching(function="train", epochs=4):
    return messages.WatchRequest(function=function, optimizers=[], epochs=epochs, input_shape=(None, 4))


@pytest.fixture
def doubtful_child(monkeypatch):
    DoubtfulChild.started = 0
    monkeypatch.setattr(session, "ChildConnection", DoubtfulChild)


def test_a_training_that_needs_weights_is_watched_by_a_child_that_has_not_seen_it(doubtful_child):
    asked = conversation("a")
    assert asked.ask(watching()).stood_in == ["train True"]
    assert DoubtfulChild.started == 2
    assert asked.ask(watching(epochs=5)).stood_in == ["train True", "train True"]  # at once with weights
    assert asked.ask(question()).value == "a"
    assert DoubtfulChild.started == 2
    assert asked.ask(watching()).stood_in == ["train True"]  # cached by the request that was made


def test_a_child_that_needs_weights_and_more_weights_is_asked_twice(doubtful_child):
    assert isinstance(conversation("a").ask(watching("always")), messages.WeightsNeededResponse)
    assert DoubtfulChild.started == 2


def test_watching_again_takes_nothing_from_what_a_notebook_may_survive(doubtful_child):
    asked = conversation("a", "die")
    asked.ask(watching())
    for number in range(session.MOST_CHILDREN - 1):
        with pytest.raises(NoResponse, match="ended during die"):
            asked.ask(messages.CallRequest(function="die", args=[number], kwargs={}))
    with pytest.raises(NoResponse, match="again and again"):
        asked.ask(question())


def test_no_child_is_started_once_the_budget_is_spent(monkeypatch):
    def takes_all(self, question):
        self.budget.idle = 240.0
        raise ChildDied("the time for this submission is used up")

    monkeypatch.setattr(FakeChild, "ask", takes_all)
    asked = conversation("a")
    with pytest.raises(NoResponse, match="ended during f"):
        asked.ask(question())
    with pytest.raises(NoResponse, match="not run any further: it has slept for 240 seconds"):
        asked.ask(question("g"))
    assert FakeChild.started == 1


def test_a_child_that_sent_too_much_has_no_successor(monkeypatch):
    def floods(self, question):
        self.budget.charge_message(MOST_SENT + 1)

    monkeypatch.setattr(FakeChild, "ask", lambda self, question: died_of(floods, self, question))
    asked = conversation("a")
    with pytest.raises(NoResponse, match="more than 64 MB"):
        asked.ask(question())
    with pytest.raises(NoResponse, match="not run any further: everything that it sent takes more than 64 MB"):
        asked.ask(question("g"))
    assert FakeChild.started == 1


def died_of(act, child, question):
    """Act as a connection does on a violation of the protocol."""
    try:
        return act(child, question)
    except ProtocolError as error:
        raise ChildDied(str(error)) from error

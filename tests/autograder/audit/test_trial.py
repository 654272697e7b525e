"""Of the reference's responses, those hold for a sample that its change cannot reach."""

from dataclasses import dataclass, field

import pytest

from autograder.audit.trial import Transcript
from autograder.sandbox.protocol.messages import CallRequest, MissingResponse, WatchRequest, encode_message
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.stand_ins import StandIn

NETWORK = ModelSpec((None, 3), (), (-1,), 0, 0)
CELLS = ("def one():\n    return 1", "def two():\n    return one()", "def three():\n    return 3")


@dataclass
class Cell:
    source: str


@dataclass
class Submission:
    cells: list = field(default_factory=list)


def call(function):
    return CallRequest(function=function, args=[], kwargs={})


def watch(function, **stand_ins):
    return WatchRequest(
        function=function,
        optimizers=[],
        epochs=1,
        input_shape=(None, 3),
        stand_ins={name: StandIn(NETWORK, behind=behind) for name, behind in stand_ins.items()},
    )


QUESTIONS = [
    call("one"),
    call("two"),
    call("three"),
    watch("three"),
    watch("three", two=""),
    watch("three", other="two"),
]


@pytest.mark.parametrize(
    ("changed", "holding"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({0: "def one():\n    return 2"}, [2, 3]),
        ({1: "def two():\n    return 2"}, [0, 2, 3]),
        ({2: "def three():\n    return 4"}, [0, 1]),
        ({2: "print(3)"}, []),
    ],
)
def test_what_holds(changed, holding):
    response = MissingResponse(function="one")
    reference = Transcript(CELLS, {encode_message(question): response for question in QUESTIONS})
    cells = [Cell(changed.get(number, source)) for number, source in enumerate(CELLS)]
    held = reference.holding_for(Submission(cells))
    assert [one.question for one in held] == [encode_message(QUESTIONS[number]) for number in holding]
    assert {one.answer for one in held} <= {response}

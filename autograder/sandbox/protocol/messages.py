"""Requests and responses between the grader and the process that runs a student's code: msgpack in frames.

Both sides share these types. Whatever comes out of the child is decoded into them and nothing else: strict types, no
code, bounded sizes.
"""

from __future__ import annotations

import secrets
from typing import Annotated

import msgspec

from autograder.sandbox.protocol import framing
from autograder.sandbox.protocol.framing import ProtocolError
from autograder.sandbox.protocol.limits import Limits
from autograder.sandbox.protocol.measure import MessageSize, measure
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.stand_ins import StandIn
from cnnkit.probe.watching import OptimizerSpec, WatchedRun
from cnnkit.recording.schema import TrainingRecord

TICKET = 8
"""Bytes at the beginning of a frame that tie a message to a request."""

MAX_PLAIN = 1_000_000
"""Bytes of a message, the contents of its arrays left out."""

MAX_FIGURE = 8_000_000
"""The same of a figure, whose curves and images are lists of numbers."""

MAX_ELEMENTS, MAX_FIGURE_ELEMENTS = 200_000, 800_000
"""Elements of a message, counted at all depths before it is decoded; and of a figure."""

MAX_ITEMS = 20_000
"""Entries of a value, counted in all its lists, tuples and dictionaries together."""

MAX_ARRAY = 32 * 1024 * 1024
"""Bytes of one array; a larger one is described when packed and refused when unpacked."""

MAX_TEXT = 100_000
"""Characters of a text that is a value."""

MAX_AXES = 16
"""Axes of an array."""

_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Sentence = Annotated[str, msgspec.Meta(max_length=2_000)]
_Names = Annotated[list[_Name], msgspec.Meta(max_length=1_000)]
_Few = msgspec.Meta(max_length=MAX_ITEMS)
_Samples = msgspec.Meta(max_length=1_000)


class _Tagged(msgspec.Struct, frozen=True, tag_field="is"):
    """Base of all messages; the field "is" names the kind."""


class ArrayValue(_Tagged, frozen=True, tag="array"):
    """A NumPy array: dtype as in `numpy.dtype.str`, C order."""

    dtype: Annotated[str, msgspec.Meta(max_length=20)]
    shape: Annotated[tuple[int, ...], msgspec.Meta(max_length=MAX_AXES)]
    data: Annotated[bytes, msgspec.Meta(max_length=MAX_ARRAY)]


class SequenceValue(_Tagged, frozen=True, tag="sequence"):
    """A list or a tuple."""

    kind: _Name
    items: Annotated[list[Value], _Few]


class MappingValue(_Tagged, frozen=True, tag="mapping"):
    """A dictionary with string keys."""

    items: Annotated[dict[str, Value], _Few]


class OpaqueValue(_Tagged, frozen=True, tag="opaque"):
    """An object that is not data: its type's name and, for a reader, a short text."""

    type: _Name
    text: _Sentence


class HistoriesArgument(_Tagged, frozen=True, tag="histories"):
    """Training histories by run, handed to a student's plotting function."""

    runs: dict[str, TrainingRecord]


class NetworkArgument(_Tagged, frozen=True, tag="network"):
    """A network argument, built by the kit beside the student's code: see `cnnkit.probe.built.BuiltNetwork`."""

    spec: ModelSpec
    seed: int
    is_open: bool = False


class OptimizerArgument(_Tagged, frozen=True, tag="optimizer"):
    """An optimizer object: see `cnnkit.probe.configured`."""

    asked: OptimizerSpec


Value = (
    None
    | bool
    | int
    | float
    | Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
    | ArrayValue
    | SequenceValue
    | MappingValue
    | OpaqueValue
    | HistoriesArgument
    | NetworkArgument
    | OptimizerArgument
)
"""A value that can cross."""


# --- requests ------------------------------------------------------------------------------------------------------


class CellSource(msgspec.Struct, frozen=True):
    """A cell to run: its number as a reader counts cells, its code, and the exercises whose checks its text calls.

    Without code it only says where a check stands: in the student's notebook or, under the number 0, in the release.
    """

    number: int
    source: str
    checks: list[str] = []


class StartRequest(_Tagged, frozen=True, tag="start", kw_only=True):
    """The first message: what to run, and within which limits.

    Each exercise of `exercises` has the functions that its check is called with: they are judged in the state that
    their check saw. `files` came in beside the notebook; they are put into the folder in which it runs, from which
    modules can be imported unless the code is plain. `forbid` are, by function of the notebook, the modules and
    functions that it may not use.
    """

    cells: list[CellSource]
    records: dict[str, TrainingRecord]
    limits: Limits
    exercises: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    plain: bool = False
    forbid: dict[str, list[str]] = {}


class CallRequest(_Tagged, frozen=True, tag="call", kw_only=True):
    """Call a function."""

    function: str
    args: list[Value]
    kwargs: dict[str, Value]


class DescribeRequest(_Tagged, frozen=True, tag="describe", kw_only=True):
    """Call a function that builds a network, and describe the network."""

    function: str
    args: list[Value]
    kwargs: dict[str, Value]
    input_shape: tuple[int | None, ...]


class ForwardRequest(_Tagged, frozen=True, tag="forward", kw_only=True):
    """Apply the network that was described to drawn numbers: see `cnnkit.probe.forward.run_on_numbers`.

    The fields up to `input_shape` are those of the `DescribeRequest` before it.
    """

    function: str
    args: list[Value]
    kwargs: dict[str, Value]
    input_shape: tuple[int | None, ...]
    seed: int
    batch: int
    restart: list[int]
    leave_out: list[int]


class WatchRequest(_Tagged, frozen=True, tag="watch", kw_only=True):
    """Watch a training function compile and fit.

    If a function of `stand_ins` does not return what it has to, what is given there is used instead. Without `weights`
    the child may answer that it needs them; then it has called the function in vain, and another child should be asked.
    """

    function: str
    optimizers: list[OptimizerSpec]
    epochs: int
    input_shape: tuple[int | None, ...]
    vary: bool = False
    stand_ins: dict[str, StandIn] = {}
    weights: bool = False


class DrawRequest(_Tagged, frozen=True, tag="draw", kw_only=True):
    """Call a plotting function, and describe the figure."""

    function: str
    args: list[Value]


class UseRequest(_Tagged, frozen=True, tag="use", kw_only=True):
    """Call a function and use its result: see `cnnkit.probe.applying.use_result`. Without images: iterate over it."""

    function: str
    args: list[Value]
    images: ArrayValue | None
    training: bool | None
    times: int
    seed: int


class ServiceRequest(_Tagged, frozen=True, tag="service", kw_only=True):
    """The first message to a process that runs no student code but one of the services that the zygote was given.

    The answer is `Started`, or `UnusableResponse` for a name that is not in the table. What follows on the connection
    is the service's own protocol.
    """

    name: str


class ProbeRequest(_Tagged, frozen=True, tag="probe", kw_only=True):
    """The first message to a process that tests isolation, see `autograder.sandbox.isolation.probe`.

    Its targets, all of which exist: a port that listens on 127.0.0.1, the zygote's address, files and
    folders to read, folders to write to, a process, a variable of the grader's environment.
    """

    port: int
    address: str
    secrets: dict[str, str]
    folders: dict[str, str]
    process: int
    variable: str
    limits: Limits


SubmissionRequest = CallRequest | DescribeRequest | ForwardRequest | WatchRequest | DrawRequest | UseRequest
Request = (
    StartRequest
    | ServiceRequest
    | ProbeRequest
    | CallRequest
    | DescribeRequest
    | ForwardRequest
    | WatchRequest
    | DrawRequest
    | UseRequest
)


# --- responses -----------------------------------------------------------------------------------------------------


class Started(_Tagged, frozen=True, tag="begun", kw_only=True):
    """The process is set up; the first cell follows. If it ends from here on, the notebook is the cause.

    `process` is its number, or that of the process above it which ends with it, as the grader sees it; no student code
    has run yet where it is sent. 0 where it is not known.
    """

    process: Annotated[int, msgspec.Meta(ge=0)] = 0


class CellFinished(_Tagged, frozen=True, tag="cell", kw_only=True):
    """A cell has run. `problem` is empty or says what it raised; `notes` are plain sentences.

    `missing` names packages that it imports and that are not installed.
    """

    number: int
    problem: _Sentence = ""
    notes: Annotated[list[_Sentence], msgspec.Meta(max_length=50)] = []
    printed: int = 0
    missing: Annotated[list[_Name], msgspec.Meta(max_length=50)] = []


class NotebookFinished(_Tagged, frozen=True, tag="ready", kw_only=True):
    """All cells have run; requests may follow. `notes` are plain sentences about the notebook as a whole."""

    functions: _Names = []
    notes: Annotated[list[_Sentence], msgspec.Meta(max_length=50)] = []


class CallResponse(_Tagged, frozen=True, tag="returned", kw_only=True):
    """A call's value, the type's name as the student would say it, and the arguments it changed in place."""

    value: Value
    type: _Name
    mutated: _Names = []


class DescribeResponse(_Tagged, frozen=True, tag="described", kw_only=True):
    """A network.

    Attributes:
        spec: its description.
        plain: True if it claims to run as it is recorded; see `cnnkit.networks.describe.plain`.
        origins: see `cnnkit.networks.describe.keras_model.TracedModel`.
    """

    spec: ModelSpec
    plain: bool = False
    origins: Annotated[list[int], _Few] = []


class ForwardResponse(_Tagged, frozen=True, tag="forwarded", kw_only=True):
    """Numbers of a forward pass: see `cnnkit.probe.forward.ForwardPass`."""

    layers: Annotated[dict[int, Annotated[list[float], _Samples]], _Few]
    outputs: Annotated[list[Annotated[list[float], _Samples]], _Few]


class WatchResponse(_Tagged, frozen=True, tag="seen", kw_only=True):
    """Training runs that were watched, and the functions for which the kit's network stood in."""

    runs: Annotated[list[WatchedRun], msgspec.Meta(max_length=100)]
    stood_in: _Names = []


class WeightsNeededResponse(_Tagged, frozen=True, tag="weights needed", kw_only=True):
    """The training cannot be watched without weights: `reason` says why."""

    reason: _Sentence


class DrawResponse(_Tagged, frozen=True, tag="drawn", kw_only=True):
    """A figure."""

    figure: FigureSpec


class UseResponse(_Tagged, frozen=True, tag="used", kw_only=True):
    """Outputs of using a function's result, one for each time, and the name of the first one's type."""

    outputs: Annotated[list[Value], msgspec.Meta(max_length=1_000)]
    type: _Name
    moved: _Names = []


class RaisedResponse(_Tagged, frozen=True, tag="raised", kw_only=True):
    """The student's code raised: which exception, in which cell and line (0 where unknown), and the line's text."""

    type: _Name
    message: _Sentence
    cell: int = 0
    line: int = 0
    source: _Sentence = ""


class MissingResponse(_Tagged, frozen=True, tag="missing", kw_only=True):
    """There is no function of that name; `found` names the type of the object of that name, if there is one."""

    function: _Name
    found: _Name = ""


class UnusableResponse(_Tagged, frozen=True, tag="unusable", kw_only=True):
    """The function returned something that cannot be described: `reason` says what was expected and found."""

    reason: _Sentence


class ForbiddenResponse(_Tagged, frozen=True, tag="forbidden", kw_only=True):
    """The function uses what it may not: `uses` says what."""

    uses: _Names


class ProbeResponse(_Tagged, frozen=True, tag="probed"):
    """Targets reached, by the name of the attempt; "" where isolation held."""

    reached: Annotated[dict[_Name, _Sentence], msgspec.Meta(max_length=1_000)]


Response = (
    CallResponse
    | DescribeResponse
    | ForwardResponse
    | WatchResponse
    | WeightsNeededResponse
    | DrawResponse
    | UseResponse
    | RaisedResponse
    | MissingResponse
    | UnusableResponse
    | ForbiddenResponse
)
Message = (
    Started
    | CellFinished
    | NotebookFinished
    | CallResponse
    | DescribeResponse
    | ForwardResponse
    | WatchResponse
    | WeightsNeededResponse
    | DrawResponse
    | UseResponse
    | RaisedResponse
    | MissingResponse
    | UnusableResponse
    | ForbiddenResponse
    | ProbeResponse
)

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_messages: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def send_request(connection: framing.Stream, request: Request) -> bytes:
    """Send a request under a ticket that nobody can foresee.

    Returns:
        The ticket. Only a message that bears it answers this request, and not an earlier or a later one.

    Raises:
        ProtocolError, OSError: as `framing.send_frame`.
    """
    ticket = secrets.token_bytes(TICKET)
    framing.send_frame(connection, ticket + _encoder.encode(request))
    return ticket


def send_response(connection: framing.Stream, message: Message, ticket: bytes) -> None:
    """Send a message that bears the ticket of the request that it answers; raises what `framing.send_frame` raises."""
    framing.send_frame(connection, ticket + _encoder.encode(message))


def decode_request(data: bytes) -> Request:
    """Decode a request from its bytes, without the ticket (the child's side)."""
    return _requests.decode(data)


def most_bytes(request: Request) -> int:
    """Bytes that the frame of a response may have: only values hold arrays."""
    if isinstance(request, CallRequest | UseRequest):
        return framing.MAX_FRAME
    return MAX_FIGURE if isinstance(request, DrawRequest) else MAX_PLAIN


def measured(data: bytes, *, figure: bool = False) -> MessageSize:
    """The size of a message from a child, before it is decoded.

    Args:
        data: the message, without the ticket.
        figure: True if a figure was asked for.

    Raises:
        ProtocolError: it has more elements, or more bytes outside its arrays, than a message may have.
    """
    size = measure(data, MAX_FIGURE_ELEMENTS if figure else MAX_ELEMENTS)
    plain, most = len(data) - size.binary, MAX_FIGURE if figure else MAX_PLAIN
    if plain > most:
        raise ProtocolError(f"a message of {plain:,} bytes beside its arrays; at most {most:,} are read")
    return size


def decode_measured(data: bytes) -> Message:
    """A message from a child's bytes, once `measured` has admitted them.

    Raises:
        ProtocolError: it is not one of the known messages, or has a field of the wrong type or length.
    """
    try:
        return _messages.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ProtocolError(f"not a message of the protocol: {error}") from error


def decode_message(data: bytes, *, figure: bool = False) -> Message:
    """A message from a child's bytes: measured, then decoded; raises what the two raise."""
    measured(data, figure=figure)
    return decode_measured(data)


def encode_message(message: Request | Message) -> bytes:
    """A message's bytes, the same for equal messages (used as a key of cached responses)."""
    return _encoder.encode(message)

"""The process that holds a student's code: it runs the notebook's cells, then answers questions with data.

It is forked from the zygote and knows nothing of rubrics, points or other students. What it says is trusted by nobody.
"""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from autograder.sandbox.isolation.backends import Room
from autograder.sandbox.isolation.probe import attempts
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.codec import pack, type_name, unpack
from autograder.sandbox.server.kit_guard import KitGuard
from autograder.sandbox.server.limits import (
    TimeLimitExceeded,
    limit_resources,
    mapped_bytes,
    one_thread,
    time_limit,
)
from autograder.sandbox.server.notebook_shell import Notebook
from autograder.sandbox.server.stand_in import standing_in
from autograder.sandbox.server.training_cap import cap_training
from cnnkit.networks.describe.keras_model import DescribeError
from cnnkit.networks.describe.weightless import build_and_describe
from cnnkit.probe.applying import NotUsable, use
from cnnkit.probe.calling import call, given_for
from cnnkit.probe.figure import NoFigure, describe_figure
from cnnkit.probe.watching import watch_training


def serve(connection: socket.socket, room: Room) -> None:
    """Run the conversation on `connection`: one first message, then questions until the grader hangs up.

    Args:
        room: where what the first message asks for is done.
    """
    ticket, start = _request(connection)
    mapped = mapped_bytes()
    if isinstance(start, messages.Verifier):
        room.enter(connection.fileno(), grader=True)
        from autograder.records.worker import serve as examine_records

        examine_records(connection)
        return
    if not isinstance(start, messages.Start | messages.Probe):
        raise framing.WireError("the first message must be Start")
    _settle(room.enter(connection.fileno(), memory_mb=start.limits.memory_mb), start.limits, mapped)
    room.seal()
    if isinstance(start, messages.Probe):
        messages.answer(connection, messages.Probed(attempts(start)), ticket)
        return
    notebook = Notebook(start.limits.output_kb)
    cap_training(start.records, notebook.note)
    guard = KitGuard()
    messages.answer(connection, messages.Begun(), ticket)
    for cell in start.cells:
        messages.answer(connection, notebook.run(cell.number, cell.source, start.limits.cell_seconds), ticket)
    names = [messages.clean(str(name), 200) for name, value in notebook.names.items() if callable(value)]
    messages.answer(connection, messages.Ready(functions=names[:1000]), ticket)
    while True:
        ticket, question = _request(connection)
        guard.restore()
        messages.answer(connection, _fitting(_answer(notebook, question, start.limits.cell_seconds)), ticket)


def _request(connection: socket.socket) -> tuple[bytes, messages.Request]:
    """The next request, behind its ticket."""
    frame = framing.receive(connection)
    return frame[: messages.TICKET], messages.decode_request(frame[messages.TICKET :])


def _settle(scratch: str, limits: messages.Limits, mapped: int) -> None:
    """An empty environment, an empty folder, no terminal, one processor thread, and the limits."""
    os.environ.clear()
    os.environ.update(
        PATH="/usr/bin:/bin",
        HOME=scratch,
        TMPDIR=scratch,
        LANG="C.UTF-8",
        MPLBACKEND="Agg",
        NBGRADER_EXECUTION="autograde",
    )
    os.chdir(scratch)
    tempfile.tempdir = scratch
    one_thread()
    gc.enable()
    limit_resources(limits.submission_seconds, limits.memory_mb, mapped)


def _answer(notebook: Notebook, question: messages.Request, seconds: float) -> messages.Answer:
    if isinstance(question, messages.Start | messages.Verifier | messages.Probe):
        return messages.Unusable(reason="the first message was sent twice")
    function = notebook.names.get(question.function)
    if function is None:
        return messages.Missing(function=question.function)
    if not callable(function):
        return messages.Missing(function=question.function, found=type_name(function))
    with open(os.devnull, "w") as quiet, redirect_stdout(quiet), redirect_stderr(quiet):
        try:
            with time_limit(seconds):
                return _ask(notebook, function, question)
        except TimeLimitExceeded as error:
            return messages.Raised(type="TimeLimitExceeded", message=str(error))
        except (NoFigure, NotUsable, DescribeError) as error:
            return messages.Unusable(reason=str(error)[:1000])
        except BaseException as error:
            return notebook.locate(error)


def _ask(notebook: Notebook, function: Callable[..., Any], question: messages.Question) -> messages.Answer:
    if isinstance(question, messages.Call):
        named = {name: unpack(item) for name, item in question.kwargs.items()}
        called = call(function, [unpack(item) for item in question.args], named)
        return messages.Returned(
            value=pack(called.value), type=type_name(called.value)[:200], mutated=list(called.mutated)
        )
    if isinstance(question, messages.Describe):
        text = f"{question.function}()"
        args = [unpack(item) for item in question.args]
        kwargs = {name: unpack(item) for name, item in question.kwargs.items()}
        return messages.Described(
            spec=build_and_describe(
                lambda: function(*map(given_for, args), **{name: given_for(item) for name, item in kwargs.items()}),
                question.input_shape,
                source=text,
            )
        )
    if isinstance(question, messages.Watch):
        with standing_in(notebook.names, question.stand_ins) as stood_in:
            runs = watch_training(function, question.optimizers, question.epochs, question.input_shape, question.vary)
        return messages.Seen(runs=list(runs), stood_in=stood_in)
    if isinstance(question, messages.Use):
        images = None if question.images is None else unpack(question.images)
        args = [unpack(item) for item in question.args]
        used = use(function, args, images=images, training=question.training, times=question.times, seed=question.seed)
        first = type_name(used.outputs[0])[:200] if used.outputs else ""
        return messages.WasUsed(outputs=[pack(output) for output in used.outputs], type=first, moved=list(used.moved))
    import matplotlib.pyplot as plt

    plt.close("all")
    return messages.Drawn(figure=describe_figure(function(*(given_for(unpack(item)) for item in question.args))))


def _fitting(answer: messages.Answer) -> messages.Answer:
    """The answer, or, where it cannot be sent, one that says so."""
    try:
        size = len(messages.encode(answer))
    except UnicodeEncodeError as error:
        return messages.Unusable(reason=f"it holds text that is no Unicode: {messages.clean(str(error), 200)}")
    return answer if size <= framing.MAX_FRAME else messages.Unusable(reason=f"the result takes {size / 1e6:,.0f} MB")

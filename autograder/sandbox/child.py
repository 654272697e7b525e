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

from autograder.sandbox import frames, wire
from autograder.sandbox.isolation.probe import attempts
from autograder.sandbox.isolation.room import Room
from autograder.sandbox.kit_guard import KitGuard
from autograder.sandbox.limits import TimeLimitExceeded, limit_resources, mapped_bytes, one_thread, time_limit
from autograder.sandbox.notebook import Notebook
from autograder.sandbox.stand_in import standing_in
from autograder.sandbox.training_cap import cap_training
from autograder.sandbox.values import pack, type_name, unpack
from cnnkit.probe.applying import NotUsable, use
from cnnkit.probe.calling import call, given_for
from cnnkit.probe.figure import NoFigure, describe_figure
from cnnkit.probe.watching import watch_training
from cnnkit.spec import DescribeError, build_and_describe


def serve(connection: socket.socket, room: Room) -> None:
    """Run the conversation on `connection`: one first message, then questions until the grader hangs up.

    Args:
        room: where what the first message asks for is done.
    """
    ticket, start = _request(connection)
    mapped = mapped_bytes()
    if isinstance(start, wire.Verifier):
        room.enter(connection.fileno(), grader=True)
        from autograder.verify.service import serve as examine_records

        examine_records(connection)
        return
    if not isinstance(start, wire.Start | wire.Probe):
        raise frames.WireError("the first message must be Start")
    _settle(room.enter(connection.fileno(), memory_mb=start.limits.memory_mb), start.limits, mapped)
    room.seal()
    if isinstance(start, wire.Probe):
        wire.answer(connection, wire.Probed(attempts(start)), ticket)
        return
    notebook = Notebook(start.limits.output_kb)
    cap_training(start.records, notebook.note)
    guard = KitGuard()
    wire.answer(connection, wire.Begun(), ticket)
    for cell in start.cells:
        wire.answer(connection, notebook.run(cell.number, cell.source, start.limits.cell_seconds), ticket)
    names = [wire.clean(str(name), 200) for name, value in notebook.names.items() if callable(value)]
    wire.answer(connection, wire.Ready(functions=names[:1000]), ticket)
    while True:
        ticket, question = _request(connection)
        guard.restore()
        wire.answer(connection, _fitting(_answer(notebook, question, start.limits.cell_seconds)), ticket)


def _request(connection: socket.socket) -> tuple[bytes, wire.Request]:
    """The next request, behind its ticket."""
    frame = frames.receive(connection)
    return frame[: wire.TICKET], wire.decode_request(frame[wire.TICKET :])


def _settle(scratch: str, limits: wire.Limits, mapped: int) -> None:
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


def _answer(notebook: Notebook, question: wire.Request, seconds: float) -> wire.Answer:
    if isinstance(question, wire.Start | wire.Verifier | wire.Probe):
        return wire.Unusable(reason="the first message was sent twice")
    function = notebook.names.get(question.function)
    if function is None:
        return wire.Missing(function=question.function)
    if not callable(function):
        return wire.Missing(function=question.function, found=type_name(function))
    with open(os.devnull, "w") as quiet, redirect_stdout(quiet), redirect_stderr(quiet):
        try:
            with time_limit(seconds):
                return _ask(notebook, function, question)
        except TimeLimitExceeded as error:
            return wire.Raised(type="TimeLimitExceeded", message=str(error))
        except (NoFigure, NotUsable, DescribeError) as error:
            return wire.Unusable(reason=str(error)[:1000])
        except BaseException as error:
            return notebook.locate(error)


def _ask(notebook: Notebook, function: Callable[..., Any], question: wire.Question) -> wire.Answer:
    if isinstance(question, wire.Call):
        named = {name: unpack(item) for name, item in question.kwargs.items()}
        called = call(function, [unpack(item) for item in question.args], named)
        return wire.Returned(value=pack(called.value), type=type_name(called.value)[:200], mutated=list(called.mutated))
    if isinstance(question, wire.Describe):
        text = f"{question.function}()"
        args = [unpack(item) for item in question.args]
        kwargs = {name: unpack(item) for name, item in question.kwargs.items()}
        return wire.Described(
            spec=build_and_describe(
                lambda: function(*map(given_for, args), **{name: given_for(item) for name, item in kwargs.items()}),
                question.input_shape,
                source=text,
            )
        )
    if isinstance(question, wire.Watch):
        with standing_in(notebook.names, question.stand_ins) as stood_in:
            runs = watch_training(function, question.optimizers, question.epochs, question.input_shape, question.vary)
        return wire.Seen(runs=list(runs), stood_in=stood_in)
    if isinstance(question, wire.Use):
        images = None if question.images is None else unpack(question.images)
        args = [unpack(item) for item in question.args]
        used = use(function, args, images=images, training=question.training, times=question.times, seed=question.seed)
        first = type_name(used.outputs[0])[:200] if used.outputs else ""
        return wire.WasUsed(outputs=[pack(output) for output in used.outputs], type=first, moved=list(used.moved))
    import matplotlib.pyplot as plt

    plt.close("all")
    return wire.Drawn(figure=describe_figure(function(*(given_for(unpack(item)) for item in question.args))))


def _fitting(answer: wire.Answer) -> wire.Answer:
    """The answer, or, where it cannot be sent, one that says so."""
    try:
        size = len(wire.encode(answer))
    except UnicodeEncodeError as error:
        return wire.Unusable(reason=f"it holds text that is no Unicode: {wire.clean(str(error), 200)}")
    return answer if size <= frames.MAX_FRAME else wire.Unusable(reason=f"the result takes {size / 1e6:,.0f} MB")

"""The process that holds a student's code: it runs the notebook's cells, then answers questions with data.

It is forked from the zygote and knows nothing of rubrics, points or other students. Nothing that it sends is trusted.
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

from autograder.sandbox.isolation.backends import IsolationBackend
from autograder.sandbox.isolation.probe import run_attempts
from autograder.sandbox.protocol import framing, messages
from autograder.sandbox.protocol.codec import pack_value, type_name, unpack_value
from autograder.sandbox.protocol.limits import SERVICE_MEMORY_MB, Limits
from autograder.sandbox.server import side_files
from autograder.sandbox.server.check_calls import CheckCalls
from autograder.sandbox.server.checked_states import CheckedStates
from autograder.sandbox.server.kit_guard import KitGuard
from autograder.sandbox.server.notebook_shell import NotebookShell
from autograder.sandbox.server.prepared import Prepared, prepare
from autograder.sandbox.server.resource_limits import limit_resources, mapped_bytes, one_thread
from autograder.sandbox.server.stand_in import note_network, standing_in
from autograder.sandbox.server.time_limit import TimeLimitExceeded, time_limit
from autograder.sandbox.server.training_cap import cap_training
from cnnkit.execution import note_grading
from cnnkit.networks.describe.keras_model import DescribeError, TracedModel
from cnnkit.networks.describe.plain import is_plain
from cnnkit.networks.describe.weightless import WeightsNeeded, build_and_trace, call_without_weights
from cnnkit.probe.applying import UnusableResult, use_result
from cnnkit.probe.calling import call_function, live_argument
from cnnkit.probe.figure import NoFigure, describe_figure
from cnnkit.probe.forbidden_calls import ForbiddenUses
from cnnkit.probe.forward import run_on_numbers
from cnnkit.probe.published_weights import leave_out_published_weights
from cnnkit.probe.watching import watch_training
from cnnkit.probe.weightless_watching import watch_without_weights
from cnnkit.text import encodable

MOST_NAMES = 1_000
"""Names told in one message: functions, changed arguments, changed weights."""


def serve_connection(
    connection: socket.socket,
    backend: IsolationBackend,
    services: Mapping[str, str],
    prepared: Prepared | None = None,
    process: int = 0,
) -> None:
    """Serve one connection: its first message says whether to run a notebook, a probe or a service.

    Args:
        connection: to the grader; served until the grader closes it.
        backend: isolates this process before anything is run.
        services: see `autograder.sandbox.client.zygote_process.Zygote`.
        prepared: made before the fork; None where there was none.
        process: number of this process, or of one above it, where the grader sees it.

    Raises:
        ProtocolError: the grader closed the connection, or sent something else first.
    """
    ticket, start = _request(connection)
    mapped = mapped_bytes()
    if isinstance(start, messages.ServiceRequest):
        _serve(connection, ticket, start.name, backend, services)
        return
    if not isinstance(start, messages.StartRequest | messages.ProbeRequest):
        raise framing.ProtocolError("the first message must be Start")
    _settle(backend.enter(connection.fileno(), memory_mb=start.limits.memory_mb), start.limits, mapped)
    backend.seal()
    if isinstance(start, messages.ProbeRequest):
        messages.send_response(connection, messages.ProbeResponse(run_attempts(start)), ticket)
        return
    ready = prepared or prepare(weightless=False)
    notebook = ready.notebook
    side_files.write_files(start.files)
    notebook.move_in(start.limits.output_kb, importable=not start.plain)
    note_grading()
    cap_training(start.records, notebook.note)
    leave_out_published_weights(
        lambda file: notebook.note(f"{file[:100]} is not downloaded while grading: the network has random weights.")
    )
    # before any code of the notebook can replace what it looks with
    forbidden = {function: ForbiddenUses(names, notebook.names) for function, names in start.forbid.items()}
    messages.send_response(connection, messages.Started(process=process), ticket)
    states = CheckedStates(notebook.names)
    notes = _run_cells(connection, ticket, notebook, start, states)
    names = [encodable(str(name), 200) for name, value in notebook.names.items() if callable(value)]
    messages.send_response(connection, messages.NotebookFinished(functions=names[:MOST_NAMES], notes=notes), ticket)
    while True:
        ticket, question = _request(connection)
        ready.guard.restore()
        if isinstance(question, messages.SubmissionRequest):
            states.restore(question.function)
        answer = _answer(ready, question, start.limits.cell_seconds, forbidden)
        ready.guard.restore()  # the function may have replaced what sends its answer
        messages.send_response(connection, _fitting(_less_sure(answer, ready.guard)), ticket)


def _less_sure(answer: messages.Response, guard: KitGuard) -> messages.Response:
    """The response; a description is believed less if the notebook ever replaced a part of the kit."""
    if isinstance(answer, messages.DescribeResponse) and guard.has_found_changes:
        return messages.DescribeResponse(spec=answer.spec, origins=answer.origins)
    return answer


def _run_cells(
    connection: socket.socket,
    ticket: bytes,
    notebook: NotebookShell,
    start: messages.StartRequest,
    states: CheckedStates,
) -> list[str]:
    """Run the cells, report each, and copy the names where a check is called; returns notes on the whole notebook."""
    states.expect(function for functions in start.exercises.values() for function in functions)
    calls = CheckCalls(start.exercises)
    with calls.recording():
        for cell in start.cells:
            finished = messages.CellFinished(number=cell.number)
            if cell.source:
                finished = notebook.run(cell.number, cell.source, start.limits.cell_seconds)
            checked = calls.take(cell.checks if finished.problem or not cell.source else ())
            if cell.number:
                states.after_cell(cell.number, checked=checked)
            else:
                states.after_cell(cell.number, unless_checked=checked)
            messages.send_response(connection, finished, ticket)
    return states.finish()


def _serve(
    connection: socket.socket, ticket: bytes, name: str, backend: IsolationBackend, services: Mapping[str, str]
) -> None:
    if name not in services:
        known = ", ".join(services) or "none"
        refused = messages.UnusableResponse(
            reason=f"expected a service that the zygote was given, found {name!r}; it has: {known}"
        )
        messages.send_response(connection, refused, ticket)
        return
    backend.enter(connection.fileno(), memory_mb=SERVICE_MEMORY_MB, grader=True)
    module, _, function = services[name].partition(":")
    serve = getattr(importlib.import_module(module), function)
    messages.send_response(connection, messages.Started(), ticket)
    serve(connection)


def _request(connection: socket.socket) -> tuple[bytes, messages.Request]:
    """The next request, behind its ticket."""
    frame = framing.receive_frame(connection)
    return frame[: messages.TICKET], messages.decode_request(frame[messages.TICKET :])


def _settle(scratch: str, limits: Limits, mapped: int) -> None:
    """Set up an empty environment, an empty folder, one processor thread, and the limits."""
    os.environ.clear()
    os.environ.update(
        PATH="/usr/bin:/bin",
        HOME=scratch,
        TMPDIR=scratch,
        LANG="C.UTF-8",
        MPLBACKEND="Agg",
    )
    os.chdir(scratch)
    tempfile.tempdir = scratch
    one_thread()
    gc.enable()
    limit_resources(limits.submission_seconds, limits.memory_mb, mapped)


def _answer(
    ready: Prepared,
    question: messages.Request,
    seconds: float,
    forbidden: Mapping[str, ForbiddenUses] | None = None,
) -> messages.Response:
    if isinstance(question, messages.StartRequest | messages.ServiceRequest | messages.ProbeRequest):
        return messages.UnusableResponse(reason="the first message was sent twice")
    notebook = ready.notebook
    function = notebook.names.get(question.function)
    if function is None:
        return messages.MissingResponse(function=question.function)
    if not callable(function):
        return messages.MissingResponse(function=question.function, found=type_name(function)[:200])
    with open(os.devnull, "w") as quiet, redirect_stdout(quiet), redirect_stderr(quiet):
        try:
            with time_limit(seconds):
                uses = (forbidden or {}).get(question.function)
                if uses is None:
                    return _ask(ready, function, question)
                return _ask_and_look(ready, function, question, uses)
        except TimeLimitExceeded as error:
            return messages.RaisedResponse(type="TimeLimitExceeded", message=str(error))
        except (NoFigure, UnusableResult, DescribeError) as error:
            return messages.UnusableResponse(reason=str(error)[:1000])
        except WeightsNeeded as error:
            return messages.WeightsNeededResponse(reason=encodable(str(error), 500))
        except BaseException as error:
            return notebook.locate(error)


def _ask_and_look(
    ready: Prepared, function: Callable[..., Any], question: messages.SubmissionRequest, uses: ForbiddenUses
) -> messages.Response:
    """The response; where the function uses what it may not, one that says so, also if it raises afterwards."""
    uses.look_at(function)
    try:
        with uses.watching():
            answer = _ask(ready, function, question)
    except BaseException:
        if not uses.found:
            raise
    return messages.ForbiddenResponse(uses=_names(uses.found)) if uses.found else answer


def _ask(ready: Prepared, function: Callable[..., Any], question: messages.SubmissionRequest) -> messages.Response:
    notebook, weightless = ready.notebook, ready.weightless
    if isinstance(question, messages.CallRequest):
        if weightless and not question.args and not question.kwargs:
            with suppress(WeightsNeeded):  # an optimizer, say, is described without its variables
                return call_without_weights(lambda _: _called(function, [], {}))
        named = {name: unpack_value(item) for name, item in question.kwargs.items()}
        return _called(function, [unpack_value(item) for item in question.args], named)
    if isinstance(question, messages.DescribeRequest):
        traced = _traced(ready, function, question)
        if not question.args and not question.kwargs:
            note_network(function)
        ready.described.clear()  # a network at a time
        ready.described[_network_key(question)] = traced
        return messages.DescribeResponse(spec=traced.spec, plain=is_plain(traced.model), origins=traced.origins)
    if isinstance(question, messages.ForwardRequest):
        found = ready.described.get(_network_key(question)) or _traced(ready, function, question)
        forward = run_on_numbers(
            found, question.seed, question.batch, restart=question.restart, leave_out=question.leave_out
        )
        return messages.ForwardResponse(layers=forward.layers, outputs=forward.outputs)
    if isinstance(question, messages.WatchRequest):
        asked = function, question.optimizers, question.epochs, question.input_shape
        with standing_in(notebook.names, question.stand_ins) as stood_in:
            if weightless and not question.weights and not question.vary:
                runs = watch_without_weights(*asked)
            else:
                runs = watch_training(*asked, question.vary)
        return messages.WatchResponse(runs=list(runs), stood_in=stood_in)
    if isinstance(question, messages.UseRequest):
        images = None if question.images is None else unpack_value(question.images)
        args = [unpack_value(item) for item in question.args]
        used = use_result(
            function, args, images=images, training=question.training, times=question.times, seed=question.seed
        )
        first = type_name(used.outputs[0])[:200] if used.outputs else ""
        return messages.UseResponse(
            outputs=[pack_value(output) for output in used.outputs], type=first, moved=_names(used.moved)
        )
    import matplotlib.pyplot as plt

    plt.close("all")
    return messages.DrawResponse(
        figure=describe_figure(function(*(live_argument(unpack_value(item)) for item in question.args)))
    )


def _traced(
    ready: Prepared, function: Callable[..., Any], question: messages.DescribeRequest | messages.ForwardRequest
) -> TracedModel:
    args = [unpack_value(item) for item in question.args]
    kwargs = {name: unpack_value(item) for name, item in question.kwargs.items()}

    def build() -> Any:
        made = function(*map(live_argument, args), **{name: live_argument(item) for name, item in kwargs.items()})
        ready.guard.restore()  # what describes it is the kit's own
        return made

    return build_and_trace(build, question.input_shape, source=f"{question.function}()")


def _network_key(question: messages.DescribeRequest | messages.ForwardRequest) -> bytes:
    """The bytes of the request that describes the network."""
    return messages.encode_message(
        messages.DescribeRequest(
            function=question.function, args=question.args, kwargs=question.kwargs, input_shape=question.input_shape
        )
    )


def _called(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> messages.CallResponse:
    called = call_function(function, args, kwargs)
    return messages.CallResponse(
        value=pack_value(called.value), type=type_name(called.value)[:200], mutated=_names(called.mutated)
    )


def _names(found: Iterable[str]) -> list[str]:
    return [encodable(name, 200) for name in found][:MOST_NAMES]


def _fitting(answer: messages.Response) -> messages.Response:
    """The response, or, if the grader would not read it, one that says why."""
    try:
        data = messages.encode_message(answer)
        if len(data) > framing.MAX_FRAME - messages.TICKET:
            return messages.UnusableResponse(reason=f"the result takes {len(data) / 1e6:,.0f} MB")
        messages.decode_message(data, figure=isinstance(answer, messages.DrawResponse))
    except UnicodeEncodeError as error:
        return messages.UnusableResponse(reason=f"it holds text that is no Unicode: {encodable(str(error), 200)}")
    except framing.ProtocolError as error:
        return messages.UnusableResponse(reason=f"the result is too large: {encodable(str(error), 500)}")
    return answer

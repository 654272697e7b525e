"""Reading a submission in a process of its own, with limits on memory and processor time.

Parsers of notebooks, archives and code meet whatever a student hands in. Here they meet it in a fork that ends with the
submission: whatever it takes, and however it ends, costs that submission only. What comes back is decoded into strict
types within bounds, as from any process that has touched a student's data.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.course.config import Course
from autograder.intake import files
from autograder.intake.read import read_submission
from autograder.intake.release_notebook import load_releases
from autograder.intake.side_files import MOST_FILES
from autograder.intake.submission import Cell, Submission, Ungradable
from autograder.sandbox.client.timed_socket import TIME_IS_UP, TimedSocket
from autograder.sandbox.process_limits import limit_memory, limit_processor_time, no_core_dumps
from autograder.sandbox.processor_load import FairTimer
from autograder.sandbox.protocol import framing
from autograder.sandbox.protocol.limits import WALL_FACTOR
from autograder.sandbox.protocol.measure import measure
from cnnkit.errors import KitError
from cnnkit.recording import record_bounds
from cnnkit.recording.schema import TrainingRecord

PROCESSOR_SECONDS = 30
"""Processor time for reading one submission; an honest one takes less than a tenth of a second."""

MEMORY_MB = 1_500
"""Memory for reading one submission, in MB. The largest notebook that is read takes 600."""

_MOST_SENT = 250_000_000
"""Bytes of a submission that has been read: final weights, code and the repaired notebook."""

_MOST_ELEMENTS = 4_000_000

_Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]
_Run = Annotated[str, msgspec.Meta(max_length=record_bounds.LONGEST_NAME)]
_Notes = Annotated[list[Annotated[str, msgspec.Meta(max_length=1_000)]], msgspec.Meta(max_length=100)]
_Weights = Annotated[bytes, msgspec.Meta(max_length=record_bounds.LARGEST_WEIGHTS)]


class IntakeError(KitError):
    """Reading a submission failed for a reason of the grader's own."""


class _ReadSubmission(msgspec.Struct, frozen=True, tag="read"):
    """A submission that has been read."""

    cells: Annotated[list[Cell], msgspec.Meta(max_length=2_000)]
    records: Annotated[dict[_Run, TrainingRecord], msgspec.Meta(max_length=record_bounds.MOST_RUNS)]
    weights: Annotated[dict[_Run, _Weights], msgspec.Meta(max_length=record_bounds.MOST_RUNS)]
    answers: Annotated[dict[_Text, _Text], msgspec.Meta(max_length=1_000)]
    notes: _Notes
    left_aside: _Notes
    digest: Annotated[str, msgspec.Meta(max_length=100)]
    exercises: Annotated[dict[_Text, tuple[_Text, ...]], msgspec.Meta(max_length=1_000)]
    files: Annotated[dict[_Text, bytes], msgspec.Meta(max_length=MOST_FILES)]
    notebook: bytes | None


class _Refused(msgspec.Struct, frozen=True, tag="ungradable"):
    """A submission that cannot be graded."""

    reason: Annotated[str, msgspec.Meta(max_length=5_000)]
    digest: Annotated[str, msgspec.Meta(max_length=100)]


class _Failed(msgspec.Struct, frozen=True, tag="failed"):
    """An exception that nothing foresaw, or a lack of memory."""

    reason: Annotated[str, msgspec.Meta(max_length=5_000)]
    memory: bool


_Outcome = _ReadSubmission | _Refused | _Failed

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[_Outcome] = msgspec.msgpack.Decoder(_Outcome)


def read_bounded(
    folder: Path, assignment: str, student: str, course: Course, *, with_notebook: bool = False
) -> Submission:
    """Read what a student handed in, as `read_submission` does, in a process of its own.

    Args:
        folder: submitted/<student>/<assignment>.
        assignment: its name in course.toml.
        student: the student's id; copied into the result.
        course: gives the path of the release.
        with_notebook: also repair the notebook; without it, `Submission.notebook` reads the submission once more.

    Raises:
        Ungradable: there is no notebook that can be read, or reading it takes more memory or processor time than any
            notebook should.
        CourseError: the release notebook itself is missing or broken.
        IntakeError: reading failed for a reason of the grader's own.
    """
    load_releases(course, assignment)  # here, where it is cached for the next submission
    ours, theirs = socket.socketpair()
    process = os.fork()
    if process == 0:
        ours.close()
        _read_and_send(theirs, folder, assignment, student, course, with_notebook)
    theirs.close()
    connection = TimedSocket(ours, FairTimer(PROCESSOR_SECONDS * WALL_FACTOR))
    outcome: _Outcome | str = ""
    try:
        outcome = _received(connection)
    except (framing.ProtocolError, OSError) as error:
        outcome = str(error)
    finally:
        connection.close()
        if outcome != framing.ENDED:  # it is not ending yet
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    return _submission(outcome, status, folder, assignment, student, course)


def _read_and_send(
    connection: socket.socket, folder: Path, assignment: str, student: str, course: Course, with_notebook: bool
) -> None:
    """Run in the fork, and end it."""
    try:
        gc.disable()  # a collection would write to every page and unshare it
        no_core_dumps()
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        limit_memory(MEMORY_MB)
        limit_processor_time(PROCESSOR_SECONDS)
        framing.send_frame(connection, _outcome(folder, assignment, student, course, with_notebook), _MOST_SENT)
    finally:
        os._exit(0)


def _outcome(folder: Path, assignment: str, student: str, course: Course, with_notebook: bool) -> bytes:
    try:
        found = read_submission(folder, assignment, student, course)
        notebook = found.notebook if with_notebook else None
        return _encoder.encode(
            _ReadSubmission(
                cells=list(found.cells),
                records=found.records,
                weights=found.weights,
                answers=found.answers,
                notes=list(found.notes),
                left_aside=list(found.left_aside),
                digest=found.digest,
                exercises=found.exercises,
                files=found.files,
                notebook=notebook,
            )
        )
    except Ungradable as error:
        return _encoder.encode(_Refused(_short(error), error.digest))
    except MemoryError:
        return _encoder.encode(_Failed("MemoryError", memory=True))
    except Exception as error:
        return _encoder.encode(_Failed(f"{type(error).__name__}: {_short(error)}", memory=False))


def _short(error: Exception) -> str:
    return str(error).encode("utf-8", "backslashreplace").decode("utf-8")[:4_000]


def _received(connection: TimedSocket) -> _Outcome:
    data = framing.receive_frame(connection, _MOST_SENT)
    measure(data, _MOST_ELEMENTS)
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise framing.ProtocolError(f"not a submission: {error}") from error


def _submission(
    outcome: _Outcome | str, status: int, folder: Path, assignment: str, student: str, course: Course
) -> Submission:
    """The submission that the process has sent; `outcome` is a text where it sent none that can be read."""
    shown = "/".join(folder.parts[-2:])
    if isinstance(outcome, _Refused):
        raise Ungradable(outcome.reason, outcome.digest)
    if isinstance(outcome, _Failed) and not outcome.memory:
        raise IntakeError(f"{shown} could not be read ({outcome.reason})")
    if isinstance(outcome, _Failed | str):
        took = f"more than {MEMORY_MB:,} MB of memory" if isinstance(outcome, _Failed) else _taken(outcome, status)
        raise Ungradable(
            f"Reading the folder {shown} took {took}, far beyond any notebook. Clear the notebook's outputs, delete "
            "what is not part of the work, and hand it in again.",
            files.submission_digest(folder),
        )

    def repair() -> bytes:
        if outcome.notebook is not None:
            return outcome.notebook
        again = read_bounded(folder, assignment, student, course, with_notebook=True)
        if again.digest != outcome.digest:
            raise Ungradable(f"The folder {shown} changed while it was read; grade it again.", again.digest)
        return again.notebook

    return Submission(
        assignment=assignment,
        student=student,
        folder=folder,
        cells=tuple(outcome.cells),
        records=outcome.records,
        weights=outcome.weights,
        answers=outcome.answers,
        notes=tuple(outcome.notes),
        left_aside=tuple(outcome.left_aside),
        digest=outcome.digest,
        exercises=outcome.exercises,
        files=outcome.files,
        repair=repair,
    )


def _taken(reason: str, status: int) -> str:
    """Reason for a process that ended, or was ended, before it had sent a submission."""
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
    if reason == TIME_IS_UP or (reason == framing.ENDED and killed):
        return f"more than {PROCESSOR_SECONDS} seconds of processor time"
    return f"so much that the process which reads it ended ({reason})"

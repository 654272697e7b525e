"""Limits of one submission, as course.toml gives them and as they are sent to the process that runs its code."""

from __future__ import annotations

from typing import Annotated

import msgspec

WALL_FACTOR = 4
"""Seconds that code may sleep or wait for each second of processor time that it may use."""

LONGEST_FACTOR = 20
"""Multiple of the wall limit after which code is stopped however little processor time the machine has given it."""

SERVICE_MEMORY_MB = 3_000
"""Memory of a process of the grader's own that reads what students made, beyond what the imported libraries use, in MB
(10**6 bytes)."""

_Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Limits(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Limits of the process that runs a student's code.

    Time is limited by the processor time used and, at `WALL_FACTOR` times that, by the wall time in which the code
    sleeps or waits. Time in which it is ready to run and gets no processor counts for neither, so that a busy machine
    fails nobody.

    Attributes:
        cell_seconds: processor time of one cell or one request, in seconds.
        submission_seconds: processor time of the whole submission, in seconds.
        memory_mb: memory beyond what the imported libraries use, in MB (10**6 bytes).
        output_kb: text kept of one cell's output, in kB (1,024 characters).

    Raises:
        msgspec.ValidationError: on decoding, if a limit is not positive, is not finite or is unknown.

    Example:
        >>> msgspec.convert({"cell_seconds": 30}, Limits).submission_seconds
        60
    """

    cell_seconds: _Seconds = 15
    submission_seconds: _Seconds = 60
    memory_mb: Annotated[int, msgspec.Meta(ge=1, le=10**7)] = 3000
    output_kb: Annotated[int, msgspec.Meta(ge=0, le=10**6)] = 64

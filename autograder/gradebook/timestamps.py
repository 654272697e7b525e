"""The time of a submission, from nbgrader's timestamp.txt, which is believed only where it can be true.

nbgrader's exchange writes the file. Where folders come from elsewhere, a student can write it.
"""

from __future__ import annotations

import codecs
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from autograder.intake.files import Unreadable, read_beside

TIMESTAMP = "timestamp.txt"

LONGEST = 100
"""Characters of a timestamp."""

LONGEST_COURSE = timedelta(days=366)
"""Time before the file itself was written that a submission may have lain elsewhere."""

CLOCKS = timedelta(minutes=10)
"""Difference between the clocks of two machines."""


@dataclass(frozen=True)
class SubmissionTime:
    """Time of a submission.

    Attributes:
        time: in UTC, without a time zone; None if there is none, or none that is believed.
        text: of the file, if it is believed; "" otherwise.
        written: when the file was written, in seconds since 1970; a copy has to keep it, or it is not believed.
        doubt: why it is not believed; "" if it is, or there is no file.
    """

    time: datetime | None = None
    text: str = ""
    written: float = 0.0
    doubt: str = ""


def submission_time(folder: Path) -> SubmissionTime:
    """Read the time at which a submission was handed in. It never raises.

    A time is believed if it is not later than the file that holds it, nor than now, and at most `LONGEST_COURSE`
    earlier.

    Args:
        folder: <submitted>/<student>/<assignment>.
    """
    from nbgrader.utils import parse_utc

    try:
        data, state = read_beside(folder, TIMESTAMP, LONGEST)
    except Unreadable as error:
        return SubmissionTime(doubt="" if str(error) == "does not exist" else f"{TIMESTAMP} {error}")
    text = _text(data)
    try:
        date.fromisoformat(text[:10])  # dateutil would take "Mon" for last Monday, and a path for a time zone
        if ".." in text or " /" in text or ":/" in text:
            raise ValueError("a path")
        found: datetime = parse_utc(text)
    except Exception:  # dateutil raises anything on a text that is no date
        return SubmissionTime(doubt=f"{TIMESTAMP} holds no time")
    written = datetime.fromtimestamp(min(state.st_mtime, time.time()), UTC).replace(tzinfo=None)
    if found > written + CLOCKS:
        return SubmissionTime(doubt=f"{TIMESTAMP} holds a time after it was written itself")
    if found < written - LONGEST_COURSE:
        return SubmissionTime(doubt=f"{TIMESTAMP} holds a time more than a year before it was written itself")
    return SubmissionTime(found, text, state.st_mtime)


def _text(data: bytes) -> str:
    """The text of the file, as editors and PowerShell save it: with a byte order mark, or in UTF-16."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, "replace").strip("\x00 \t\r\n")

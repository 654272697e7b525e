"""Traces of a training record: short texts that two records share only if one was copied from the other.

They are compared across a class (`autograder.records.similarity`). Seeds and the order of the images come from the
student's id, so that honest runs of two students have none in common.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

from cnnkit.recording.seed_stream import with_positions

if TYPE_CHECKING:
    from cnnkit.recording.schema import TrainingRecord

_MOST_NUMBERS = 32
"""Numbers of a fingerprint that are compared."""


def record_traces(record: TrainingRecord) -> dict[str, list[str]]:
    """The traces by part; a part without any is left out.

    The parts are "record", "initial weights", "final weights" and "fingerprints". Initial weights from seeds that the
    student chose are under "chosen initial weights": who sets a seed of 42 begins where others do.

    Args:
        record: validated.

    Returns:
        For "fingerprints" one text for each number after the first and after the last epoch, so that those that were
        not edited are found; for the other parts one text.
    """
    found = {
        "record": [_digest([record.history, record.seconds, record.fingerprints])] if record.seconds else [],
        "initial weights": [record.initial or ""],
        "final weights": [record.weights or ""],
        "fingerprints": [
            f"{position} {number!r}"
            for row in (record.fingerprints[1:2], record.fingerprints[-1:])
            for numbers in row
            for position, number in enumerate(numbers[1 : _MOST_NUMBERS + 1])
            if len(record.fingerprints) > 1 and number and math.isfinite(number)
        ],
    }
    draws = record.draws if record.schema >= 3 else with_positions(record.draws, record.seed)
    if all(draw.position < 0 for draw in draws):
        found["chosen initial weights"] = found.pop("initial weights")
    traces = {part: sorted({text for text in texts if text}) for part, texts in found.items()}
    return {part: texts for part, texts in traces.items() if texts}


def _digest(data: object) -> str:
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()

"""The verdict on one run: what its record says, against what came out when it was examined. Needs no Keras."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from autograder.records.findings import RecordFinding, combined_verdict
from autograder.records.reference_bands import band_distances, load_references
from autograder.records.requests import Examination
from autograder.records.self_consistency import inconsistencies
from autograder.results.scorecard import RecordVerdict
from cnnkit.recording.schema import TrainingRecord

SAME_STEPS, OTHER_STEPS = 1e-3, 1e-2
"""Largest difference of the first steps' losses: below the one they are the same training on another machine, above the
other they are another training. Honest runs were within 2e-4 (oneDNN off), forged ones beyond 0.027."""

SAME_LOSS, OTHER_LOSS = (2e-4, 0.002), (5e-4, 0.01)
"""The same for the validation loss of the final weights: so much, and such a share. Half precision moved it by 1e-5."""

SAME_MARK = 1e-3
"""Of fingerprints: half precision moved them by 4e-5."""


@dataclass(frozen=True)
class RecordContext:
    """What is known beside the record.

    Attributes:
        assignment: its name.
        student: whose submission it is.
        is_classmate: whether an id is that of another student of the class.
        weights: the .npz beside the record, if there is one.
        replayed: whether the first steps were to be taken again.
    """

    assignment: str
    student: str
    is_classmate: Callable[[str], bool] = lambda _: False
    weights: bytes | None = None
    replayed: bool = True


def judge_record(record: TrainingRecord, examined: Examination | None, around: RecordContext) -> RecordVerdict:
    """One verdict.

    Args:
        record: as it was handed in, validated.
        examined: what came out; None where the record cannot be examined, see `examinable`.
        around: what is known beside it.
    """
    return combined_verdict(record_findings(record, examined, around), _proven(around))


def record_findings(record: TrainingRecord, examined: Examination | None, around: RecordContext) -> list[RecordFinding]:
    """Everything that was found, in the order in which it was looked for."""
    found = [*_whose(record, around), *inconsistencies(record)]
    if (reason := examinable(record)) is not None:
        return [*found, RecordFinding("examinable", reason, against=False)]
    if examined is None:
        return [*found, RecordFinding("process", "It was not examined.", against=False)]
    found += _problems(record, examined, around)
    if examined.initial:
        found += _beginning(record, examined)
        found += _steps(record, examined, around)
        found += _end(record, examined)
        reference = load_references(around.assignment).get((record.run, record.images, record.epochs))
        if reference is not None:
            found += band_distances(record, examined, reference)
    return found


def examinable(record: TrainingRecord) -> str | None:
    """Why a record cannot be examined at all; None where it can."""
    if record.schema < 2:
        return "The record was made by an older version of the course's package, which kept less."
    if not record.data:
        return "It was not trained on the course's images as they come; such a run is not examined."
    if record.network is None or not record.initial:
        return "The record does not say what was trained."
    if not record.history.get("val_loss"):
        return "It has no validation loss."
    return None


def _proven(around: RecordContext) -> str:
    end = "he final weights give the losses that the record ends with."
    return f"The first steps come out the same again; t{end}" if around.replayed else f"T{end}"


def _whose(record: TrainingRecord, around: RecordContext) -> Iterator[RecordFinding]:
    if not record.assignment:
        yield RecordFinding("whose", "The notebook did not begin with cnnkit.start.", against=False)
    elif record.assignment != around.assignment:
        yield RecordFinding("whose", f"The record is of the assignment {record.assignment!r}.")
    if not record.student:
        yield RecordFinding("whose", "No student id was written at the top of the notebook.", against=False)
    elif _plain(record.student) != _plain(around.student):
        if around.is_classmate(record.student):
            yield RecordFinding("whose", f"The record is that of {record.student}, another student of this class.")
        else:
            said = f"The notebook names the student {record.student!r}, the submission is {around.student}'s."
            yield RecordFinding("whose", said, against=False)


def _plain(student: str) -> str:
    return "".join(student.split()).casefold()


def _problems(record: TrainingRecord, examined: Examination, around: RecordContext) -> Iterator[RecordFinding]:
    words = {
        "network": "Its network cannot be built again: {reason}.",
        "data": "Its data cannot be made again: {reason}.",
        "replay": "Its first steps cannot be taken again: {reason}.",
        "weights": "Its final weights could not be looked at: {reason}.",
        "process": "{reason}.",
    }
    for name, reason in examined.problems.items():
        yield RecordFinding(name, words[name].format(reason=reason), against=False)
    if around.weights is not None and record.weights != f"sha256:{hashlib.sha256(around.weights).hexdigest()}":
        yield RecordFinding("weights", "The weights beside the record are those of another run.", against=False)
    if len(record.history["val_loss"]) < record.epochs:
        said = f"It ends after {len(record.history['val_loss'])} of {record.epochs} epochs."
        yield RecordFinding("epochs", said, against=False)


def _beginning(record: TrainingRecord, examined: Examination) -> Iterator[RecordFinding]:
    if examined.initial == record.initial:
        return
    marks = record.fingerprints[0][1:] if record.fingerprints else []
    if len(marks) == len(examined.beginning) and _largest(marks, examined.beginning) < SAME_MARK:
        return  # the same weights but for the last bit, as another machine may draw them
    yield _unless_elsewhere(record, examined, "beginning", "The weights that it began with are not those of its seeds.")


def _steps(record: TrainingRecord, examined: Examination, around: RecordContext) -> Iterator[RecordFinding]:
    if not around.replayed or "replay" in examined.problems:
        return
    if len(examined.steps) != len(record.steps):
        yield RecordFinding("replay", f"It has {len(record.steps)} first steps; {len(examined.steps)} can be taken.")
        return
    difference = _largest(record.steps, examined.steps)
    if difference <= SAME_STEPS:
        return
    step = int(np.argmax([abs(a - b) for a, b in zip(record.steps, examined.steps, strict=True)]))
    said = (
        f"Taken again from its seeds and data, step {step + 1} has loss {examined.steps[step]:.5f}; "
        f"the record says {record.steps[step]:.5f}."
    )
    if difference > OTHER_STEPS:
        yield _unless_elsewhere(record, examined, "replay", said)
    else:
        yield RecordFinding("replay", said, against=False)


def _end(record: TrainingRecord, examined: Examination) -> Iterator[RecordFinding]:
    if examined.validation_loss is None or len(record.history["val_loss"]) < record.epochs:
        return
    claimed, found = record.history["val_loss"][-1], examined.validation_loss
    clipped = examined.validation_loss_clipped
    if clipped is not None and abs(claimed - clipped) < abs(claimed - found):
        found = clipped
    same, other = (least + share * abs(found) for least, share in (SAME_LOSS, OTHER_LOSS))
    if not abs(claimed - found) <= same:
        said = f"Its final weights have validation loss {found:.4f}; the record says {claimed:.4f}."
        yield RecordFinding("final weights", said, against=not abs(claimed - found) <= other)
    validation, images = record.history.get("val_accuracy", []), record.data.get("validation", 0)
    if validation and examined.validation_accuracy is not None and isinstance(images, int | float):
        apart = abs(validation[-1] - examined.validation_accuracy) * images
        if not apart <= 5.5:
            said = (
                f"Its final weights get {examined.validation_accuracy:.4f} of the validation images right; "
                f"the record says {validation[-1]:.4f}."
            )
            yield RecordFinding("final weights", said, against=not apart <= 25.5)
    marks = record.fingerprints[-1]
    if len(marks) != len(examined.end) + 1 or not _largest(marks[1:], examined.end) <= SAME_MARK:
        yield RecordFinding("fingerprints", "The fingerprint of its final weights is not the last one of the record.")
    if (
        examined.probe_loss is not None
        and marks
        and not abs(marks[0] - examined.probe_loss) <= 0.001 + 0.03 * abs(marks[0])
    ):
        said = f"Its final weights have probe loss {examined.probe_loss:.4f}; the record says {marks[0]:.4f}."
        yield RecordFinding("fingerprints", said)


def _unless_elsewhere(record: TrainingRecord, examined: Examination, check: str, said: str) -> RecordFinding:
    """A finding that counts against a run only if it was made as it is examined here."""
    reasons = [
        f"{name} {record.versions.get(name, 'unknown')} (here {version})"
        for name, version in examined.versions.items()
        if name in ("keras", "tensorflow") and record.versions.get(name) != version
    ]
    if record.device != "CPU":
        reasons.append(record.device or "an unknown device")
    if record.settings.get("jit_compile"):
        reasons.append("XLA")
    if not reasons:
        return RecordFinding(check, said)
    return RecordFinding(check, f"{said} It was made with {', '.join(reasons)}, which may explain it.", against=False)


def _largest(one: list[float], other: list[float]) -> float:
    """The largest difference; infinite where there is none to be told."""
    differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return max((value if math.isfinite(value) else math.inf for value in differences), default=0.0)

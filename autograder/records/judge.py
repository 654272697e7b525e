"""Verdict on one run: compare its record with its examination. Needs no Keras."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from autograder.records.asked_runs import asked_runs
from autograder.records.findings import RecordFinding, combined_verdict
from autograder.records.image_draw import hard_images
from autograder.records.reference_bands import band_distances, load_references
from autograder.records.requests import Examination
from autograder.records.self_consistency import inconsistencies
from autograder.records.training_conditions import Obstacles, epochs_done, obstacles
from autograder.results.scorecard import RecordVerdict
from cnnkit.networks.describe.optimizers import DEFAULTS, changed_settings
from cnnkit.recording.record_bounds import FIRST_STEPS
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.validation_losses import unpacked_answers, unpacked_losses

SAME_STEPS, OTHER_STEPS = 1e-3, 1e-2
"""Largest difference of the first steps' losses: up to the first bound it is the same training on a different machine,
beyond the second a different training. Honest runs were within 2e-4 (oneDNN off), forged ones beyond 0.027."""

SAME_LOSS, OTHER_LOSS = (2e-4, 0.002), (5e-4, 0.01)
"""Bounds of the same kind for the validation loss of the final weights, each an absolute and a relative difference that
are added. Half precision changed it by 1e-5."""

SAME_IMAGE, OTHER_IMAGE = (0.01, 0.01), (0.1, 0.1)
"""Bounds of the same kind for the loss on a single image. Half precision changed it by up to 0.007, or 0.13 %."""

SAME_MARK = 1e-3
"""Largest difference of two fingerprints of the same weights. Half precision changed them by 4e-5."""


@dataclass(frozen=True)
class RecordContext:
    """Context of a verdict: assignment, student, weights file, and whether the first steps were replayed.

    Attributes:
        assignment: name of the assignment.
        student: id of the student who handed in the record.
        is_classmate: returns True for the id of a different student of the class.
        weights: bytes of the .npz beside the record; None without one.
        replayed: True if the examination was to replay the first steps.
        steps: how many at most.
        images: positions of the validation images whose losses it was to tell one by one.
        repeated: False if the assignment specifies no network that a run could be repeated with.
    """

    assignment: str
    student: str
    is_classmate: Callable[[str], bool] = lambda _: False
    weights: bytes | None = None
    replayed: bool = True
    steps: int = FIRST_STEPS
    images: tuple[int, ...] = ()
    repeated: bool = True


def judge_record(record: TrainingRecord, examined: Examination | None, context: RecordContext) -> RecordVerdict:
    """Judge one record.

    Args:
        record: as it was handed in, validated.
        examined: its examination; None if it cannot be examined, see `reason_not_examinable`.
        context: what else the verdict depends on.
    """
    return combined_verdict(record_findings(record, examined, context), verified_reason(context))


def record_findings(
    record: TrainingRecord, examined: Examination | None, context: RecordContext
) -> list[RecordFinding]:
    """All findings about a record, in the order of the checks."""
    found = [*_ownership(record, context), *inconsistencies(record)]
    found += _name(record, context)
    reference = load_references(context.assignment).get((record.run, record.images, record.epochs))
    # of a record that cannot be examined, what it says itself is compared
    bands = [] if reference is None else list(band_distances(record, examined or Examination(), reference))
    if not context.repeated:
        return [*found, RecordFinding("assignment", _NOT_REPEATED, against=False), *bands]
    if (reason := reason_not_examinable(record)) is not None:
        return [*found, RecordFinding(_kind_of_obstacle(record), reason, against=False), *bands]
    if examined is None:
        return [*found, RecordFinding("process", "It was not examined.", against=False), *bands]
    found += _problems(record, examined, context)
    if examined.initial:
        against = obstacles(record)
        found += _obstacles(against)
        if not against.beginning:
            found += _initial_weights(record, examined)
        if not _NOTHING_FURTHER & examined.problems.keys():
            if not (against.beginning or against.steps):
                found += _first_steps(record, examined, context)
            found += _final_weights(record, examined, against)
            if not against.validation:
                found += _single_images(record, examined, context)
    return [*found, *bands]


_NOTHING_FURTHER = {"network", "loss", "data", "process"}
"""Problems with which an examination ends before it has taken a step or looked at the final weights."""


def reason_not_examinable(record: TrainingRecord) -> str | None:
    """Reason why a record cannot be examined, as a sentence; None if it can be."""
    if record.schema < 2:
        return "The record was made by an older version of the course's package, which kept less."
    if not record.data:
        return "It was not trained on the course's images as they come; such a run is not examined."
    if record.network is None or not record.initial:
        reason = record.unclear.get("network") if record.schema >= 3 else None
        return f"What was trained cannot be described: {reason}." if reason else _UNKNOWN_NETWORK
    if not record.fingerprints:
        return "The record has no fingerprints of the weights."
    if not record.history.get("val_loss"):
        return "It has no validation loss."
    return None


def _kind_of_obstacle(record: TrainingRecord) -> str:
    """Name of the check that finds a record not examinable."""
    if record.schema < 2:
        return "layout"
    if not record.data:
        return "data"
    return "conditions" if record.network is None and "network" in record.unclear else "examinable"


_NOT_REPEATED = "Runs of this assignment are not repeated; the record was compared with itself and with the class's."

_UNKNOWN_NETWORK = "The record does not say what was trained."


def verified_reason(context: RecordContext) -> str:
    """Reason of the verdict "verified", as a sentence."""
    end = "he final weights give the losses that the record ends with."
    return f"The first steps come out the same again; t{end}" if context.replayed else f"T{end}"


def _ownership(record: TrainingRecord, context: RecordContext) -> Iterator[RecordFinding]:
    if not record.assignment:
        yield RecordFinding("whose", "The notebook did not begin with cnnkit.start.", against=False)
    elif record.assignment != context.assignment:
        yield RecordFinding("whose", f"The record is of the assignment {record.assignment!r}.")
    if not record.student:
        yield RecordFinding("whose", "No student id was written at the top of the notebook.", against=False)
    elif record.student != context.student and context.is_classmate(record.student):  # "anna" beside "Anna" as well
        yield RecordFinding("whose", f"The record is that of {record.student}, another student of this class.")
    elif _normalized_id(record.student) != _normalized_id(context.student):
        text = f"The notebook names the student {record.student!r}, the submission is {context.student}'s."
        yield RecordFinding("whose", text, against=False)


def _name(record: TrainingRecord, context: RecordContext) -> Iterator[RecordFinding]:
    """Compare the name of a run that the assignment asks for with the optimizer that the name stands for."""
    expected = asked_runs(context.assignment).get(record.run)
    if record.schema < 2 or not expected or not record.optimizer:
        return
    name = str(record.optimizer.get("name"))
    if name != expected:
        text = f"The run {record.run} is one with {expected}; it was trained with {name[:40]}."
        yield RecordFinding("name", text, against=False)
        return
    usual = DEFAULTS.get(name, {}).get("learning_rate")
    rates = [*record.step_rates, *record.epoch_rates]
    if changed := changed_settings(name, record.optimizer, {}):
        setting, wanted, found = changed[0]
        text = f"The run {record.run} is one with Keras's settings of {name}; its {setting} is {found}, not {wanted}."
        yield RecordFinding("name", text, against=False)
    elif isinstance(usual, float) and (
        other := [rate for rate in rates if not math.isclose(rate, usual, rel_tol=1e-5)]
    ):
        text = (
            f"The run {record.run} is one with Keras's settings of {name}; its learning rate was changed while it "
            f"trained, from {usual:g} to {other[0]:g}."
        )
        yield RecordFinding("name", text, against=False)


def _normalized_id(student: str) -> str:
    return "".join(student.split()).casefold()


def _problems(record: TrainingRecord, examined: Examination, context: RecordContext) -> Iterator[RecordFinding]:
    words = {
        "network": "Its network cannot be built again: {reason}.",
        "loss": "Its loss cannot be computed again: {reason}.",
        "data": "Its data cannot be made again: {reason}.",
        "replay": "Its first steps cannot be taken again: {reason}.",
        "weights": "Its final weights could not be looked at: {reason}.",
        "process": "{reason}.",
    }
    for name, reason in examined.problems.items():
        yield RecordFinding(name, words[name].format(reason=reason), against=False)
    if context.weights is not None and record.weights != f"sha256:{hashlib.sha256(context.weights).hexdigest()}":
        yield RecordFinding("weights", "The weights beside the record are those of another run.", against=False)
    done = epochs_done(record)
    if done < record.epochs:
        yield RecordFinding("epochs", f"It ends after {done} of {record.epochs} epochs.", against=False)


_OBSTACLES = {
    "beginning": "The weights that it began with cannot be drawn again: {reasons}.",
    "steps": "Its first steps cannot be taken again: {reasons}.",
    "validation": "Its last validation loss cannot be computed again: {reasons}.",
}


def _obstacles(against: Obstacles) -> Iterator[RecordFinding]:
    """Say why parts of a training cannot be computed again, each reason once."""
    told: set[str] = set()
    for part, text in _OBSTACLES.items():
        reasons = [reason for reason in getattr(against, part) if reason not in told]
        told.update(reasons)
        if reasons:
            yield RecordFinding("conditions", text.format(reasons="; ".join(reasons)), against=False)


def _initial_weights(record: TrainingRecord, examined: Examination) -> Iterator[RecordFinding]:
    if examined.initial == record.initial:
        return
    marks = record.fingerprints[0][1:] if record.fingerprints else []
    if len(marks) == len(examined.beginning) and _largest_difference(marks, examined.beginning) < SAME_MARK:
        return  # the same weights but for the last bit, as another machine may draw them
    yield _unless_other_platform(
        record, examined, "beginning", "The weights that it began with are not those of its seeds."
    )


def _first_steps(record: TrainingRecord, examined: Examination, context: RecordContext) -> Iterator[RecordFinding]:
    if not context.replayed or "replay" in examined.problems:
        return
    steps = record.steps[: context.steps]
    if len(examined.steps) != len(steps):
        yield RecordFinding("replay", f"It has {len(steps)} first steps; {len(examined.steps)} can be taken.")
        return
    difference = _largest_difference(steps, examined.steps)
    if difference <= SAME_STEPS:
        return
    step = int(np.argmax([abs(a - b) for a, b in zip(steps, examined.steps, strict=True)]))
    text = (
        f"Taken again from its seeds and data, step {step + 1} has loss {examined.steps[step]:.5f}; "
        f"the record says {steps[step]:.5f}."
    )
    if difference > OTHER_STEPS:
        yield _unless_other_platform(record, examined, "replay", text)
    else:
        yield RecordFinding("replay", text, against=False)


def _final_weights(record: TrainingRecord, examined: Examination, against: Obstacles) -> Iterator[RecordFinding]:
    if epochs_done(record) < record.epochs:
        return
    if examined.validation_loss is not None and not against.validation:
        for finding in _validation(record, examined, examined.validation_loss):
            yield _unless_seen_by_recorder(record, finding)
    if examined.end or "weights" not in examined.problems:
        yield from _last_fingerprint(record, examined, losses=not against.validation)


def _validation(record: TrainingRecord, examined: Examination, found: float) -> Iterator[RecordFinding]:
    claimed = record.history["val_loss"][-1]
    clipped = examined.validation_loss_clipped
    if clipped is not None and abs(claimed - clipped) < abs(claimed - found):
        found = clipped
    same, other = (least + share * abs(found) for least, share in (SAME_LOSS, OTHER_LOSS))
    if not abs(claimed - found) <= same:
        text = f"Its final weights have validation loss {found:.4f}; the record says {claimed:.4f}."
        yield RecordFinding("final weights", text, against=not abs(claimed - found) <= other)
    validation, images = record.history.get("val_accuracy", []), record.data.get("validation", 0)
    if validation and examined.validation_accuracy is not None and isinstance(images, int | float):
        apart = abs(validation[-1] - examined.validation_accuracy) * images
        if not apart <= 5.5:
            text = (
                f"Its final weights get {examined.validation_accuracy:.4f} of the validation images right; "
                f"the record says {validation[-1]:.4f}."
            )
            yield RecordFinding("final weights", text, against=not apart <= 25.5)


def _unless_seen_by_recorder(record: TrainingRecord, finding: RecordFinding) -> RecordFinding:
    """A finding about final weights; inconclusive if the recorder itself found them to give another validation loss.

    That is so where a callback changes the weights between validation and the end of an epoch.
    """
    reason = record.unclear.get("images") if record.schema >= 3 else None
    if reason is None:
        return finding
    text = f"{finding.text} When it was recorded, they could not be evaluated either ({reason.rstrip('.')})."
    return replace(finding, text=text, against=False)


def _last_fingerprint(record: TrainingRecord, examined: Examination, losses: bool) -> Iterator[RecordFinding]:
    marks = record.fingerprints[-1]
    if len(marks) != len(examined.end) + 1 or not _largest_difference(marks[1:], examined.end) <= SAME_MARK:
        yield RecordFinding("fingerprints", "The fingerprint of its final weights is not the last one of the record.")
    if not losses or examined.probe_loss is None or not marks:
        return
    if math.isnan(marks[0]):  # the recorder writes nan where the student's network or loss needs something else
        text = "The record has no number for the loss of its final weights on the images of the fingerprints."
        yield RecordFinding("fingerprints", text, against=False)
    elif not abs(marks[0] - examined.probe_loss) <= 0.001 + 0.03 * abs(marks[0]):
        text = f"Its final weights have probe loss {examined.probe_loss:.4f}; the record says {marks[0]:.4f}."
        yield _unless_seen_by_recorder(record, RecordFinding("fingerprints", text))


def _single_images(record: TrainingRecord, examined: Examination, context: RecordContext) -> Iterator[RecordFinding]:
    """Compare the losses on single validation images, and how many of them are right."""
    if not context.images or not record.image_losses or "weights" in examined.problems:
        return
    losses = unpacked_losses(record.image_losses)
    right = unpacked_answers(record.image_right, len(losses))
    if len(examined.image_losses) != len(context.images) or context.images[-1] >= len(losses):
        yield RecordFinding("images", f"It has the losses on {len(losses)} validation images, which is not all.")
        return
    positions, looked_at = list(context.images), f"{len(context.images)} validation images"
    claimed = losses[positions]
    tried = [np.array(examined.image_losses), np.array(examined.image_losses_clipped)]
    found = min(tried, key=lambda values: float(np.abs(values - claimed).sum()))
    apart = np.abs(claimed - found)
    worst = int(np.argmax(apart))
    same, other = (least + share * np.maximum(claimed, found) for least, share in (SAME_IMAGE, OTHER_IMAGE))
    if (beyond := int((apart > same).sum())) > 0:
        text = (
            f"Of {looked_at}, {beyond} have another loss than the record says: "
            f"{found[worst]:.4f} instead of {claimed[worst]:.4f}, for instance."
        )
        if (apart > other).any():
            yield _unless_other_platform(record, examined, "images", text)
        else:
            yield RecordFinding("images", text, against=False)
    drawn = ~np.isin(positions, hard_images(str(record.data.get("name"))))
    by_lot = f"{int(drawn.sum())} validation images drawn by lot"
    # apart, because on the drawn images losses are small: behind the hard ones all of them could be understated
    for some, which in ((np.ones_like(drawn), looked_at), (drawn, by_lot)):
        if some.any():
            yield from _mean_loss(float(claimed[some].mean()), float(found[some].mean()), which)
    turned = int((right[positions] != np.array(examined.image_right)).sum())
    if turned and examined.validation_accuracy is None:  # with all images, `_validation` counts them
        text = f"Of {looked_at}, {turned} are classified right where the record says wrong, or the other way round."
        yield RecordFinding("images", text, against=False)


def _mean_loss(said: float, mean: float, which: str) -> Iterator[RecordFinding]:
    same, other = (least + share * mean for least, share in (SAME_LOSS, OTHER_LOSS))
    if not abs(said - mean) <= same:
        text = f"On {which} its final weights have loss {mean:.4f}; the record says {said:.4f}."
        yield RecordFinding("images", text, against=not abs(said - mean) <= other)


def _unless_other_platform(record: TrainingRecord, examined: Examination, check: str, text: str) -> RecordFinding:
    """Finding against a run made with the versions, device and compiler used here; inconclusive for any other run."""
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
        return RecordFinding(check, text)
    return RecordFinding(check, f"{text} It was made with {', '.join(reasons)}, which may explain it.", against=False)


def _largest_difference(one: list[float], other: list[float]) -> float:
    """Largest absolute difference of two lists of one length: infinite if one is not finite, 0 for empty lists."""
    differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return max((value if math.isfinite(value) else math.inf for value in differences), default=0.0)

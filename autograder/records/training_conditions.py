"""Conditions of a recorded training that decide which of its numbers an examination can compute again.

A record of layout 3 says what its training did beside what everybody's does: other dtypes, weights of classes, a fit
before this one. Some of that an examination follows (`autograder.records.replay`): class weights, label smoothing,
learning rates that change. For the rest the numbers that depend on it are left open, with a reason: honest training is
never contradicted. Records of earlier layouts hold none of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnnkit.recording.schema import TrainingRecord

Reasons = tuple[str, ...]


@dataclass(frozen=True)
class Obstacles:
    """Reasons why parts of a training cannot be computed again, as clauses; none for a part that can be.

    Attributes:
        beginning: the initial weights, from the seeds of its draws.
        steps: the first steps, from the initial weights and the course's data.
        validation: the last validation loss, from the final weights.
    """

    beginning: Reasons = ()
    steps: Reasons = ()
    validation: Reasons = ()

    @property
    def any(self) -> bool:
        """True if something cannot be computed again."""
        return bool(self.beginning or self.steps or self.validation)


def obstacles(record: TrainingRecord) -> Obstacles:
    """The parts of a training that cannot be computed again, by what its record says; none for earlier layouts.

    Example:
        >>> record = TrainingRecord("adam", {}, fit={"data": "other", "validation_data": "val"}, floatx="float32")
        >>> obstacles(record).steps
        ('fit was given other training data than cnnkit.record was, or a copy of them',)
    """
    if record.schema < 3:
        return Obstacles()
    return Obstacles(tuple(_of_beginning(record)), tuple(_of_steps(record)), tuple(_of_validation(record)))


def has_single_precision(record: TrainingRecord) -> bool:
    """True if losses are 32-bit numbers that Keras computed in float32."""
    return record.schema < 3 or (not _half_or_double(record) and "steps" not in record.unclear)


def counted_images(record: TrainingRecord, metric: str) -> int | None:
    """Number of images of which an accuracy is the share.

    Args:
        record: validated.
        metric: "accuracy" or "val_accuracy".

    Returns:
        None if the record does not tell, or images have weights.
    """
    fit, validates = record.fit, metric.startswith("val_")
    images = record.data.get("validation") if validates else record.images
    if not isinstance(images, int | float) or not 0 < images < 1_000_000:
        return None
    if record.schema >= 3 and fit:
        if "validation" in record.unclear if validates else "steps" in record.unclear:
            return None
        names = ("validation_steps",) if validates else ("steps_per_epoch", "class_weight", "sample_weight")
        data = ("validation_data", "val") if validates else ("data", "train")
        if any(fit.get(name) for name in names) or fit.get(data[0]) != data[1]:
            return None
    return int(images)


def epochs_of_fit(record: TrainingRecord) -> int:
    """Number of epochs that fit was asked for, whatever `cnnkit.record` was; that of the record if it is unknown."""
    asked = record.fit.get("epochs") if record.schema >= 3 else None
    return int(asked) if isinstance(asked, int | float) and 0 <= asked < 10**6 else record.epochs


def epochs_done(record: TrainingRecord) -> int:
    """Number of epochs that a record holds, by its validation losses; by its losses if not each was validated."""
    return len(record.history.get("val_loss" if validates_each_epoch(record) else "loss", ()))


def steps_in_epoch(record: TrainingRecord) -> int | None:
    """Number of training steps in an epoch; None if the record does not tell."""
    if not record.batch_size:
        return 0
    steps = -(-record.images // record.batch_size)
    if record.schema >= 3:
        if record.fit.get("data") != "train" or record.fit.get("initial_epoch"):
            return None
        asked = record.fit.get("steps_per_epoch")
        if isinstance(asked, int | float):
            return min(steps, int(asked)) if asked >= 1 else None
    return steps


def validates_each_epoch(record: TrainingRecord) -> bool:
    """True if there is a validation loss of every epoch."""
    return record.schema < 3 or record.fit.get("validation_freq", 1.0) == 1.0


def _half_or_double(record: TrainingRecord) -> list[str]:
    """Names of the dtypes other than float32 in which the network computes, keeps its weights or takes losses."""
    named = [name for name in (record.floatx, *record.dtypes) if name not in ("", "float32")]
    return list(dict.fromkeys(named))


def _dtypes(record: TrainingRecord) -> Iterator[str]:
    if found := _half_or_double(record):
        yield f"it was trained in {', '.join(found)[:60]}, which is computed here in float32"


def _of_beginning(record: TrainingRecord) -> Iterator[str]:
    if any(not name.startswith("mixed_") for name in _half_or_double(record)):
        yield from _dtypes(record)
    if (said := record.unclear.get("beginning")) is not None:
        again = f" ({_times(record.earlier_fits)} by fit in the same call of cnnkit.record)"
        yield said + (again if record.earlier_fits else "")


def _of_steps(record: TrainingRecord) -> Iterator[str]:
    fit = record.fit
    yield from _dtypes(record)
    if (said := record.unclear.get("steps")) is not None:
        yield said
    if not fit:
        yield "the record does not say how fit was called"
    elif fit.get("data") != "train":
        yield "fit was given other training data than cnnkit.record was, or a copy of them"
    if fit.get("sample_weight"):
        yield "its images had weights (sample_weight)"
    if fit.get("class_weight") and not record.class_weight:
        yield "the weights of its classes are not numbers"
    if fit.get("initial_epoch"):
        yield f"fit began at epoch {fit['initial_epoch']:.0f}" if _number(fit, "initial_epoch") else "fit began later"
    if record.optimizer and len(record.step_rates) < len(record.steps):
        yield "its learning rate changed within a step"


def _of_validation(record: TrainingRecord) -> Iterator[str]:
    fit = record.fit
    yield from _dtypes(record)
    if (said := record.unclear.get("validation")) is not None:
        yield said
    if fit and fit.get("validation_data") != "val":
        yield "fit was given other validation data than cnnkit.record was, or a copy of them"
    if fit.get("validation_steps"):
        yield "it was validated on a part of the validation images (validation_steps)"
    if not validates_each_epoch(record) and _not_after_last_epoch(record):
        yield "it was not validated after its last epoch (validation_freq)"


def _not_after_last_epoch(record: TrainingRecord) -> bool:
    every, done = record.fit.get("validation_freq"), len(record.history.get("loss", ()))
    return not isinstance(every, int | float) or every < 1 or done % int(every) != 0


def _number(fit: dict[str, float | str], name: str) -> bool:
    return isinstance(fit.get(name), int | float)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")

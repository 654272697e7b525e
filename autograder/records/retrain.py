"""Train a run again from beginning to end. Needs Keras, and as much time as the run did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from autograder.records.course_data import run_data
from autograder.records.rebuild import CannotRebuild, RebuiltNetwork
from autograder.records.replay import fixed_rate, loss_of, optimizer_of
from autograder.records.training_conditions import obstacles
from autograder.records.workload import require_affordable
from cnnkit.recording.schema import TrainingRecord
from cnnkit.session import seed_of

SAME_TRAINING, SAME_ON_ANOTHER_MACHINE = 1e-6, 0.05
"""Largest relative differences of the training losses. The same machine gives the same numbers; a different processor
was 0.8 % away after 4,300 steps."""


@dataclass(frozen=True)
class Retrained:
    """Result of a second training.

    Attributes:
        history: as Keras gives it, "loss" and "val_loss" by epoch.
        apart: largest relative difference between its training losses and the record's.
    """

    history: Mapping[str, list[float]]
    apart: float

    @property
    def words(self) -> str:
        """The result in words."""
        if self.apart <= SAME_TRAINING:
            return "the same training"
        if self.apart <= SAME_ON_ANOTHER_MACHINE:
            return f"the same training on another machine: losses differ by up to {self.apart:.1%}"
        return f"another training: losses differ by up to {self.apart:.0%}"


def _compiled_loss(record: TrainingRecord) -> Any:
    """The loss as `compile` takes it: by its name, or Keras's function with the settings of the record."""
    if not any(record.loss_settings.get(name) for name in ("from_logits", "label_smoothing")):
        return record.loss
    return loss_of(record)


def retrain(record: TrainingRecord, tell: Callable[[int, Mapping[str, float]], None] | None = None) -> Retrained:
    """Train a run again, with the same initial state, data, order and optimizer.

    Args:
        record: validated; its network is built by our own constructor calls.
        tell: called after each epoch with its number (from 1) and its metrics.

    Raises:
        CannotRebuild: the record has no network or no losses, or they cannot be rebuilt, or take too much memory.
        UnknownData: its data cannot be rebuilt.
    """
    if record.network is None or not record.history.get("loss"):
        raise CannotRebuild("the record says neither network nor training losses")
    against = obstacles(record)
    if reasons := (*against.beginning, *against.steps):
        raise CannotRebuild(reasons[0])
    if len(rates := {*record.step_rates, *record.epoch_rates}) > 1:
        raise CannotRebuild(f"its learning rate changed, between {min(rates):g} and {max(rates):g}")
    require_affordable(record.network, at_once=record.batch_size, images=record.batch_size)
    network, data = RebuiltNetwork(record.network), run_data(record)
    network.begin(record.draws)
    train, val = data.batches(seed_of(record.assignment, record.student))

    class Teller(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            train.set_epoch(epoch)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if tell is not None:
                tell(epoch + 1, dict(logs or {}))

    eagerly = bool(record.settings.get("run_eagerly"))
    optimizer = optimizer_of(fixed_rate(record))
    if rates and isinstance(optimizer.learning_rate, keras.Variable):
        optimizer.learning_rate = rates.pop()
    network.model.compile(optimizer, _compiled_loss(record), metrics=["accuracy"], run_eagerly=eagerly)
    epochs = len(record.history["loss"])
    steps = record.fit.get("steps_per_epoch")
    fitted = network.model.fit(
        train,
        validation_data=val,
        epochs=epochs,
        callbacks=[Teller()],
        verbose=0,
        steps_per_epoch=int(steps) if isinstance(steps, int | float) else None,
        class_weight={int(name): weight for name, weight in record.class_weight.items() if name.isdigit()} or None,
    )
    history = {name: [float(value) for value in values] for name, values in fitted.history.items()}
    pairs = zip(history["loss"], record.history["loss"], strict=True)
    return Retrained(history, max(abs(ours - theirs) / max(abs(theirs), 1e-9) for ours, theirs in pairs))

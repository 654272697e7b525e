"""The training record: what one run of a student's training left behind, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from dataclasses import asdict, dataclass, field
from typing import Any

MIME = "application/vnd.cnnkit.record+json"
"""The record travels inside the notebook, as an output of this MIME type."""


@dataclass(frozen=True)
class TrainingRecord:
    """One training run.

    Attributes:
        run: the run's name; the optimizer's unless the notebook names it ("adam").
        history: per-epoch values as Keras keeps them: {"loss": [...], "val_loss": [...], "accuracy": [...], ...}.
        optimizer: as compiled: {"name": "adam", "learning_rate": 0.001}.
        loss: name of the loss as compiled.
        images: number of training images in an epoch.
        batch_size: images in a step.
        epochs: number of epochs that were asked for.
        seconds: wall time of the run.
        steps: losses of the first training steps (at most 10).
        assignment, student: what `cnnkit.start` was given.
        seed: the seed of weights and batch order.
        versions: {"keras": "3.15.1", "tensorflow": ..., "python": ..., "cnnkit": ...}.
        schema: version of this layout.
    """

    run: str
    history: dict[str, list[float]]
    optimizer: dict[str, float | str] = field(default_factory=dict)
    loss: str = ""
    images: int = 0
    batch_size: int = 0
    epochs: int = 0
    seconds: float = 0.0
    steps: list[float] = field(default_factory=list)
    assignment: str = ""
    student: str = ""
    seed: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    schema: int = 1

    def __getitem__(self, name: str) -> list[float]:
        """The per-epoch values of one metric, so that `record["loss"]` reads like `history.history["loss"]`."""
        return self.history[name]

    def __contains__(self, name: object) -> bool:
        return name in self.history

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)

    def keys(self) -> KeysView[str]:
        """The names of the metrics, so that the record can be used where a dictionary of lists is expected."""
        return self.history.keys()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, the form in which the record stands in the notebook."""
        return asdict(self)

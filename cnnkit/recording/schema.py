"""The training record: one run of a student's training as plain data."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from dataclasses import asdict, dataclass, field
from typing import Any

from cnnkit.networks.model_spec import ModelSpec, to_json

MIME = "application/vnd.cnnkit.record+json"
"""MIME type of the notebook output in which the record is saved."""

SCHEMA = 2
"""Version of the layout below. Version 1 had no fields from `device` on."""


@dataclass(frozen=True)
class GeneratorState:
    """State of one random number generator of the network before the first step.

    Attributes:
        layer: position in the network's layers.
        what: the argument that it initializes, such as "kernel_initializer"; "generator" for one that draws while
            training.
        kind: class of the initializer, such as "GlorotUniform"; "" for one that draws while training.
        seed: of the initializer, one number; or the state of the generator, two.
    """

    layer: int
    what: str
    kind: str = ""
    seed: tuple[int, ...] = ()


@dataclass(frozen=True)
class TrainingRecord:
    """One training run.

    Attributes:
        run: the run's name; the optimizer's unless the notebook names it ("adam").
        history: per-epoch values as in Keras's History: {"loss": [...], "val_loss": [...], "accuracy": [...], ...}.
        optimizer: as compiled: {"name": "adam", "learning_rate": 0.001}.
        loss: name of the loss as compiled.
        images: number of training images in an epoch.
        batch_size: images in a step.
        epochs: number of epochs requested.
        seconds: wall time of the run.
        steps: losses of the first training steps (at most 10).
        assignment, student: what `cnnkit.start` was given.
        seed: the seed of weights and batch order.
        versions: {"keras": "3.15.1", "tensorflow": ..., "python": ..., "cnnkit": ...}.
        device: "CPU", or the name of the accelerator.
        settings: of the computation of steps: {"jit_compile": 0.0, "run_eagerly": 0.0, "threads": 2.0}.
        data: origin of the training data, if `cnnkit.data.batches` made them; otherwise empty.
        network: the network as data; None if it could not be described.
        draws: states of the random number generators of its layers.
        initial: digest of its weights before the first step, see `cnnkit.recording.fingerprint.weights_digest`.
        fingerprints: before the first step and after each epoch: the loss on fixed validation images (nan if there
            is none), then one number for each array of weights, see `cnnkit.recording.fingerprint.fingerprint`.
        weights: "sha256:..." of the file with the weights after the last epoch, "" where none was written.
        resumed: for each time that the training was resumed, the number of epochs before.
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
    device: str = ""
    settings: dict[str, float] = field(default_factory=dict)
    data: dict[str, float | str] = field(default_factory=dict)
    network: ModelSpec | None = None
    draws: tuple[GeneratorState, ...] = ()
    initial: str = ""
    fingerprints: list[list[float]] = field(default_factory=list)
    weights: str = ""
    resumed: tuple[int, ...] = ()
    schema: int = SCHEMA

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
        """Plain JSON data, as the record is saved in the notebook."""
        plain = asdict(self)
        plain["network"] = None if self.network is None else to_json(self.network)
        plain["draws"] = [{**asdict(draw), "seed": list(draw.seed)} for draw in self.draws]
        plain["resumed"] = list(self.resumed)
        return plain

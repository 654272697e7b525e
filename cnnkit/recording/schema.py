"""The training record: one run of a student's training as plain data."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from dataclasses import asdict, dataclass, field
from typing import Any

from cnnkit.networks.model_spec import ModelSpec, to_json

MIME = "application/vnd.cnnkit.record+json"
"""MIME type of the notebook output in which the record is saved."""

SCHEMA = 3
"""Version of the layout below. Version 1 had no fields from `device` on, version 2 none from `image_losses` on."""


@dataclass(frozen=True)
class GeneratorState:
    """State of one random number generator of the network before the first step.

    Attributes:
        layer: position in the network's layers.
        what: the argument that it initializes, such as "kernel_initializer"; "generator" for one that draws while
            training.
        kind: class of the initializer, such as "GlorotUniform"; "" for one that draws while training.
        seed: of the initializer, one number; or the state of the generator, two.
        position: where in the stream of the student's seed the first number stands, see `cnnkit.recording.seed_stream`;
            -1 if it does not come from there.
    """

    layer: int
    what: str
    kind: str = ""
    seed: tuple[int, ...] = ()
    position: int = -1


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
        image_losses: loss of the final weights on each validation image, packed by
            `cnnkit.recording.validation_losses.packed_losses`; "" if the data are not the course's.
        image_right: for each validation image if they classify it right, packed by `packed_answers` there.
        step_rates: learning rate of each of the first steps; none from the first one on in which it changed.
        epoch_rates: learning rate at the end of each epoch.
        fit: settings of the call of fit: {"epochs": 10.0, "shuffle": 1.0, "validation_freq": 1.0, "data": "train",
            "validation_data": "val", "sample_weight": 0.0, ...}; "steps_per_epoch" and others that are None by
            default only if they were given. Data that are neither those given to `record` nor none are "other".
        class_weight: of the call of fit, by class.
        earlier_fits: number of calls of fit before it, of any network, in the same call of `record`.
        loss_settings: of the loss as compiled: {"label_smoothing": 0.1}; "reduction" only if it is not Keras's default.
        dtypes: dtype policy of each of the network's layers.
        floatx: Keras's default dtype: "float32".
        unclear: for a part of the training that is missing in the record, or that nobody can repeat from it, the
            reason: {"network" | "images" | "beginning" | "steps" | "validation": "..."}.
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
    image_losses: str = ""
    image_right: str = ""
    step_rates: list[float] = field(default_factory=list)
    epoch_rates: list[float] = field(default_factory=list)
    fit: dict[str, float | str] = field(default_factory=dict)
    class_weight: dict[str, float] = field(default_factory=dict)
    earlier_fits: int = 0
    loss_settings: dict[str, float | str] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ()
    floatx: str = ""
    unclear: dict[str, str] = field(default_factory=dict)
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
        plain["resumed"], plain["dtypes"] = list(self.resumed), list(self.dtypes)
        return plain

"""The Keras callback behind `cnnkit.record`: what is kept of a training while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.fingerprint import PROBES, digest, fingerprint
from cnnkit.provenance import Network, Unclear, look_at
from cnnkit.resuming import Backup
from cnnkit.spec.model import to_json
from cnnkit.training import Draw

FIRST_STEPS = 10
"""Training steps whose losses are kept one by one."""


@dataclass
class Seen:
    """What was seen of one training.

    Attributes:
        values: per-epoch values by metric.
        steps: losses of the first steps.
        optimizer: name and settings as compiled.
        loss: its name.
        network: the network, where it can be looked at; `unclear` says why not.
        draws, initial, fingerprints: as in `TrainingRecord`.
        resumed: as there.
        settings: as there.
        unclear: why there is nothing that a grader could begin with.
        seconds: of training.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)
    optimizer: dict[str, float | str] = field(default_factory=dict)
    loss: str = ""
    network: Network | None = None
    draws: tuple[Draw, ...] = ()
    initial: str = ""
    fingerprints: list[list[float]] = field(default_factory=list)
    resumed: tuple[int, ...] = ()
    settings: dict[str, float] = field(default_factory=dict)
    unclear: str = ""
    seconds: float = 0.0

    def state(self) -> dict[str, Any]:
        """What is needed to go on, as JSON data: the network itself is left out."""
        plain = {name: getattr(self, name) for name in ("values", "steps", "initial", "fingerprints", "seconds")}
        now = self.network.draws() if self.network else ()
        for name, draws in (("draws", self.draws), ("draws_now", now)):
            plain[name] = [asdict(draw) for draw in draws]
        return plain | {"resumed": list(self.resumed)}

    def take_up(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()` of an earlier process; the network's generators too."""
        for name in ("values", "steps", "initial", "fingerprints", "seconds"):
            setattr(self, name, state[name])
        self.draws, now = (
            tuple(Draw(**{**draw, "seed": tuple(draw["seed"])}) for draw in state[name])
            for name in ("draws", "draws_now")
        )
        if self.network is not None:
            self.network.put_generators(now)
        self.resumed = (*state["resumed"], len(self.values.get("loss", [])))


def recorder(name: str, epochs: int, train: Any, val: Any = None, *, key: object = None, watcher: Any = None) -> Any:
    """A callback that keeps what is seen of a training in its attribute `seen`, a `Seen`.

    Its attribute `fits` says how often a training began; each call of fit begins the record anew, `final` is the
    network's final weights.

    Args:
        name: the run's.
        epochs: how many there will be.
        train: the training data. If they have `set_epoch`, they are told each epoch's number, so that the order of the
            images depends on nothing else.
        val: the validation data; the loss on their first images is part of the fingerprints.
        key: what tells this training from another one; with it a training that was interrupted goes on.
        watcher: is told how it goes, see `cnnkit.progress.Progress`.
    """
    import keras

    class Recorder(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.fits = 0
            self.final: list[NDArray[np.float16]] = []
            self._probe: tuple[Any, Any] | None = None
            self._begin()

        def _begin(self) -> None:
            self.seen = Seen()
            self.backup: Backup | None = None
            self._sum = 0.0
            self._started = time.perf_counter()
            self._earlier = 0.0

        def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
            self.fits += 1
            self._begin()
            seen = self.seen
            # now, because a schedule or a callback may change the learning rate
            seen.optimizer, seen.loss = compiled(self.model)
            try:
                seen.network = look_at(self.model)
                seen.draws = seen.network.draws()
                seen.initial = digest(seen.network.weights())
                seen.settings = _settings(self.model)
                self._probe = _first_images(val)
                self._take_fingerprint()
            except Unclear as error:
                seen.unclear = str(error)
            except Exception as error:  # nothing that a student's network does here may stop the training
                seen.unclear = f"{type(error).__name__}: {error}"
            if key is not None and seen.network is not None and self.fits == 1:
                # by what it computes: Keras names the layers of a second network "dense_1"
                layers = tuple(replace(layer, name="") for layer in seen.network.spec.layers)
                network = to_json(replace(seen.network.spec, layers=layers))
                told = [key, network, seen.optimizer, seen.loss, seen.initial]
                self.backup = Backup(name, told)
                state = self.backup.begin(self.model)
                if state is not None:
                    seen.take_up(state)
                    self._earlier = seen.seconds
            if watcher is not None:
                watcher.begins(len(seen.values.get("loss", [])))

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            if hasattr(train, "set_epoch"):
                train.set_epoch(epoch)

        def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
            seen = self.seen
            # Keras reports the mean over the images of the epoch so far; a step's own loss is what it adds to the sum
            if len(seen.steps) < FIRST_STEPS and batch == len(seen.steps) and not seen.values:
                mean = _number((logs or {}).get("loss"))
                if mean is not None:
                    before, after = (_images_in(train, batches) for batches in (batch, batch + 1))
                    seen.steps.append((mean * after - self._sum) / (after - before))
                    self._sum = mean * after
            if watcher is not None:
                watcher.step(len(seen.values.get("loss", [])), batch, (logs or {}).get("loss"))

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            seen = self.seen
            for metric, value in (logs or {}).items():
                found = _number(value)
                if found is not None:
                    seen.values.setdefault(metric, []).append(found)
            seen.seconds = self._earlier + time.perf_counter() - self._started
            if seen.network is not None:
                self._take_fingerprint()
            if self.backup is not None:
                self.backup.keep(epoch, seen.state())
            if watcher is not None:
                watcher.epoch(seen)

        def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
            if self.seen.network is not None:
                self.final = [array.astype(np.float16) for array in self.seen.network.weights()]
            if self.backup is not None:
                self.backup.forget()

        def _take_fingerprint(self) -> None:
            assert self.seen.network is not None
            probe = _probe_loss(self.model, self._probe)
            self.seen.fingerprints.append([probe, *fingerprint(self.seen.network.weights())])

    return Recorder()


def compiled(model: Any) -> tuple[dict[str, float | str], str]:
    """The optimizer's name and numbers, as {"name": "adam", "learning_rate": 0.001, ...}, and the loss's name."""
    from cnnkit.spec.compiled import loss_settings, optimizer_settings

    try:
        name, settings = optimizer_settings(getattr(model, "optimizer", None))
        loss, _ = loss_settings(getattr(model, "loss", None))
    except Exception:  # an optimizer or a loss of the student's own must not stop the training
        return {}, ""
    found: dict[str, float | str] = {"name": name}
    for key, value in settings.items():
        if isinstance(value, str):
            found[key] = value
        elif isinstance(value, int | float) and math.isfinite(value):
            found[key] = float(value)  # a switch such as nesterov is 0.0 or 1.0
    return found, loss


def _settings(model: Any) -> dict[str, float]:
    """How the steps are computed."""
    found = {"jit_compile": float(bool(model.jit_compile)), "run_eagerly": float(bool(model.run_eagerly))}
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found["threads"] = float(tf.config.threading.get_intra_op_parallelism_threads())
    return found


def _first_images(val: Any) -> tuple[Any, Any] | None:
    """The first images of the validation data, with their labels; None for data of another kind."""
    if not hasattr(val, "first"):
        return None
    some = val.first(PROBES)
    batches = [some[number] for number in range(len(some))]
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _probe_loss(model: Any, probe: tuple[Any, Any] | None) -> float:
    """The loss on these images outside training; nan where there are none."""
    import keras

    if probe is None:
        return math.nan
    loss = keras.losses.get(model.loss)
    return float(np.mean(np.asarray(loss(probe[1], model(probe[0], training=False)))))


def _images_in(data: Any, batches: int) -> int:
    """Images in the first batches of an epoch; where the data do not say, every batch counts as one."""
    images, size = getattr(data, "images", None), getattr(data, "batch_size", None)
    if not isinstance(images, int) or not isinstance(size, int):
        return batches
    return min(batches * size, images) if (batches - 1) * size < images else batches * size


def _number(value: Any) -> float | None:
    """A logged value as a number; None where it is none, as a student's own metric may be."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None

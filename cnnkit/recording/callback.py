"""The Keras callback behind `cnnkit.record`: what is kept of a training while it runs.

Nothing here may stop a training or change it: what cannot be had is left empty, and the training goes on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.networks.model_spec import to_json
from cnnkit.recording.bounds import FIRST_STEPS, LONGEST_NAME
from cnnkit.recording.checkpoint import TrainingCheckpoint
from cnnkit.recording.fingerprint import PROBES, fingerprint, half_precision, weights_digest
from cnnkit.recording.initial_state import InitialNetwork, UnclearNetwork, initial_network
from cnnkit.recording.schema import GeneratorState

_KEPT = ("values", "steps", "initial", "fingerprints", "seconds")


@dataclass
class ObservedTraining:
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
    network: InitialNetwork | None = None
    draws: tuple[GeneratorState, ...] = ()
    initial: str = ""
    fingerprints: list[list[float]] = field(default_factory=list)
    resumed: tuple[int, ...] = ()
    settings: dict[str, float] = field(default_factory=dict)
    unclear: str = ""
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """How many are over."""
        return max(map(len, self.values.values()), default=0)

    def state(self) -> dict[str, Any]:
        """What is needed to go on, as JSON data: the network itself is left out."""
        plain = {name: getattr(self, name) for name in _KEPT}
        return plain | {"draws": [asdict(draw) for draw in self.draws], "resumed": list(self.resumed)}

    def taken_up(self, state: Mapping[str, Any]) -> ObservedTraining:
        """This training as it goes on from `state()` of an earlier process.

        Raises:
            KeyError, TypeError, ValueError: that is no such state.
        """
        draws = tuple(GeneratorState(**{**draw, "seed": tuple(draw["seed"])}) for draw in state["draws"])
        found = replace(self, draws=draws, **{name: state[name] for name in _KEPT})
        if not all(isinstance(numbers, list) for numbers in [*found.values.values(), *found.fingerprints]):
            raise TypeError("expected lists of numbers")
        found.resumed = (*state["resumed"], found.epochs)
        return found


def recorder(name: str, epochs: int, train: Any, val: Any = None, *, key: object = None, watcher: Any = None) -> Any:
    """A callback that keeps what is seen of a training in its attribute `seen`, a `Seen`.

    Its attribute `fits` says how often a training began; each call of fit begins the record anew. `final` are the
    weights after the last epoch, in half precision. `backup` is a `TrainingCheckpoint` if the training can be resumed.

    Args:
        name: the run's.
        epochs: how many there will be.
        train: the training data. If they have `set_epoch`, they are told each epoch's number, so that the order of the
            images depends on nothing else.
        val: the validation data; the loss on their first images is part of the fingerprints.
        key: what tells this training from another one, as JSON data; with it a training that was interrupted goes on.
        watcher: is told how it goes, see `cnnkit.recording.progress.Progress`.
    """
    import keras

    class Recorder(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.fits = 0
            self._watcher = watcher
            self._begin()

        def _begin(self) -> None:
            self.seen = ObservedTraining()
            self.backup: TrainingCheckpoint | None = None
            self._weights: list[NDArray[np.float32]] = []
            self._probe: tuple[Any, Any] | None = None
            self._images = 0
            self._sum = 0.0
            self._started = time.perf_counter()
            self._earlier = 0.0
            self._begun: Any = None  # the model, until its first epoch begins
            self._ended = -1  # the epoch

        @property
        def final(self) -> list[NDArray[np.float16]]:
            return half_precision(self._weights)

        def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
            if self._begun is self.model:  # it stands in the list of callbacks twice
                return
            self.fits += 1
            self._begin()
            self._begun = self.model
            # now, because a schedule or a callback may change the learning rate
            self.seen.optimizer, self.seen.loss = compiled_settings(self.model)
            try:
                self._look()
            except Exception as error:  # whatever a network of the student's own does
                self._give_up(error)
            try:
                self._go_on()
            except Exception:  # a folder that cannot be written, say
                self.backup = None
            self._tell("begins", self.seen.epochs)

        def _look(self) -> None:
            """Note where the network begins."""
            network = initial_network(self.model)
            if getattr(self.model, "steps_per_execution", 1) != 1:
                raise UnclearNetwork("its steps are taken several at a time")
            seen = self.seen
            seen.draws, seen.initial = network.draws(), weights_digest(network.weights())
            seen.settings = _settings(self.model)
            self._probe = _first_images(val)
            seen.network = network
            self._mark()

        def _go_on(self) -> None:
            """Go on where an earlier run of the same training stood."""
            seen = self.seen
            if key is None or self.fits > 1 or seen.network is None:
                return
            # Keras calls the same layer dense_1 when the cell is run again
            layers = tuple(replace(layer, name="") for layer in seen.network.spec.layers)
            spec = to_json(replace(seen.network.spec, layers=layers))
            told = [key, spec, seen.optimizer, seen.loss, seen.initial]
            self.backup = TrainingCheckpoint(name, told)
            found = self.backup.begin(self.model, seen.taken_up)
            if found is not None:
                self.seen, self._earlier = found, found.seconds
                self._weights = seen.network.weights()

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            self._begun = None
            if self.backup is not None:
                self.backup.begun()
            if hasattr(train, "set_epoch"):
                train.set_epoch(epoch)

        def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
            seen, mean = self.seen, (logs or {}).get("loss")
            if len(seen.steps) < FIRST_STEPS and batch == len(seen.steps) and not seen.values:
                self._step(batch, _number(mean))
            self._tell("step", seen.epochs, batch, mean)

        def _step(self, batch: int, mean: float | None) -> None:
            # Keras reports the mean of the epoch's images so far; the step's own loss is what it adds to the sum
            if mean is None:
                return
            images = _images_in(train, batch)
            total = mean * (self._images + images)
            self.seen.steps.append((total - self._sum) / images)
            self._images, self._sum = self._images + images, total

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            if epoch == self._ended:
                return
            self._ended = epoch
            found = {_plain(metric): _number(value) for metric, value in (logs or {}).items()}
            if self.seen.network is not None:
                try:
                    self._mark()
                except Exception as error:
                    self._give_up(error)
            seen = self.seen
            for metric, value in found.items():
                if value is not None:
                    seen.values.setdefault(metric, []).append(value)
            seen.seconds = self._earlier + time.perf_counter() - self._started
            if self.backup is not None and epoch + 1 < epochs:
                self._keep(self.backup, epoch)
            self._tell("epoch", seen)

        def _keep(self, backup: TrainingCheckpoint, epoch: int) -> None:
            try:
                backup.keep(epoch, self.seen.state())
            except Exception:  # a full disk, or a layer that cannot be saved: then there is no going on
                backup.forget()
                self.backup = None

        def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
            if self.backup is not None:
                self.backup.begun()
                self.backup.forget()

        def _mark(self) -> None:
            """Take the fingerprint of the weights as they stand, and keep them."""
            assert self.seen.network is not None
            weights = self.seen.network.weights()
            self.seen.fingerprints.append([_probe_loss(self.model, self._probe), *fingerprint(weights)])
            # not when the training ends: another callback may then put back weights of an earlier epoch
            self._weights = weights

        def _give_up(self, error: Exception) -> None:
            """Keep nothing of the network: it cannot be looked at to its end."""
            said = str(error) if isinstance(error, UnclearNetwork) else f"{type(error).__name__}: {error}"
            self.seen = replace(self.seen, unclear=said, network=None, draws=(), initial="", fingerprints=[])
            self._weights = []

        def _tell(self, what: str, *said: Any) -> None:
            if self._watcher is None:
                return
            try:
                getattr(self._watcher, what)(*said)
            except Exception:  # an output that cannot be shown
                self._watcher = None

    return Recorder()


def compiled_settings(model: Any) -> tuple[dict[str, float | str], str]:
    """The optimizer's name and numbers, as {"name": "adam", "learning_rate": 0.001, ...}, and the loss's name."""
    from cnnkit.networks.describe.compiled import loss_settings, optimizer_settings

    try:
        name, settings = optimizer_settings(getattr(model, "optimizer", None))
        loss, _ = loss_settings(getattr(model, "loss", None))
    except Exception:  # an optimizer or a loss of the student's own must not stop the training
        return {}, ""
    found: dict[str, float | str] = {"name": _plain(name)}
    for key, value in settings.items():
        if isinstance(value, str):
            found[_plain(key)] = _plain(value)
        elif isinstance(value, int | float) and math.isfinite(value):
            found[_plain(key)] = float(value)  # a switch such as nesterov is 0.0 or 1.0
    return found, _plain(loss)


def _settings(model: Any) -> dict[str, float]:
    """How the steps are computed."""
    found = {"jit_compile": float(bool(model.jit_compile)), "run_eagerly": float(bool(model.run_eagerly))}
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found["threads"] = float(tf.config.threading.get_intra_op_parallelism_threads())
    return found


def _images_in(data: Any, batch: int) -> int:
    """How many images batch number `batch` of an epoch has; 1 where that is not known, so that all weigh the same."""
    images, size = getattr(data, "images", None), getattr(data, "batch_size", None)
    if not (isinstance(images, int) and isinstance(size, int)) or images <= batch * size:
        return 1
    return max(min(size, images - batch * size), 1)


def _first_images(val: Any) -> tuple[Any, Any] | None:
    """The first images of the validation data, with their labels; None for data of another kind."""
    if not hasattr(val, "first"):
        return None
    try:
        some = val.first(PROBES)
        images, labels = zip(*(some[number] for number in range(len(some))), strict=True)
        return np.concatenate(images), np.concatenate(labels)
    except Exception:  # a data set of the student's own
        return None


def _probe_loss(model: Any, probe: tuple[Any, Any] | None) -> float:
    """The loss on these images outside training; nan where there are none, or where there is not one loss."""
    import keras

    if probe is None or model.loss is None or isinstance(model.loss, list | tuple | Mapping):
        return math.nan
    try:
        # without a trace: a layer that draws although nobody trains would draw others in the training afterwards
        mode = {"training": False} if getattr(model, "_call_has_training_arg", True) else {}
        found, _ = model.stateless_call(model.trainable_variables, model.non_trainable_variables, probe[0], **mode)
        return float(np.mean(np.asarray(keras.losses.get(model.loss)(probe[1], found))))
    except Exception:  # a loss or a network of the student's own that needs something else
        return math.nan


def _number(value: Any) -> float | None:
    """A logged value as a number; None where it is none, as a student's own metric may be."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _plain(name: Any) -> str:
    """A name as a grader reads it: of bounded length, in letters that can be printed."""
    return "".join(letter for letter in str(name)[:LONGEST_NAME] if letter.isprintable())

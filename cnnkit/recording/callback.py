"""The Keras callback behind `cnnkit.record`. It imports Keras, so `record` imports it when it is called.

Nothing here may stop a training or change it: a part of the record that cannot be had stays empty, and the training
goes on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnkit.networks.model_spec import to_json
from cnnkit.recording import record_bounds
from cnnkit.recording.checkpoint import TrainingCheckpoint
from cnnkit.recording.fingerprint import PROBES, fingerprint, half_precision, weights_digest
from cnnkit.recording.fit_calls import FitCalls
from cnnkit.recording.initial_state import UnclearNetwork, initial_network
from cnnkit.recording.model_settings import (
    compiled_loss,
    compiled_optimizer,
    dtype_policies,
    has_schedule,
    learning_rate,
    step_settings,
)
from cnnkit.recording.observed import ObservedTraining, StepLosses
from cnnkit.recording.plain_values import as_number, plain_name
from cnnkit.recording.unclear_parts import WEIGHTS_SET, unclear_parts
from cnnkit.recording.validation_losses import (
    disagreement,
    packed_answers,
    packed_losses,
    unpacked_losses,
    validate_by_image,
)


class Recorder(keras.callbacks.Callback):
    """Records a training while it runs; each call of fit begins a new record.

    Args:
        name: the run's.
        epochs: how many there will be.
        train: the training data. If they have `set_epoch`, it is called with each epoch's number, so that the order of
            the images depends on nothing else.
        val: the validation data; the loss on their first images is part of the fingerprints.
        key: what identifies this training, as JSON data; with it a training that was interrupted is resumed.
        watcher: notified of the progress, see `cnnkit.recording.progress.Progress`.
        fit_calls: a `FitCalls` that is being watched.

    Attributes:
        observed: an `ObservedTraining`, of the last call of fit.
        fits: number of calls of fit.
        checkpoint: a `TrainingCheckpoint`; None if the training cannot be resumed.
    """

    def __init__(
        self,
        name: str,
        epochs: int,
        train: Any,
        val: Any = None,
        *,
        key: object = None,
        watcher: Any = None,
        fit_calls: FitCalls | None = None,
    ) -> None:
        super().__init__()
        self.fits = 0
        self._run, self._epochs, self._train, self._val = name, epochs, train, val
        self._key, self._watcher, self._fit_calls = key, watcher, fit_calls
        self._reset()

    def _reset(self) -> None:
        self.observed = ObservedTraining()
        self.checkpoint: TrainingCheckpoint | None = None
        self._weights: list[NDArray[np.float32]] = []
        self._probe: Probe | None = None
        self._step_losses = StepLosses()
        self._rate: float | None = None
        self._started = time.perf_counter()
        self._seconds_before = 0.0
        self._starting: Any = None  # the model, until its first epoch begins
        self._last_epoch = -1

    @property
    def final_weights(self) -> list[NDArray[np.float16]]:
        """Weights after the last epoch, in half precision; none if the network cannot be described."""
        return half_precision(self._weights)

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Observe where the network begins, or resume an interrupted training. Called by Keras."""
        if self._starting is self.model:  # the callback is in fit's list twice
            return
        self.fits += 1
        self._reset()
        self._starting = self.model
        self._observe_settings()
        try:
            self._observe_beginning()
        except Exception as error:  # whatever a network of the student's own does
            self._give_up_network(error)
        try:
            self._resume()
        except Exception:  # a folder that cannot be written, say
            self.checkpoint = None
        self._notify("begins", self.observed.epochs)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Set the epoch of the training data. Called by Keras."""
        self._starting = None
        if self.checkpoint is not None:
            self.checkpoint.reset_initial_epoch()
        if hasattr(self._train, "set_epoch"):
            self._train.set_epoch(epoch)

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Read the learning rate of one of the first steps, and the weights before the first. Called by Keras."""
        if not self._is_first_step(batch):
            return
        self._rate = learning_rate(self.model)
        network = self.observed.network
        if batch == 0 and network is not None and weights_digest(network.weights()) != self.observed.initial:
            self.observed.unclear["beginning"] = WEIGHTS_SET  # by another callback

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Record the loss of one of the first steps. Called by Keras."""
        observed, mean = self.observed, (logs or {}).get("loss")
        if self._is_first_step(batch) and (number := as_number(mean)) is not None:
            # the rate of a step in which it changed is unclear, and so are those of the steps after it
            if self._rate is not None and self._rate_holds() and len(observed.step_rates) == len(observed.steps):
                observed.step_rates.append(self._rate)
            observed.steps.append(self._step_losses.of_step(number, images_in_batch(self._train, batch)))
        self._notify("step", observed.epochs, batch, mean)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Record the metrics and a fingerprint of the weights, and save a checkpoint. Called by Keras."""
        if epoch == self._last_epoch:
            return
        self._last_epoch = epoch
        metrics = {plain_name(metric): as_number(value) for metric, value in (logs or {}).items()}
        if self.observed.network is not None:
            try:
                self._observe_weights()
            except Exception as error:
                self._give_up_network(error)
        self.observed.add_epoch({metric: value for metric, value in metrics.items() if value is not None})
        if (rate := learning_rate(self.model)) is not None:
            self.observed.epoch_rates.append(rate)
        self.observed.seconds = self._seconds_before + time.perf_counter() - self._started
        if epoch + 1 < self._epochs:
            self._save_checkpoint(epoch)
        self._notify("epoch", self.observed)

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Evaluate the final weights image by image, and delete the checkpoint. Called by Keras."""
        if self.observed.network is not None and not self.observed.image_losses:
            try:
                self._observe_images()
            except Exception as error:  # whatever a network or a loss of the student's own does
                self.observed.unclear["images"] = f"{type(error).__name__}: {error}"
        if self.checkpoint is not None:
            self.checkpoint.reset_initial_epoch()
            self.checkpoint.delete()

    def _is_first_step(self, batch: int) -> bool:
        return batch == len(self.observed.steps) < record_bounds.FIRST_STEPS and not self.observed.values

    def _rate_holds(self) -> bool:
        """True if no callback has changed the learning rate since the step began; a schedule is ahead of it by then."""
        return has_schedule(self.model) or learning_rate(self.model) == self._rate

    def _observe_settings(self) -> None:
        """Record how the network was compiled and fit was called: now, before a schedule changes the learning rate."""
        observed = self.observed
        observed.optimizer = compiled_optimizer(self.model)
        observed.loss, observed.loss_settings = compiled_loss(self.model)
        observed.floatx = keras.config.floatx()
        if self._fit_calls is not None:
            observed.fit, observed.class_weight = self._fit_calls.settings, self._fit_calls.class_weight
            observed.earlier_fits = max(self._fit_calls.count - 1, 0)

    def _observe_beginning(self) -> None:
        network = initial_network(self.model)
        if getattr(self.model, "steps_per_execution", 1) != 1:
            raise UnclearNetwork("its steps are taken several at a time")
        self.observed.draws, self.observed.initial = network.draws(), weights_digest(network.weights())
        self.observed.settings = step_settings(self.model)
        self.observed.dtypes = dtype_policies(network.layers)
        self._probe = first_images(self._val)
        self.observed.network = network
        with suppress(Exception):  # layers or an optimizer of the student's own that Keras's questions do not fit
            self.observed.unclear |= unclear_parts(self.model, network)
        self._observe_weights()

    def _observe_weights(self) -> None:
        """Append a fingerprint of the current weights, and store them as the final ones so far."""
        assert self.observed.network is not None
        weights = self.observed.network.weights()
        self.observed.fingerprints.append([probe_loss(self.model, self._probe), *fingerprint(weights)])
        # not when the training ends: another callback may then put back weights of an earlier epoch
        self._weights = weights

    def _observe_images(self) -> None:
        """Evaluate the weights of the last epoch's end on each validation image, whatever weights the model has now.

        Losses that disagree with Keras's validation loss are left out: that is then the loss of something else, of
        other data or of weights that a callback changed.
        """
        observed, val = self.observed, self._val
        if not hasattr(val, "pick") or not observed.values.get("val_loss"):  # not the course's, or not validated
            return
        if not record_bounds.PIECES <= val.images <= record_bounds.MOST_VALIDATED:
            return
        assert observed.network is not None
        values = list(zip(observed.network.variables(), self._weights, strict=True))
        losses, right = validate_by_image(self.model, values, val)
        packed = packed_losses(losses)
        accuracy = observed.values.get("val_accuracy", [None])[-1]
        reason = disagreement(unpacked_losses(packed), right, observed.values["val_loss"][-1], accuracy)
        if reason is None:
            observed.image_losses, observed.image_right = packed, packed_answers(right)
        else:
            observed.unclear["images"] = reason

    def _give_up_network(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, UnclearNetwork) else f"{type(error).__name__}: {error}"
        self.observed = self.observed.without_network(reason)
        self._weights = []

    def _resume(self) -> None:
        """Resume an interrupted run of the same training, if there is a checkpoint of it."""
        observed = self.observed
        if self._key is None or self.fits > 1 or observed.network is None:
            return
        # Keras calls the same layer dense_1 when the cell is run again
        layers = tuple(replace(layer, name="") for layer in observed.network.spec.layers)
        spec = to_json(replace(observed.network.spec, layers=layers))
        identity = [self._key, spec, observed.optimizer, observed.loss, observed.initial]
        self.checkpoint = TrainingCheckpoint(self._run, identity)
        resumed = self.checkpoint.resume(self.model, observed.resumed_from)
        if resumed is not None:
            self.observed, self._seconds_before = resumed, resumed.seconds
            self._weights = observed.network.weights()

    def _save_checkpoint(self, epoch: int) -> None:
        if self.checkpoint is None:
            return
        try:
            self.checkpoint.save(epoch, self.observed.state())
        except Exception:  # a full disk, or a layer that cannot be saved: then the training cannot be resumed
            self.checkpoint.delete()
            self.checkpoint = None

    def _notify(self, event: str, *arguments: Any) -> None:
        if self._watcher is None:
            return
        try:
            getattr(self._watcher, event)(*arguments)
        except Exception:  # an output that cannot be shown
            self._watcher = None


Probe = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Validation images (at most `PROBES`) and their labels, whose loss is part of a fingerprint."""


def images_in_batch(data: Any, batch: int) -> int:
    """Number of images in batch number `batch` of an epoch; 1 if it is unknown, so that all batches weigh the same."""
    images, size = getattr(data, "images", None), getattr(data, "batch_size", None)
    if not (isinstance(images, int) and isinstance(size, int)) or images <= batch * size:
        return 1
    return max(min(size, images - batch * size), 1)


def first_images(val: Any) -> Probe | None:
    """The first images of the validation data, with their labels; None for data of a different kind."""
    if not hasattr(val, "first"):
        return None
    try:
        some = val.first(PROBES)
        images, labels = zip(*(some[number] for number in range(len(some))), strict=True)
        return np.concatenate(images), np.concatenate(labels)
    except Exception:  # a data set of the student's own
        return None


def probe_loss(model: Any, probe: Probe | None) -> float:
    """The loss on these images outside training; nan without images, or if the model has no loss or several."""
    if probe is None or model.loss is None or isinstance(model.loss, list | tuple | Mapping):
        return math.nan
    try:
        # without a trace: a layer that draws outside training too would then draw different numbers in it
        mode = {"training": False} if getattr(model, "_call_has_training_arg", True) else {}
        found, _ = model.stateless_call(model.trainable_variables, model.non_trainable_variables, probe[0], **mode)
        return float(np.mean(np.asarray(keras.losses.get(model.loss)(probe[1], found))))
    except Exception:  # a loss or a network of the student's own that needs something else
        return math.nan

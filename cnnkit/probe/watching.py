"""Watch a student's training function compile and fit, without training.

Optimizer, loss, epochs, callbacks, validation data and a fresh network for each run can be read from the call of `fit`.
So `fit` is replaced while the function runs: it records its arguments, computes the loss of one batch, and returns a
History.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Protocol

from cnnkit.networks.model_spec import ModelSpec, Setting
from cnnkit.probe import driven_callbacks
from cnnkit.probe.trained_weights import FinalWeights
from cnnkit.text import one_line

MOST_FITS = 20
"""Calls of fit recorded of one run: the last ones."""

MOST_EPOCHS = 1_000
"""Limit of the epochs in the History that is returned."""


@dataclass(frozen=True)
class OptimizerSpec:
    """First argument of a training function: a name, or, with settings, an optimizer object.

    Attributes:
        name: an optimizer's class name, or without settings any text that the function takes: "adam", "average".
        settings: arguments of the class, e.g. {"learning_rate": 0.02}.

    Example:
        >>> str(OptimizerSpec("SGD", {"learning_rate": 0.02})), str(OptimizerSpec("adam"))
        ('SGD(learning_rate=0.02)', '"adam"')
    """

    name: str
    settings: dict[str, Setting] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.settings:
            return f'"{self.name}"'
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.settings.items())})"

    def live(self) -> Any:
        """Object to pass to the training function: the name, or an optimizer with the settings."""
        import keras

        if not self.settings:
            return self.name
        # by the name that Keras gives the first one, whatever was made before
        return getattr(keras.optimizers, self.name)(name=self.name.lower(), **self.settings)


@dataclass(frozen=True)
class FitSpec:
    """One call of `fit`.

    Attributes:
        model: the network and how it was compiled; None if it could not be described, `problem` says why.
        fresh: False if the network begins with weights that an earlier run of the watch had trained.
        epochs: number of epochs, `epochs` less `initial_epoch`; -1 if it is no integer.
        data: "train" if x is the training data that the function was given, "val" if it is the validation data, "none"
            if there is none, else "other".
        validation: the same for validation_data; "split" if validation_split is used, "part" if `validation_steps` or
            `validation_freq` leaves some of it or some epochs out.
        callbacks: True if the callbacks that the function was given reached fit.
        problem: error message of computing the loss of one batch, or what is wrong with that loss; empty if nothing is.
        steps: `steps_per_epoch` as passed to fit; None if it is left out, or the number of batches of the data.
        weighted: "class_weight" or "sample_weight" if fit was given one, "" otherwise.
        varies: True if the network's output differs between two calls in training, as with augmentation; None if that
            was not tried.
    """

    model: ModelSpec | None
    fresh: bool
    epochs: int
    data: str
    validation: str
    callbacks: bool
    problem: str = ""
    steps: int | None = None
    weighted: str = ""
    varies: bool | None = None


@dataclass(frozen=True)
class WatchedRun:
    """One call of the training function.

    Attributes:
        optimizer: its first argument as text: '"adam"', 'SGD(learning_rate=0.02)'.
        fits: its calls of fit, in order; the last MOST_FITS of them.
        returned: "history" if it returned the History of its last fit, otherwise a short description.
        raised: exception that it raised behind its last fit, "" if it raised none. Nothing was trained, so the function
            may be right all the same.
    """

    optimizer: str
    fits: tuple[FitSpec, ...]
    returned: str
    raised: str = ""


def watch_training(
    function: Callable[..., Any],
    optimizers: Sequence[OptimizerSpec],
    epochs: int,
    input_shape: tuple[int | None, ...],
    vary: bool = False,
) -> tuple[WatchedRun, ...]:
    """Call `function(optimizer, train, val, epochs=epochs, callbacks=[...])` for each optimizer, and record its fits.

    Args:
        function: the student's. Its data sets hold random images (height, width, channels) as uint8, or (height,
            width) with a single channel, and one-hot labels of 10 classes, in more batches than any constant in its
            code; nothing is trained.
        optimizers: first argument of each call.
        epochs: number to pass; choose one that is no default.
        input_shape: (batch or None, height, width, channels) of the network.
        vary: True to call the network twice in training and compare its outputs.

    Returns:
        One run for each optimizer.

    Raises:
        Exception: whatever the function raises before its first fit.
    """
    return Watcher(input_shape, vary).watch(function, optimizers, epochs)


TRAIN_BATCHES, VAL_BATCHES = 307, 53
"""Batches of the data sets. A `steps_per_epoch` that equals them was read from them: they are like those of no training
in the course. Some functions go through all of them, which has to fit into the time of a request."""


def _samples(input_shape: tuple[int | None, ...]) -> tuple[Any, Any]:
    """Two data sets like those of the notebook: batches of 8 images with one-hot labels, of the same 16 images."""
    import numpy as np

    from cnnkit.data.batch_datasets import Batches

    class Repeated(Batches):
        """Batches that are long, and need the memory of two."""

        def __init__(self, batches: int) -> None:
            self.batches = batches
            super().__init__(squeezed, labels, batch_size=8, seed=7)

        def __len__(self) -> int:
            return self.batches

        @property
        def num_batches(self) -> int:
            """Batches that Keras goes through, where a function evaluates or predicts: the images once."""
            return 2

        def order(self, epoch: int) -> Any:
            return np.tile(super().order(epoch), -(-self.batches // 2))

        def first(self, count: int) -> Batches:
            return Batches(np.resize(squeezed, (count, *squeezed.shape[1:])), np.resize(labels, count), batch_size=8)

    generator = np.random.default_rng(7)
    shape = tuple(int(size or 1) for size in input_shape[1:])
    images = generator.integers(0, 256, size=(16, *shape), dtype=np.uint8)
    labels = np.arange(16) % 10
    squeezed = images[..., 0] if shape[-1] == 1 else images
    return Repeated(TRAIN_BATCHES), Repeated(VAL_BATCHES)


class TrainedNetworks(Protocol):
    """Memory of the networks that were trained in the runs of one watch."""

    def next_run(self) -> None:
        """Begin a run."""
        ...

    def train(self, model: Any) -> bool:
        """Record that a network is trained; True if it does not continue an earlier run."""
        ...

    def restore(self) -> None:
        """Leave all networks as they were before the watch."""
        ...


class Watcher:
    """Replacement of `keras.Model.fit` that records its calls.

    Args:
        input_shape: (batch or None, height, width, channels) of the network.
        vary: see `watch_training`.
        weights: tells fresh networks from trained ones.
    """

    def __init__(
        self, input_shape: tuple[int | None, ...], vary: bool = False, weights: TrainedNetworks | None = None
    ) -> None:
        self.input_shape = input_shape
        self.vary = vary
        self.weights = weights or FinalWeights()
        self.fits: list[FitSpec] = []
        self.files: list[str] = []

    def watch(
        self, function: Callable[..., Any], optimizers: Sequence[OptimizerSpec], epochs: int
    ) -> tuple[WatchedRun, ...]:
        """Runs of a training function; see `watch_training`."""
        import keras

        runs = []
        with self.installed():
            for position, optimizer in enumerate(optimizers):
                train, val = _samples(self.input_shape)
                callback = keras.callbacks.Callback()
                self.begin(train, val, callback, try_loss=position == 0)
                returned, raised = None, ""
                try:
                    returned = function(optimizer.live(), train, val, epochs=epochs, callbacks=[callback])
                except Exception as error:
                    if not self.fits:
                        raise
                    raised = one_line(f"{type(error).__name__}: {one_line(error)}", 200)
                runs.append(WatchedRun(str(optimizer), tuple(self.fits), self.name_of(returned), raised))
        return tuple(runs)

    def begin(self, train: Any, val: Any, callback: Any, *, try_loss: bool) -> None:
        """Begin to record the calls of fit of a run with these arguments."""
        self.train, self.val, self.callback, self.try_loss = train, val, callback, try_loss
        self.weights.next_run()
        self.remove_files()
        self.fits = []
        self.histories: list[Any] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Context in which `keras.Model.fit` calls `record_fit`."""
        import keras

        own = "fit" in vars(keras.Model)
        before = keras.Model.fit
        signature = inspect.signature(before)
        watcher = self

        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(model, *args, **kwargs)
            bound.apply_defaults()
            return watcher.record_fit(model, bound.arguments)

        keras.Model.fit = fit
        try:
            yield
        finally:
            watcher.remove_files()
            watcher.weights.restore()
            if own:
                keras.Model.fit = before
            else:
                del keras.Model.fit

    def remove_files(self) -> None:
        """Remove what the student's callbacks wrote: it comes from no training."""
        driven_callbacks.remove(self.files)
        self.files = []

    def record_fit(self, model: Any, arguments: dict[str, Any]) -> Any:
        """Record a call of fit, and return a History as fit would."""
        import keras

        from cnnkit.networks.describe.keras_model import DescribeError, describe

        spec, problem = None, ""
        try:
            spec = describe(model, self.input_shape, source="the network that was given to fit")
        except DescribeError as error:
            problem = one_line(error)
        if not getattr(model, "compiled", False):
            problem = "fit was called before compile"
        elif self.try_loss and spec is not None:
            problem = self.loss_problem(model, spec)
        varies = self._varies(model) if self.vary and spec is not None else None
        first, last = _integer(arguments.get("initial_epoch")) or 0, _integer(arguments.get("epochs"))
        epochs = -1 if last is None else last - first
        weights = [name for name in ("class_weight", "sample_weight") if arguments.get(name) is not None]
        self.fits.append(
            FitSpec(
                model=spec,
                fresh=self.weights.train(model),
                epochs=epochs,
                data=self._data_name(arguments.get("x")),
                validation=self._validation(arguments),
                callbacks=self._includes_callback(arguments.get("callbacks")),
                problem=problem,
                steps=_other_steps(arguments.get("steps_per_epoch"), arguments.get("x")),
                weighted=weights[0] if weights else "",
                varies=varies,
            )
        )
        del self.fits[:-MOST_FITS]
        history = keras.callbacks.History()
        history.set_model(model)
        history.epoch = list(range(min(max(epochs, 0), MOST_EPOCHS)))
        metrics = ["loss", "accuracy", *(spec.compiled.metrics if spec and spec.compiled else ())]
        history.history = {
            prefix + metric: [_invented(metric, epoch) for epoch in history.epoch]
            for prefix in ("", "val_")
            for metric in metrics
        }
        self.histories.append(history)
        model.history = history
        self.drive(model, arguments, history)
        return history

    def drive(self, model: Any, arguments: dict[str, Any], history: Any) -> None:
        """Let the student's callbacks see the epochs of a History, as `fit` would; see `driven_callbacks`."""
        callbacks = driven_callbacks.own(arguments.get("callbacks"), self.callback)
        self.files += driven_callbacks.drive(model, callbacks, history).files

    def loss_problem(self, model: Any, spec: ModelSpec) -> str:
        """Compute the loss of one batch; return the error message, or what is wrong with the loss.

        Args:
            model: the `keras.Model` that `fit` was called on.
            spec: its description.
        """
        import numpy as np

        images, labels = self.train[0]
        try:
            own = tuple(model.input_shape[1:]) if getattr(model, "inputs", None) else images.shape[1:]
            if own != images.shape[1:]:
                # a network for a different input is reported by a different check; this one tries the loss
                images = np.zeros((len(images), *(size or 1 for size in own)), images.dtype)
            predicted = model(images, training=False)
            if tuple(predicted.shape) != labels.shape:
                # so is a network with a different output: it gets one-hot labels of that shape
                labels = np.zeros(tuple(predicted.shape), labels.dtype)
                labels[..., 0] = 1
            loss = float(model.compute_loss(x=images, y=labels, y_pred=predicted))
        except Exception as error:  # Keras's message on the student's loss is the finding
            return one_line(f"{type(error).__name__}: {one_line(error)}")
        return "" if math.isfinite(loss) else f"a loss of {loss}, which is no finite number"

    def _varies(self, model: Any) -> bool | None:
        import numpy as np

        images = 255 * self.train[0][0]  # large enough for a network that expects pixels and for one that does not
        try:
            first, second = (np.asarray(model(images, training=True)) for _ in range(2))
        except Exception:  # `problem` says that it cannot be trained
            return None
        return not np.allclose(first, second, rtol=1e-5, atol=1e-7)

    def _data_name(self, data: Any) -> str:
        if data is None:
            return "none"
        return "train" if data is self.train else "val" if data is self.val else "other"

    def _validation(self, arguments: dict[str, Any]) -> str:
        split = arguments.get("validation_split")
        if isinstance(split, int | float) and split:
            return "split"
        data = arguments.get("validation_data")
        steps, every = arguments.get("validation_steps"), arguments.get("validation_freq", 1)
        partial = every != 1 or (steps is not None and _other_steps(steps, data) is not None)
        name = self._data_name(data)
        return "part" if partial and name == "val" else name

    def _includes_callback(self, callbacks: Any) -> bool:
        """True if the run's callback is among them, also in nested lists, which Keras accepts."""
        import keras

        try:
            leaves = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks))
        except Exception:  # objects that keras.tree cannot walk through
            return False
        return any(leaf is self.callback for leaf in leaves)

    def name_of(self, returned: Any) -> str:
        """Short description of the object that the training function returned."""
        import keras

        if self.histories and returned is self.histories[-1]:
            return "history"
        if any(returned is history for history in self.histories):
            return "the History of an earlier fit"
        if any(returned is history.history for history in self.histories):
            return "the dictionary history.history"
        if isinstance(returned, keras.callbacks.History):
            return "a History that did not come from fit"
        return "None" if returned is None else one_line(type(returned).__name__, 100)


def _invented(metric: str, epoch: int) -> float:
    """Value of a metric in an epoch: losses fall, accuracies rise, as in a training that goes well."""
    falls = 1.0 / (epoch + 1)
    return 1.0 - falls / 2 if driven_callbacks.rises(metric) else falls


def _other_steps(requested: Any, data: Any) -> int | None:
    """Number of batches requested of the data; None if it is no integer, or as many as the data has.

    More are a constant too: in other data they would be fewer.
    """
    steps = _integer(requested)
    if steps is None:
        return None
    try:
        return steps if steps != len(data) else None
    except Exception:  # data without a length
        return steps


def _integer(number: Any) -> int | None:
    """Convert an integer of any type to Python's, clipped to 32 bits; None for other objects."""
    if not isinstance(number, Integral) or isinstance(number, bool):
        return None
    return max(min(int(number), 2**31), -(2**31))

"""Watching a student's training function compile and fit, without letting it train.

What a grader wants to know of `train_convnet` (optimizer, loss, epochs, callbacks, validation data, a fresh network
each time) shows in the call of `fit`. So `fit` is replaced while the function runs: it notes its arguments, tries the
loss on one real batch, and returns a History.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

from cnnkit.networks.model_spec import ModelSpec, Setting
from cnnkit.probe.freshness import FinalWeights
from cnnkit.text import one_line

MOST_FITS = 20
"""Calls of fit that are kept of one run: the last ones."""

MOST_EPOCHS = 1_000
"""Epochs that the invented History has at most."""


@dataclass(frozen=True)
class OptimizerSpec:
    """What a training function is called with first: a name, or, where there are settings, an optimizer object.

    Attributes:
        name: an optimizer's class name, or the same in lower case where there are no settings: "adam", "SGD"; or
            whatever else the function is to be told: "average".
        settings: arguments of the class, e.g. {"learning_rate": 0.02}.
    """

    name: str
    settings: dict[str, Setting] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.settings:
            return f'"{self.name}"'
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.settings.items())})"

    def live(self) -> Any:
        """What is passed to the training function."""
        import keras

        return getattr(keras.optimizers, self.name)(**self.settings) if self.settings else self.name


@dataclass(frozen=True)
class FitSpec:
    """One call of `fit`.

    Attributes:
        model: the network and how it was compiled; None where it could not be described, then `problem` says why.
        fresh: False if the network has weights that an earlier run of the watch had trained.
        epochs: how many fit was asked for: `epochs` less `initial_epoch`; -1 where that is no whole number.
        data: "train" if x is the training data that was given, "val" if the validation data, else "other".
        validation: the same for validation_data; "none" where there is none, "split" where validation_split is used,
            "part" where `validation_steps` or `validation_freq` leaves some of it or some epochs out.
        callbacks: True if the callbacks that were given reached fit.
        first_loss: loss of one real batch before training, a finite number; None where it was not tried or has none.
        problem: what Keras says when the loss is tried on that batch; empty when all is well.
        steps: `steps_per_epoch` as passed to fit; None where an epoch goes through all of the data all the same.
        weighted: "class_weight" or "sample_weight" where fit was given one, "" otherwise.
        varies: whether the network gives something else each time it is called in training, as augmentation makes it;
            None where that was not tried.
    """

    model: ModelSpec | None
    fresh: bool
    epochs: int
    data: str
    validation: str
    callbacks: bool
    first_loss: float | None = None
    problem: str = ""
    steps: int | None = None
    weighted: str = ""
    varies: bool | None = None


@dataclass(frozen=True)
class WatchedRun:
    """One call of the training function.

    Attributes:
        optimizer: what was passed for it, as text: '"adam"', 'SGD(learning_rate=0.02)'.
        fits: the calls of fit during it, in order.
        returned: "history" if it returned the History of its last fit, otherwise what it was, in a few words.
    """

    optimizer: str
    fits: tuple[FitSpec, ...]
    returned: str


def watch_training(
    function: Callable[..., Any],
    optimizers: Sequence[OptimizerSpec],
    epochs: int,
    input_shape: tuple[int | None, ...],
    vary: bool = False,
) -> tuple[WatchedRun, ...]:
    """Call `function(optimizer, train, val, epochs=epochs, callbacks=[...])` once for each optimizer and watch.

    Args:
        function: the student's; its datasets are small ones, and nothing is trained.
        optimizers: what to call it with.
        epochs: what to pass; choose a number that is not a default.
        input_shape: of the network, batch axis first.
        vary: whether to try if the network varies in training.

    Raises:
        Exception: whatever the function raises.
    """
    import keras

    watcher = _Watcher(input_shape, vary)
    seen = []
    with watcher.installed():
        for position, optimizer in enumerate(optimizers):
            train, val = _samples(input_shape)
            given = keras.callbacks.Callback()
            watcher.begin(train, val, given, try_loss=position == 0)
            returned = function(optimizer.live(), train, val, epochs=epochs, callbacks=[given])
            seen.append(WatchedRun(str(optimizer), tuple(watcher.fits), watcher.name_of(returned)))
    return tuple(seen)


def _samples(input_shape: tuple[int | None, ...]) -> tuple[Any, Any]:
    """Two small datasets of the kind the notebook gives: batches of 8 images with one-hot labels."""
    import numpy as np

    from cnnkit.data.batch_datasets import Batches

    generator = np.random.default_rng(7)
    shape = tuple(int(size or 1) for size in input_shape[1:])
    images = generator.integers(0, 256, size=(16, *shape), dtype=np.uint8)
    labels = np.arange(16) % 10
    squeezed = images[..., 0] if shape[-1] == 1 else images
    return Batches(squeezed, labels, batch_size=8, seed=7), Batches(squeezed, labels, batch_size=8, seed=7)


class _Watcher:
    """Stands in for `keras.Model.fit`."""

    def __init__(self, input_shape: tuple[int | None, ...], vary: bool = False) -> None:
        self.input_shape = input_shape
        self.vary = vary
        self.weights = FinalWeights()
        self.fits: list[FitSpec] = []

    def begin(self, train: Any, val: Any, callback: Any, *, try_loss: bool) -> None:
        """Watch the next call of the training function, which is given these."""
        self.train, self.val, self.callback, self.try_loss = train, val, callback, try_loss
        self.weights.next_run()
        self.fits = []
        self.histories: list[Any] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Within this context it is this watcher that is called where `fit` is."""
        import keras

        own = "fit" in vars(keras.Model)
        before = keras.Model.fit
        signature = inspect.signature(before)
        watcher = self

        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(model, *args, **kwargs)
            bound.apply_defaults()
            return watcher.note(model, bound.arguments)

        keras.Model.fit = fit
        try:
            yield
        finally:
            watcher.weights.restore()
            if own:
                keras.Model.fit = before
            else:
                del keras.Model.fit

    def note(self, model: Any, given: dict[str, Any]) -> Any:
        """Keep what fit was given, and return a History as fit would."""
        import keras

        from cnnkit.networks.describe.keras_model import DescribeError, describe

        spec, loss, problem = None, None, ""
        try:
            spec = describe(model, self.input_shape, source="the network that was given to fit")
        except DescribeError as error:
            problem = one_line(error)
        if not getattr(model, "compiled", False):
            problem = "fit was called before compile"
        elif self.try_loss and spec is not None:
            loss, problem = self._first_loss(model)
        varies = self._varies(model) if self.vary and spec is not None else None
        first, last = _whole(given.get("initial_epoch")) or 0, _whole(given.get("epochs"))
        epochs = -1 if last is None else last - first
        self.fits.append(
            FitSpec(
                model=spec,
                fresh=self.weights.train(model),
                epochs=epochs,
                data=self._which(given.get("x")),
                validation=self._validation(given),
                callbacks=self._holds(given.get("callbacks")),
                first_loss=loss,
                problem=problem,
                steps=_steps(given),
                weighted=next((name for name in ("class_weight", "sample_weight") if given.get(name) is not None), ""),
                varies=varies,
            )
        )
        del self.fits[:-MOST_FITS]
        history = keras.callbacks.History()
        history.set_model(model)
        history.epoch = list(range(min(max(epochs, 0), MOST_EPOCHS)))
        metrics = ["loss", "accuracy", *(spec.compiled.metrics if spec and spec.compiled else ())]
        history.history = {
            prefix + metric: [1.0 / (epoch + 1) for epoch in history.epoch]
            for prefix in ("", "val_")
            for metric in metrics
        }
        self.histories.append(history)
        model.history = history
        return history

    def _first_loss(self, model: Any) -> tuple[float | None, str]:
        import numpy as np

        images, labels = self.train[0]
        try:
            own = tuple(model.input_shape[1:]) if getattr(model, "inputs", None) else images.shape[1:]
            if own != images.shape[1:]:
                # a network for another input is another check's finding; here it is the loss that is tried
                images = np.zeros((len(images), *(size or 1 for size in own)), images.dtype)
            predicted = model(images, training=False)
            if tuple(predicted.shape) != labels.shape:
                # so is a network with another output: it gets labels of the same kind that fit to it
                labels = np.zeros(tuple(predicted.shape), labels.dtype)
                labels[..., 0] = 1
            loss = float(model.compute_loss(x=images, y=labels, y_pred=predicted))
        except Exception as error:  # whatever Keras says about the student's loss is the finding
            return None, one_line(f"{type(error).__name__}: {one_line(error)}")
        return (loss, "") if math.isfinite(loss) else (None, f"a loss of {loss}, which is no finite number")

    def _varies(self, model: Any) -> bool | None:
        import numpy as np

        images = 255 * self.train[0][0]  # whether it reads pixels or values from 0 to 1, it does not matter here
        try:
            first, second = (np.asarray(model(images, training=True)) for _ in range(2))
        except Exception:  # that it cannot be trained is told by `problem`
            return None
        return not np.allclose(first, second, rtol=1e-5, atol=1e-7)

    def _which(self, data: Any) -> str:
        if data is None:
            return "none"
        return "train" if data is self.train else "val" if data is self.val else "other"

    def _validation(self, given: dict[str, Any]) -> str:
        split = given.get("validation_split")
        if isinstance(split, int | float) and split:
            return "split"
        which = self._which(given.get("validation_data"))
        steps, every = given.get("validation_steps"), given.get("validation_freq", 1)
        some = every != 1 or (steps is not None and _fewer(steps, given.get("validation_data")) is not None)
        return "part" if some and which == "val" else which

    def _holds(self, callbacks: Any) -> bool:
        """Whether the given callback is among them; lists within lists count, as they do for Keras."""
        import keras

        try:
            leaves = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks))
        except Exception:  # objects that keras.tree cannot walk through
            return False
        return any(leaf is self.callback for leaf in leaves)

    def name_of(self, returned: Any) -> str:
        """What the training function returned, in a few words."""
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


def _steps(given: dict[str, Any]) -> int | None:
    """Steps in an epoch, where they are fewer than the data has."""
    return _fewer(given.get("steps_per_epoch"), given.get("x"))


def _fewer(asked: Any, data: Any) -> int | None:
    """The number of batches asked for, where it is one and smaller than the data has; None otherwise."""
    steps = _whole(asked)
    if steps is None:
        return None
    try:
        return steps if steps < len(data) else None
    except Exception:  # data of another kind, which has no length
        return steps


def _whole(number: Any) -> int | None:
    """A whole number within what 32 bits can hold, or None."""
    if not isinstance(number, Integral) or isinstance(number, bool):
        return None
    return max(min(int(number), 2**31), -(2**31))

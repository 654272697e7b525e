"""Watching a student's training function compile and fit, without letting it train.

What a grader wants to know of `train_convnet` (optimizer, loss, epochs, callbacks, validation data, a fresh network
each time) shows in the call of `fit`. So `fit` is replaced while the function runs: it notes its arguments, tries the loss on
one real batch, and returns a History.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cnnkit.spec.model import ModelSpec


@dataclass(frozen=True)
class FitSpec:
    """One call of `fit`.

    Attributes:
        model: the network and how it was compiled; None where it could not be described, then `problem` says why.
        network: counts the distinct networks seen so far in the watch, from 0: equal numbers mean the same network.
        epochs: as passed to fit (Keras's default is 1).
        data: "train" if x is the training data that was given, "val" if the validation data, else "other".
        validation: the same for validation_data; "none" where there is none, "split" where validation_split is used.
        callbacks: True if the callbacks that were given reached fit.
        first_loss: loss of one real batch before training; None where it was not tried.
        problem: what Keras says when the loss is tried on that batch; empty when all is well.
    """

    model: ModelSpec | None
    network: int
    epochs: int
    data: str
    validation: str
    callbacks: bool
    first_loss: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Watched:
    """One call of the training function.

    Attributes:
        optimizer: what was passed for it.
        fits: the calls of fit during it, in order.
        returned: "history" if it returned the History of its last fit, "another history", or the type's name.
    """

    optimizer: str
    fits: tuple[FitSpec, ...]
    returned: str


def watch_training(
    function: Callable[..., Any], optimizers: Sequence[str], epochs: int, input_shape: tuple[int | None, ...]
) -> tuple[Watched, ...]:
    """Call `function(optimizer, train, val, epochs=epochs, callbacks=[...])` once for each optimizer and watch.

    Args:
        function: the student's.
        optimizers: Keras names, e.g. ("adam", "sgd").
        epochs: what to pass; choose a number that is not a default.
        input_shape: of the network, batch axis first.

    Raises:
        whatever the function raises.
    """
    import keras

    watcher = _Watcher(input_shape)
    seen = []
    with watcher.installed():
        for position, optimizer in enumerate(optimizers):
            train, val = _samples(input_shape)
            given = keras.callbacks.Callback()
            watcher.begin(train, val, given, try_loss=position == 0)
            returned = function(optimizer, train, val, epochs=epochs, callbacks=[given])
            seen.append(Watched(optimizer, tuple(watcher.fits), watcher.name_of(returned)))
    return tuple(seen)


def _samples(input_shape: tuple[int | None, ...]) -> tuple[Any, Any]:
    """Two small datasets of the kind the notebook gives: batches of 8 images with one-hot labels."""
    import numpy as np

    from cnnkit.data import Batches

    generator = np.random.default_rng(7)
    shape = tuple(int(size or 1) for size in input_shape[1:])
    images = generator.integers(0, 256, size=(16, *shape), dtype=np.uint8)
    labels = np.arange(16) % 10
    squeezed = images[..., 0] if shape[-1] == 1 else images
    return Batches(squeezed, labels, batch_size=8, seed=7), Batches(squeezed, labels, batch_size=8, seed=7)


class _Watcher:
    """Stands in for `keras.Model.fit`."""

    def __init__(self, input_shape: tuple[int | None, ...]) -> None:
        self.input_shape = input_shape
        self.networks: list[Any] = []  # kept alive, so that two networks never share an id
        self.fits: list[FitSpec] = []

    def begin(self, train: Any, val: Any, callback: Any, *, try_loss: bool) -> None:
        self.train, self.val, self.callback, self.try_loss = train, val, callback, try_loss
        self.fits = []
        self.histories: list[Any] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
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
            if own:
                keras.Model.fit = before
            else:
                del keras.Model.fit

    def note(self, model: Any, given: dict[str, Any]) -> Any:
        import keras

        from cnnkit.spec import DescribeError, describe

        if not any(model is known for known in self.networks):
            self.networks.append(model)
        network = next(number for number, known in enumerate(self.networks) if known is model)
        spec, loss, problem = None, None, ""
        try:
            spec = describe(model, self.input_shape)
        except DescribeError as error:
            problem = str(error)
        if not getattr(model, "compiled", False):
            problem = "fit was called before compile"
        elif self.try_loss:
            loss, problem = self._first_loss(model, problem)
        self.fits.append(
            FitSpec(
                model=spec,
                network=network,
                epochs=given["epochs"] if isinstance(given.get("epochs"), int) else -1,
                data=self._which(given.get("x")),
                validation="split" if given.get("validation_split") else self._which(given.get("validation_data")),
                callbacks=self._holds(given.get("callbacks")),
                first_loss=loss,
                problem=problem,
            )
        )
        history = keras.callbacks.History()
        history.set_model(model)
        epochs = max(self.fits[-1].epochs, 0)
        history.epoch = list(range(epochs))
        metrics = ("loss", "accuracy", "val_loss", "val_accuracy")
        history.history = {metric: [1.0 / (epoch + 1) for epoch in range(epochs)] for metric in metrics}
        self.histories.append(history)
        model.history = history
        return history

    def _first_loss(self, model: Any, problem: str) -> tuple[float | None, str]:
        import numpy as np

        images, labels = self.train[0]
        try:
            own = tuple(model.input_shape[1:]) if getattr(model, "inputs", None) else images.shape[1:]
            if own != images.shape[1:]:
                # a network for another input is another check's finding; here it is the loss that is tried
                images = np.zeros((len(images), *(size or 1 for size in own)), images.dtype)
            predicted = model(images, training=False)
            return float(model.compute_loss(x=images, y=labels, y_pred=predicted)), problem
        except Exception as error:  # whatever Keras says about the student's loss is the finding
            return None, f"{type(error).__name__}: {error}".strip()[:500]

    def _which(self, data: Any) -> str:
        if data is None:
            return "none"
        return "train" if data is self.train else "val" if data is self.val else "other"

    def _holds(self, callbacks: Any) -> bool:
        if callbacks is self.callback:
            return True
        try:
            return any(callback is self.callback for callback in getattr(callbacks, "callbacks", callbacks) or ())
        except TypeError:
            return False

    def name_of(self, returned: Any) -> str:
        if self.histories and returned is self.histories[-1]:
            return "history"
        if any(returned is history for history in self.histories):
            return "another history"
        if self.histories and returned is self.histories[-1].history:
            return "the dictionary history.history"
        return type(returned).__name__

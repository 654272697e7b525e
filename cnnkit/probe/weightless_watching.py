"""Watch a training function without weights, in a fraction of the time, where nothing depends on weights.

Optimizer, loss, data, epochs and callbacks show in networks without values too. But only a watch without any doubt
counts: whoever calls must be ready to watch again with weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnkit.networks.describe.weightless import WeightlessScope, WeightsNeeded, call_without_weights
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe import driven_callbacks
from cnnkit.probe.sure_loss import loss_is_sure
from cnnkit.probe.watching import OptimizerSpec, WatchedRun, Watcher
from cnnkit.text import one_line


def watch_without_weights(
    function: Callable[..., Any], optimizers: Sequence[OptimizerSpec], epochs: int, input_shape: tuple[int | None, ...]
) -> tuple[WatchedRun, ...]:
    """Runs of a training function as `watching.watch_training` returns them, from networks without weights.

    The random state is restored; other side effects of the function remain. So it has to be watched again in a process
    in which it was not called.

    Args:
        function: the student's.
        optimizers: first argument of each call.
        epochs: number to pass.
        input_shape: (batch or None, height, width, channels) of the network.

    Raises:
        WeightsNeeded: the function raised, or fitted nothing, or a network that cannot be described, is not compiled,
            has a loss that has to be tried, or is not new; its code reads or sets weights, or passes a callback that
            does; or a network without weights is still in use afterwards.
    """

    def watch(scope: WeightlessScope) -> tuple[WatchedRun, ...]:
        runs = _WeightlessWatcher(input_shape, scope).watch(function, optimizers, epochs)
        if not all(run.fits for run in runs):
            scope.need("a run does not call fit")
        if any(run.raised for run in runs):
            scope.need("a run raised behind fit")
        return runs

    return call_without_weights(watch)


class _WeightlessWatcher(Watcher):
    """Watcher that computes nothing, and records every doubt in the scope."""

    def __init__(self, input_shape: tuple[int | None, ...], scope: WeightlessScope) -> None:
        super().__init__(input_shape, weights=_NewVariables(scope))
        self._scope = scope

    def begin(self, train: Any, val: Any, callback: Any, *, try_loss: bool) -> None:
        """See `Watcher.begin`; a further run of a doubtful function would be in vain."""
        if self._scope.needed:
            raise WeightsNeeded(self._scope.needed)
        super().begin(train, val, callback, try_loss=try_loss)

    def record_fit(self, model: Any, arguments: dict[str, Any]) -> Any:
        """See `Watcher.record_fit`."""
        history = super().record_fit(model, arguments)
        if self.fits[-1].model is None or self.fits[-1].problem:
            self._scope.need("it fits a network that cannot be described, or is not compiled")
        return history

    def drive(self, model: Any, arguments: dict[str, Any], history: Any) -> None:
        """See `Watcher.drive`; a callback that looks at weights is driven by the watch with weights."""
        callbacks = arguments.get("callbacks")
        if _reads_weights(callbacks):
            self._scope.need("it passes a callback that reads the weights")
            return
        driven = driven_callbacks.drive(model, driven_callbacks.own(callbacks, self.callback), history)
        self.files += driven.files
        if driven.raised:
            self._scope.need(f"a callback raised {driven.raised[0]}")

    def loss_problem(self, model: Any, spec: ModelSpec) -> str:
        """See `Watcher.loss_problem`: none, if that is sure without computing the loss."""
        if not loss_is_sure(model, spec):
            self._scope.need("its loss has to be tried")
        return ""


class _NewVariables:
    """Memory of the networks that were trained, by their variables; see `watching.TrainedNetworks`."""

    def __init__(self, scope: WeightlessScope) -> None:
        self._scope = scope
        # By id; the variables are stored too, so that their ids are not used again.
        self._earlier: dict[int, Any] = {}
        self._current: dict[int, Any] = {}

    def next_run(self) -> None:
        """Begin a run."""
        self._earlier |= self._current
        self._current = {}

    def train(self, model: Any) -> bool:
        """True if none of the network's variables was trained in an earlier run, and none has a value."""
        try:
            variables = list(model.weights)
            without_value = all(map(self._scope.lacks_value, variables))
        except Exception:  # a student's own class
            variables, without_value = [], False
        fresh = bool(variables) and without_value and not any(id(one) in self._earlier for one in variables)
        if not fresh:
            self._scope.need("it fits a network that is not new")
        self._current |= {id(one): one for one in variables}
        return fresh

    def restore(self) -> None:
        """Nothing was changed."""


def _reads_weights(callbacks: Any) -> bool:
    """True if one of Keras's callbacks is among them that stores or restores weights, or if they cannot be listed."""
    import keras

    storing = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)
    try:
        leaves = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks))
    except Exception:  # objects that keras.tree cannot walk through
        return True
    return any(isinstance(leaf, storing) or getattr(leaf, "restore_best_weights", False) for leaf in leaves)


def trial_error() -> str:
    """Try the watch without weights on trainings whose results are known; return what is wrong, or "".

    It uses parts of Keras that are not documented, so another version may break it. TensorFlow operations are run:
    never call it in a process that is to be forked.
    """
    import keras

    def build() -> Any:
        network = keras.Sequential(name="trial")
        network.add(keras.Input(_TRIAL_SHAPE[1:]))
        for layer in (keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(10, activation="softmax")):
            network.add(layer)
        return network

    def read() -> Any:
        network = build()
        network.get_weights()
        return network

    def assign() -> Any:
        network = build()
        for variable in network.trainable_variables:
            variable.assign(keras.ops.ones(variable.shape))
        return network

    def store() -> Any:
        stored.append(build())
        return stored[-1]

    stored: list[Any] = []
    shared = build()
    try:
        return _difference(_training_of(build)) or next(
            (
                f"a function that {title} was taken for one that does without weights"
                for title, make in {
                    "reads weights": read,
                    "sets weights": assign,
                    "stores its network": store,
                    "trains an old network": lambda: shared,
                }.items()
                if not _is_refused(_training_of(make))
            ),
            "",
        )
    except Exception as error:
        return one_line(f"{type(error).__name__}: {error}")


_TRIAL_SHAPE = (None, 4, 4, 1)
_TRIAL_PARAMETERS = 4 * 4 * 10 + 10
_TRIAL_OPTIMIZERS = {"adam": OptimizerSpec("adam"), "sgd": OptimizerSpec("SGD", {"learning_rate": 0.25})}
_TRIAL_RATES = {"adam": 0.001, "sgd": 0.25}


def _training_of(make: Callable[[], Any]) -> Callable[..., Any]:
    """A training function as a student would write it, for networks made by `make`."""

    def train(optimizer: Any, train: Any, val: Any, epochs: int, callbacks: Sequence[Any]) -> Any:
        network = make()
        network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
        return network.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks)

    return train


def _difference(function: Callable[..., Any]) -> str:
    """Watch the function without weights; return the difference from what is expected, or ""."""
    runs = watch_without_weights(function, list(_TRIAL_OPTIMIZERS.values()), 3, _TRIAL_SHAPE)
    for run, name in zip(runs, _TRIAL_OPTIMIZERS, strict=True):
        (fit,) = run.fits
        compiled = fit.model.compiled if fit.model else None
        rate = compiled.optimizer_config.get("learning_rate") if compiled else None
        if compiled is None or (compiled.optimizer, rate) != (name, _TRIAL_RATES[name]):
            return f"expected {name} with the learning rate {_TRIAL_RATES[name]}, found {compiled}"
        if fit.model is None or fit.model.parameters != _TRIAL_PARAMETERS or not fit.fresh:
            return f"expected a new network of {_TRIAL_PARAMETERS} parameters, found {fit}"
    return ""


def _is_refused(function: Callable[..., Any]) -> bool:
    try:
        watch_without_weights(function, [_TRIAL_OPTIMIZERS["adam"]], 3, _TRIAL_SHAPE)
    except WeightsNeeded:
        return True
    return False

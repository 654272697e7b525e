"""Build models without allocating their weights: VGG16 in a few hundredths of a second, and without 1.4 GB of memory.

Inside Keras's `StatelessScope(initialize_variables=False)` a layer creates its weights as shapes only. The model then
has its graph, its settings and its parameter count, which is all that a description needs. An optimizer's step counter
and learning rate wait for their values in the same way, so that not a single TensorFlow operation is run.

This module alone touches what Keras does not document. `cnnkit.probe.weightless_watching.trial_error` tests whether
all of it holds in the version of Keras that is installed.
"""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from cnnkit.errors import KitError
from cnnkit.networks.describe.keras_model import NotAModel, TracedModel, trace
from cnnkit.networks.model_spec import ModelSpec, Shape
from cnnkit.text import one_line

T = TypeVar("T")

# Keras's global state that has to be restored after the context. Variables without values would be given some when any
# later scope ends; a random generator made inside would never get its state.
_GLOBAL_STATE = ("uninitialized_variables", "global_seed_generator", "global_random_seed")


class WeightsNeeded(KitError):
    """A student's function did something that cannot be relied on without weights. `str(error)` says why."""


class WeightlessScope:
    """Record of the variables of one `building_without_weights`.

    Attributes:
        needed: why the code inside needed weights: it read values that there are none of, or set some; "" if it did
            neither. What it did then cannot be relied on.
    """

    def __init__(self, scope: Any) -> None:
        self.needed = ""
        self._scope = scope
        self._open = True
        self._created: list[weakref.ref[Any]] = []

    def need(self, reason: str) -> None:
        """Record that weights are needed; the first reason is kept."""
        self.needed = self.needed or reason

    def lacks_value(self, variable: Any) -> bool:
        """True if the variable has no value, neither one of its own nor one that was assigned inside.

        Args:
            variable: a `keras.Variable`.
        """
        return variable._value is None and self._scope.get_current_value(variable) is None

    def left_behind(self) -> bool:
        """True if a variable without a value is still in use: its value would be drawn again each time.

        Call it after the context, without references to what was made inside.
        """
        if self._created:
            gc.collect()  # networks are freed by it alone: they refer to themselves
        return any(one() is not None for one in self._created)

    def _create(self, create: Callable[..., None], variable: Any, initializer: Any, **given: Any) -> None:
        """Create a variable that waits for its value."""
        import keras

        if isinstance(initializer, bool | int | float | np.generic | np.ndarray):
            initializer = _Number(np.asarray(initializer, _dtype(initializer, given.get("dtype"))))
            given |= {"shape": initializer.value.shape, "dtype": str(initializer.value.dtype)}
        elif isinstance(initializer, str) or callable(initializer):
            initializer = self._drawing(keras.initializers.get(initializer))
        else:
            self.need("its code creates a variable from other values than numbers")
        create(variable, initializer, **given)
        self._created.append(weakref.ref(variable))

    def _drawing(self, initializer: Callable[..., Any]) -> Callable[..., Any]:
        """The initializer, which is recorded when it is used for more than finding out shapes."""
        from keras.src.backend.common.symbolic_scope import in_symbolic_scope

        def draw(*args: Any, **kwargs: Any) -> Any:
            if self._open and not in_symbolic_scope():
                self.need("its code reads the weights")
            return initializer(*args, **kwargs)

        return draw

    def _assign(self, update: tuple[Any, Any]) -> None:
        if not isinstance(update[0]._initializer, _Number):
            self.need("its code sets weights")
        type(self._scope).add_update(self._scope, update)


class _Number:
    """Initializer of a variable whose value is known, such as a learning rate: it can be read, and set, as it is."""

    def __init__(self, value: np.ndarray) -> None:
        self.value = value.view(_ReadableArray)

    def __call__(self, shape: Any, dtype: Any = None) -> np.ndarray:
        return self.value


class _ReadableArray(np.ndarray):
    """An array that can be read as Keras reads a tensor."""

    def numpy(self) -> np.ndarray:
        """The array itself."""
        return np.asarray(self)


@contextmanager
def building_without_weights() -> Iterator[WeightlessScope]:
    """Context in which models have shapes and settings but no weights.

    Building, `compile`, `summary` and `count_params` work as usual. Use the models for describing only: they can be
    called, but their weights are drawn again each time, and they cannot be trained, inside or later. The random state
    of Python, NumPy and Keras is restored at the end, so that a check in a notebook does not change the training that
    follows.

    Yields:
        A record, which tells whether the code inside needed weights after all.

    Example:
        >>> import keras
        >>> with building_without_weights() as scope:
        ...     model = keras.applications.VGG16(weights=None)
        >>> model.count_params(), scope.needed
        (138357544, '')
    """
    import keras
    from keras.src.backend.common import global_state

    before = {name: global_state.get_global_attribute(name) for name in _GLOBAL_STATE}
    before["uninitialized_variables"] = list(before["uninitialized_variables"] or [])
    random_state, numpy_state = random.getstate(), np.random.get_state()
    stateless = keras.StatelessScope(initialize_variables=False)
    scope = WeightlessScope(stateless)
    stateless.add_update = scope._assign
    owner = next(base for base in keras.Variable.__mro__ if "__init__" in vars(base))
    create = owner.__init__

    def create_without_value(
        self: Any, initializer: Any, shape: Any = None, dtype: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        if args:
            scope.need("its code creates a variable in an unusual way")
            create(self, initializer, shape, dtype, *args, **kwargs)
        else:
            scope._create(create, self, initializer, shape=shape, dtype=dtype, **kwargs)

    owner.__init__ = create_without_value
    stateless.__enter__()
    try:
        yield scope
    finally:
        stateless.__exit__()
        owner.__init__ = create
        scope._open = False
        for name, value in before.items():
            global_state.set_global_attribute(name, value)
        random.setstate(random_state)
        np.random.set_state(numpy_state)


def _dtype(value: Any, asked: Any) -> str:
    """Dtype of a variable that is created from a number, as Keras chooses it."""
    import keras

    if asked is None:
        asked = value.dtype if isinstance(value, np.generic | np.ndarray) else keras.backend.result_type(type(value))
    return str(keras.backend.standardize_dtype(asked))


def without_weights() -> bool:
    """True inside `building_without_weights`."""
    from keras.src.backend.common.stateless_scope import get_stateless_scope, in_stateless_scope

    return in_stateless_scope() and not get_stateless_scope().initialize_variables


def call_without_weights(function: Callable[[WeightlessScope], T]) -> T:
    """Call a function inside `building_without_weights`, if it does without weights.

    Side effects remain, whether it does or not.

    Args:
        function: takes the scope, in which it may record that it needs weights; returns plain data.

    Raises:
        WeightsNeeded: it raised, it reads or sets weights, or something without weights is still in use afterwards.
        BaseException: what neither is an Exception nor SystemExit, a time limit for instance, passes through.

    Example:
        >>> import keras
        >>> call_without_weights(lambda scope: float(keras.optimizers.SGD(0.5).learning_rate))
        0.5
    """
    with building_without_weights() as scope:
        try:
            result = function(scope)
        except BaseException as error:
            # the missing weights may be what took too long
            if isinstance(error, Exception | SystemExit) or scope.needed:
                raise WeightsNeeded(scope.needed or one_line(f"it raised {type(error).__name__}")) from None
            raise
    if scope.left_behind():
        scope.need("something without weights is still in use afterwards")
    if scope.needed:
        raise WeightsNeeded(scope.needed)
    return result


def build_and_describe(function: Callable[[], Any], input_shape: Shape | None = None, *, source: str = "") -> ModelSpec:
    """Call a student's function that builds a model, and describe the model.

    The function is called without weights first. If that fails, since it trains the model, say, it is called once more
    with weights, and its exceptions are passed on.

    Args:
        function: takes no arguments, returns a Keras model.
        input_shape: batch axis first; used for a model that is not built, see `describe`.
        source: the call in messages; "<function's name>()" by default.

    Raises:
        DescribeError: it returned something that cannot be described.
        Exception: whatever the function raised.
    """
    return build_and_trace(function, input_shape, source=source).spec


def build_and_trace(function: Callable[[], Any], input_shape: Shape | None = None, *, source: str = "") -> TracedModel:
    """Call a student's function that builds a model, and keep the model with its description.

    Arguments and errors as for `build_and_describe`.
    """
    source = source or f"{getattr(function, '__name__', 'the function')}()"
    try:
        with building_without_weights():
            return trace(function(), input_shape, source=source)
    except NotAModel:
        raise
    except Exception:  # perhaps only because there are no weights: the second call will show
        pass
    return trace(function(), input_shape, source=source)

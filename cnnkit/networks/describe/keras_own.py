"""Identity of Keras's own classes and functions.

A class can call itself what it likes: `__module__ = "keras.src.layers"` is one line. So something counts as Keras's own
only if it is one of the objects that Keras itself defined. They are collected once; the grader does so before any code
of a submission runs, so that a name that is replaced later does not add to them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_LIBRARIES = ("keras", "tensorflow")


def is_keras_own(value: Any) -> bool:
    """True if the object's class is one that Keras defined: a layer, model, operation, optimizer, loss or metric.

    Args:
        value: any object. Its `__module__` and `__class__` are not believed.

    Example:
        >>> import keras
        >>> class Dense(keras.layers.Dense): ...
        >>> Dense.__module__ = "keras.src.layers.core.dense"
        >>> is_keras_own(keras.layers.Dense(1)), is_keras_own(Dense(1))
        (True, False)
    """
    return type(value) in _classes()


def is_keras_function(value: Any) -> bool:
    """True for a function that Keras or TensorFlow defined: `keras.ops.relu`, `keras.losses.hinge`, `tf.nn.softmax`."""
    return id(value) in _functions()


def inherits_from_keras(value: Any, method: str) -> bool:
    """True if a method of the object's class is the one that a class of Keras defined.

    Args:
        value: a model or layer.
        method: the method's name.

    Example:
        >>> import keras
        >>> class Same(keras.Model): ...
        >>> class Own(keras.Model):
        ...     def call(self, x): return x
        >>> inherits_from_keras(Same(), "call"), inherits_from_keras(Own(), "call")
        (True, False)
    """
    owner = next((base for base in type(value).__mro__ if method in vars(base)), None)
    return owner in _classes()


def collect_keras() -> None:
    """Collect Keras's classes and functions now; what is defined or replaced later does not count as Keras's."""
    _classes()
    _functions()


@functools.cache
def _classes() -> frozenset[type]:
    import keras
    from keras.src.ops.operation import Operation

    roots = (Operation, keras.optimizers.Optimizer, keras.losses.Loss, keras.optimizers.schedules.LearningRateSchedule)
    return frozenset(one for root in roots for one in _with_subclasses(root) if _is_where_it_says(one))


def _with_subclasses(root: type) -> Iterator[type]:
    waiting, seen = [root], {root}
    while waiting:
        one = waiting.pop()
        yield one
        below: list[type] = type.__subclasses__(one)  # not the class's own idea of it
        new = [each for each in below if each not in seen]
        seen.update(new)
        waiting.extend(new)


def _is_where_it_says(value: Any) -> bool:
    """True if the module that a class or function names is a library's, and has this very object under its name."""
    name, module = vars(value).get("__module__"), None
    if isinstance(name, str) and name.partition(".")[0] == "keras":
        module = sys.modules.get(name)
    return isinstance(module, ModuleType) and vars(module).get(value.__name__) is value


@functools.cache
def _functions() -> dict[int, Any]:
    """Functions by their id; they are kept alive, so that no other object gets their id."""
    places = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "keras"]
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        places += [tensorflow, tensorflow.nn, tensorflow.math]
    return {id(one): one for place in places if isinstance(place, ModuleType) for one in _callables(place)}


def _callables(place: ModuleType) -> Iterator[Any]:
    for value in list(vars(place).values()):
        module = str(getattr(value, "__module__", "")).partition(".")[0]
        if callable(value) and not isinstance(value, type) and module in _LIBRARIES:
            yield value

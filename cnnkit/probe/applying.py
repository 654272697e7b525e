"""Apply the pipeline or network that a student's function returns to images, or iterate over its data set.

The caller chooses the images, how often they are used, and training or prediction; the outputs are plain data. Weights
that the use changes (the moving statistics of a BatchNormalization) are named.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnkit.errors import KitError
from cnnkit.probe.calling import live_argument

MOST_BATCHES = 200
"""Limit of the batches taken from a data set in one pass."""


class UnusableResult(KitError, ValueError):
    """A result that cannot be called on images or iterated over; the message says what was expected and found."""


@dataclass(frozen=True)
class UsedResult:
    """Result of `use_result`.

    Attributes:
        outputs: one for each use: the output for the images, for a pipeline an array or tensor (N, height, width,
            channels), or the list of batches of one pass.
        moved: paths of the weights that the use changed, in the order of the weights.
    """

    outputs: tuple[Any, ...]
    moved: tuple[str, ...] = ()


def use_result(
    function: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    images: np.ndarray | None = None,
    training: bool | None = None,
    times: int = 1,
    seed: int = 0,
) -> UsedResult:
    """Call `function` and apply its result to images, or, without images, iterate over it.

    Args:
        function: the student's; returns a layer, a network, a function or a data set.
        args: its arguments by position, passed as copies; a `BuiltNetwork` is passed as a live network.
        kwargs: its arguments by name.
        images: (N, height, width, channels), input of the result, a copy each time; None for a data set.
        training: passed on as `training=`; None passes nothing.
        times: number of uses.
        seed: seed of Python, NumPy and Keras during the call; their random states are restored at the end.

    Returns:
        The outputs and the weights that changed.

    Raises:
        UnusableResult: the result cannot be called on images, does not take `training`, or cannot be iterated over.
        Exception: whatever the student's code raises.
    """
    with _seeded(seed):
        named = {name: live_argument(item) for name, item in (kwargs or {}).items()}
        made = function(*map(live_argument, args), **named)
        if images is None:
            return UsedResult(tuple(_batches(made) for _ in range(times)))
        _require_callable(made, training)
        mode = {} if training is None else {"training": training}
        outputs = []
        before = _weights(made)
        for _ in range(times):
            outputs.append(made(images.copy(), **mode))
        after = _weights(made)
        moved = [path for path, value in before.items() if path in after and not np.array_equal(value, after[path])]
        return UsedResult(tuple(outputs), tuple(moved))


def _batches(made: Any) -> list[Any]:
    """Batches of one pass over a data set: a tf.data one, a PyDataset, a list or a different iterable of batches."""
    import keras

    if isinstance(made, keras.utils.PyDataset):
        made.on_epoch_begin()
        found = [made[position] for position in range(min(len(made), MOST_BATCHES))]
        made.on_epoch_end()
        return found
    try:
        iterator = iter(made)
    except TypeError:
        raise UnusableResult(
            f"expected a data set that can be gone through batch by batch, found {_type_text(made)}"
        ) from None
    return [batch for batch, _ in zip(iterator, range(MOST_BATCHES), strict=False)]


def _require_callable(made: Any, training: bool | None) -> None:
    if not callable(made) or isinstance(made, type):
        advice = ". Give the layers to keras.Sequential([...])." if isinstance(made, list | tuple) else ""
        raise UnusableResult(f"expected something that can be called on images, found {_type_text(made)}{advice}")
    if training is None:
        return
    try:
        parameters = inspect.signature(made).parameters.values()
    except (TypeError, ValueError):  # an object that does not say
        return
    if not any(one.name == "training" or one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        raise UnusableResult(
            f"expected that it takes `training`, as in f(images, training=True), found {_type_text(made)}"
        )


def _type_text(made: Any) -> str:
    if made is None:
        return "None"
    if isinstance(made, type):
        return f"the class {made.__name__} itself; call it to get an object"
    if inspect.isroutine(made):
        return f"a function of ({', '.join(inspect.signature(made).parameters)})"
    return f"an object of type {type(made).__name__}"


def _weights(made: Any) -> dict[str, np.ndarray]:
    """Values of a network's weights by path; empty for an object that has none, or is not built yet."""
    found = getattr(made, "weights", None)
    if not isinstance(found, list):
        return {}
    return {str(getattr(one, "path", position)): np.array(one.numpy()) for position, one in enumerate(found)}


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Context in which Python, NumPy and Keras draw from this seed; their random states are restored at the end.

    TensorFlow does not expose the state of its own generator; it is reset to the seed that it had.
    """
    import keras
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context

    python_state, numpy_state = random.getstate(), np.random.get_state()
    names = ("global_seed_generator", "global_random_seed")
    keras_state = {name: global_state.get_global_attribute(name) for name in names}
    tensorflow_seed = context.global_seed()
    keras.utils.set_random_seed(seed)
    global_state.set_global_attribute("global_seed_generator", None)
    try:
        yield
    finally:
        tf.random.set_seed(tensorflow_seed)
        for name, value in keras_state.items():
            global_state.set_global_attribute(name, value)
        np.random.set_state(numpy_state)
        random.setstate(python_state)

"""Using what a student's function returns: a pipeline or a network applied to images, a data set gone through.

How often, on what, in training or not is the question's; what comes back is data. Weights that the use itself moves
(the running statistics of a BatchNormalization) are named.
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
"""Batches that are taken from a data set in one pass; more are not looked at."""


class UnusableResult(KitError, ValueError):
    """What the function returned cannot be called on images, or gone through. The message says what it is instead."""


@dataclass(frozen=True)
class UsedResult:
    """What came of it.

    Attributes:
        outputs: one for each time: what was put out for the images, or the list of batches of one pass.
        moved: paths of the weights that changed meanwhile, in the order of the weights.
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
    """Call `function`, then use what it returns: apply it to images, or, without images, go through it.

    Args:
        function: the student's. It returns a layer, a network, a function of its own, or a data set.
        args: its arguments, copied; a `BuiltNetwork` becomes a live network.
        kwargs: those by name.
        images: what the result is called on, a copy each time; None for a data set.
        training: passed on as `training=`; None leaves it unsaid.
        times: how often it is applied, or gone through.
        seed: of Python, NumPy and Keras meanwhile; afterwards their random states are as they were.

    Raises:
        NotUsable: the result cannot be used so.
        Exception: whatever the student's code raises.
    """
    with _seeded(seed):
        named = {name: live_argument(item) for name, item in (kwargs or {}).items()}
        made = function(*map(live_argument, args), **named)
        if images is None:
            return UsedResult(tuple(_batches(made) for _ in range(times)))
        _require_callable(made, training)
        said = {} if training is None else {"training": training}
        outputs = []
        before = _weights(made)
        for _ in range(times):
            outputs.append(made(images.copy(), **said))
        after = _weights(made)
        moved = [path for path, value in before.items() if path in after and not np.array_equal(value, after[path])]
        return UsedResult(tuple(outputs), tuple(moved))


def _batches(made: Any) -> list[Any]:
    """One pass through a data set: a tf.data one, a PyDataset, a list or another iterable of batches."""
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
            f"expected a data set that can be gone through batch by batch, found {_name(made)}"
        ) from None
    return [batch for batch, _ in zip(iterator, range(MOST_BATCHES), strict=False)]


def _require_callable(made: Any, training: bool | None) -> None:
    if not callable(made) or isinstance(made, type):
        raise UnusableResult(f"expected something that can be called on images, found {_name(made)}")
    if training is None:
        return
    try:
        parameters = inspect.signature(made).parameters.values()
    except (TypeError, ValueError):  # an object that does not say
        return
    if not any(one.name == "training" or one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        raise UnusableResult(f"expected that it takes `training`, as in f(images, training=True), found {_name(made)}")


def _name(made: Any) -> str:
    if made is None:
        return "None"
    if isinstance(made, type):
        return f"the class {made.__name__} itself; call it to get an object"
    if inspect.isroutine(made):
        return f"a function of ({', '.join(inspect.signature(made).parameters)})"
    return f"an object of type {type(made).__name__}"


def _weights(made: Any) -> dict[str, np.ndarray]:
    """The values of a network's weights by path; nothing for what has none, or is not built yet."""
    found = getattr(made, "weights", None)
    if not isinstance(found, list):
        return {}
    return {str(getattr(one, "path", position)): np.array(one.numpy()) for position, one in enumerate(found)}


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Within this context Python, NumPy and Keras draw from this seed; afterwards they go on as if nothing had been.

    TensorFlow does not tell where its own generator stands; it begins anew, from the seed that it had.
    """
    import keras
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context

    dice, numbers = random.getstate(), np.random.get_state()
    kept = {name: global_state.get_global_attribute(name) for name in ("global_seed_generator", "global_random_seed")}
    before = context.global_seed()
    keras.utils.set_random_seed(seed)
    global_state.set_global_attribute("global_seed_generator", None)
    try:
        yield
    finally:
        tf.random.set_seed(before)
        for name, value in kept.items():
            global_state.set_global_attribute(name, value)
        np.random.set_state(numbers)
        random.setstate(dice)

"""Stand-ins for the results of a student's functions that fail, so that later exercises can be judged.

A student whose `build_convnet` raises may have written `train_convnet` well. While the training function is watched,
the brief's network takes the place of the one that is missing; so do a layer, and a network around other parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from cnnkit.networks.model_spec import ModelSpec
from cnnkit.probe.stand_ins import Form, StandIn

_tried: WeakKeyDictionary[FunctionType, dict[Form, bool]] = WeakKeyDictionary()
"""Functions that have been tried, and the forms that they gave or not: a training is watched several times."""


@contextmanager
def standing_in(names: dict[str, Any], parts: Mapping[str, StandIn]) -> Iterator[list[str]]:
    """Within this context every function of `parts` returns something of use: its own, or the stand-in.

    Args:
        names: the notebook's global names; restored afterwards.
        parts: stand-ins, by the name of the function whose result they replace.

    Yields:
        The functions that had to be replaced.
    """
    replaced = {name: names.get(name) for name, one in parts.items() if not _is_of_use(names.get(name), one)}
    names.update({name: partial(_MAKERS[parts[name].form], parts[name], names) for name in replaced})
    try:
        yield list(replaced)
    finally:
        for name, before in replaced.items():
            if before is None:
                names.pop(name, None)
            else:
                names[name] = before


def note_network(function: Any) -> None:
    """Note that a student's function gives a network, so that it need not be tried."""
    if isinstance(function, FunctionType):
        _tried.setdefault(function, {})["network"] = True


def _is_of_use(function: Any, part: StandIn) -> bool:
    if not isinstance(function, FunctionType):
        return callable(function) and _tries(function, part)
    known = _tried.setdefault(function, {})
    if part.form not in known:
        known[part.form] = _tries(function, part)
    return known[part.form]


def _tries(function: Callable[..., Any], part: StandIn) -> bool:
    try:
        return _TRIALS[part.form](function, part)
    except (Exception, SystemExit):  # another check's finding; a time limit passes through
        return False


def _is_network(function: Callable[..., Any], part: StandIn) -> bool:
    from cnnkit.networks.describe.weightless import build_and_describe

    build_and_describe(function, part.network.input_shape)
    return True


def _is_layer(function: Callable[..., Any], part: StandIn) -> bool:
    """True if it returns a layer, and images keep their shape in it."""
    import keras

    made, images = function(), _images(part.network)
    return isinstance(made, keras.Layer) and tuple(made(images, training=True).shape) == images.shape


def _is_wrapper(function: Callable[..., Any], part: StandIn) -> bool:
    """True if it returns a network around a layer that does nothing."""
    import keras

    made = function(keras.layers.Identity())
    return isinstance(made, keras.Model) and tuple(made(_images(part.network)).shape)[1:] == part.outputs[1:]


def _images(network: ModelSpec) -> np.ndarray:
    return np.zeros((2, *(size or 1 for size in network.input_shape[1:])), np.float32)


def _network(part: StandIn, names: Mapping[str, Any], *_: Any, **__: Any) -> Any:
    """A new network, whatever the function is called with."""
    from cnnkit.networks.shapes.construct import construct

    return construct(part.network).model


def _layer(part: StandIn, names: Mapping[str, Any], *_: Any, **__: Any) -> Any:
    """New layers in a row, for images of any size."""
    import keras

    from cnnkit.networks.shapes.construct import construct

    return keras.Sequential(list(construct(part.network).layers))


def _wrapper(part: StandIn, names: Mapping[str, Any], *given: Any, **named: Any) -> Any:
    """A network of the given layer, the stand-in's layers, and the given network, or the notebook's."""
    import keras

    from cnnkit.networks.shapes.construct import construct

    first, behind, *_ = (*given, *named.values(), None)
    behind = names[part.behind]() if behind is None else behind
    return keras.Sequential([keras.Input(part.network.input_shape[1:]), first, *construct(part.network).layers, behind])


_TRIALS: dict[Form, Callable[[Callable[..., Any], StandIn], bool]] = {
    "network": _is_network,
    "layer": _is_layer,
    "wrapper": _is_wrapper,
}
_MAKERS: dict[Form, Callable[..., Any]] = {"network": _network, "layer": _layer, "wrapper": _wrapper}

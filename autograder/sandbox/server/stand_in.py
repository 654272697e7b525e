"""Networks that stand in for those that a student's functions do not return, so that later exercises can be judged.

A student whose `build_convnet` raises may have written `train_convnet` well. While the training function is watched,
the brief's network takes the place of the one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from cnnkit.networks.model_spec import ModelSpec

_tried: WeakKeyDictionary[FunctionType, bool] = WeakKeyDictionary()
"""Functions that have been tried, and whether they gave a network: a training is watched several times."""


@contextmanager
def standing_in(names: dict[str, Any], networks: Mapping[str, ModelSpec]) -> Iterator[list[str]]:
    """Within this context every function of `networks` returns a network: its own, or the stand-in.

    Args:
        names: the notebook's global names; restored afterwards.
        networks: stand-ins, by the name of the function that should return them.

    Yields:
        The functions that had to be replaced.
    """
    replaced = {name: names.get(name) for name, spec in networks.items() if not _gives_a_network(names.get(name), spec)}
    names.update({name: partial(_built, networks[name]) for name in replaced})
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
        _tried[function] = True


def _gives_a_network(function: Any, spec: ModelSpec) -> bool:
    if not isinstance(function, FunctionType):
        return callable(function) and _is_network(function, spec)
    if function not in _tried:
        _tried[function] = _is_network(function, spec)
    return _tried[function]


def _is_network(function: Any, spec: ModelSpec) -> bool:
    from cnnkit.networks.describe.weightless import build_and_describe

    try:
        build_and_describe(function, spec.input_shape)
    except (Exception, SystemExit):  # another check's finding; a time limit passes through
        return False
    return True


def _built(spec: ModelSpec, *_: Any, **__: Any) -> Any:
    """A new network, whatever the function is called with."""
    from cnnkit.networks.shapes.construct import construct

    return construct(spec).model

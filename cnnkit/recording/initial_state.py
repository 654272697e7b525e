"""Initial state of a training: the network, its weights in a known order, and its random number generators.

From these and the data's order the first steps can be replayed. Imports Keras only when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.errors import KitError
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.spec_bounds import MOST_REBUILT_LAYERS
from cnnkit.recording.record_bounds import LONGEST_NAME
from cnnkit.recording.schema import GeneratorState

LARGEST = 30_000_000
"""Weights of a network that is described; fingerprints of a larger one would slow its epochs down."""

_INITIALIZERS = ("kernel_initializer", "depthwise_initializer", "pointwise_initializer")
_GENERATORS = ("seed_generator", "generator")


class UnclearNetwork(KitError, ValueError):
    """The initial state of a network cannot be described, so that nobody could replay it; the message says why."""


@dataclass(frozen=True)
class InitialNetwork:
    """A live network with its layers in the order of its description.

    Attributes:
        model: the `keras.Model`.
        spec: its description.
        layers: the live layer behind each of `spec.layers`; None for an operation without weights.
    """

    model: Any
    spec: ModelSpec
    layers: tuple[Any, ...]

    def weights(self) -> list[NDArray[np.float32]]:
        """All weights, layer by layer in the description's order."""
        return [np.asarray(variable, np.float32) for variable in self.variables()]

    def variables(self) -> list[Any]:
        """The variables behind `weights()`."""
        return [variable for layer in self.layers if layer is not None for variable in layer.weights]

    def draws(self) -> tuple[GeneratorState, ...]:
        """States of its random number generators, and seeds of its initializers."""
        found: list[GeneratorState] = []
        for position, layer in enumerate(self.layers):
            for what in _INITIALIZERS:
                initializer = getattr(layer, what, None)
                seed = getattr(initializer, "seed", None)
                if isinstance(seed, int):
                    found.append(GeneratorState(position, what, type(initializer).__name__[:LONGEST_NAME], (seed,)))
            generator = generator_of(layer)
            if generator is not None:
                first, second = (int(number) for number in np.asarray(generator.state).ravel())
                found.append(GeneratorState(position, "generator", "", (first, second)))
        return tuple(found)


def generator_of(layer: Any) -> Any:
    """The random number generator with which a layer draws while it trains (Dropout, RandomFlip); None without one."""
    for name in _GENERATORS:
        generator = getattr(layer, name, None)
        if hasattr(generator, "state"):
            return generator
    return None


def initial_network(model: Any) -> InitialNetwork:
    """Describe a network that is about to be trained.

    One that is not built yet is left alone. Keras builds it in its first step; built here, with a different shape, it
    would no longer fit its data.

    Args:
        model: a `keras.Model`; it is not changed.

    Raises:
        UnclearNetwork: it is not built or cannot be described, is too large, or two of its layers have one name.
    """
    from cnnkit.networks.describe.keras_model import DescribeError, describe

    try:
        spec = describe(model)
    except DescribeError as error:
        raise UnclearNetwork(str(error)) from error
    if spec.parameters > LARGEST or len(spec.layers) > MOST_REBUILT_LAYERS:
        raise UnclearNetwork(f"it has {len(spec.layers):,} layers and {spec.parameters:,} parameters")
    named: dict[str, Any] = {}
    for layer in model._flatten_layers(include_self=False):
        if named.setdefault(layer.name, layer) is not layer:
            raise UnclearNetwork(f"two of its layers are called {layer.name!r}")
    layers = tuple(named.get(layer.name) for layer in spec.layers)
    found = sum(int(np.prod(variable.shape)) for layer in layers if layer is not None for variable in layer.weights)
    if found != spec.parameters:
        raise UnclearNetwork("some of its weights belong to no layer that its description names")
    return InitialNetwork(model, spec, layers)

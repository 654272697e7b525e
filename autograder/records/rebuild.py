"""Rebuild a network in its initial state from its description, by our own constructor calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.errors import KitError
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.shapes.construct import CannotConstruct, construct
from cnnkit.recording.schema import GeneratorState

_INITIALIZERS = ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")
_KERNELS = {"kernel_initializer": "kernel", "depthwise_initializer": "kernel"}
MOST_PARAMETERS = 5_000_000
"""Weights of a network that is rebuilt; 20 MB of them, twice."""


class CannotRebuild(KitError, ValueError):
    """The network or its initial state cannot be rebuilt; the message says which part."""


class RebuiltNetwork:
    """A live network that can be reset to its initial state.

    Attributes:
        model: the `keras.Model`.
        shapes: shapes of its weights, in the order of the description.
    """

    def __init__(self, spec: ModelSpec) -> None:
        """Build the network.

        Raises:
            CannotRebuild: it has layers or settings that are not supported.
        """
        try:
            made = construct(spec, most_parameters=MOST_PARAMETERS)
        except CannotConstruct as error:
            raise CannotRebuild(str(error)) from error
        self.model = made.model
        self._layers = made.layers
        self._variables = [variable for layer in made.layers for variable in layer.weights]
        self.shapes = [tuple(int(size) for size in variable.shape) for variable in self._variables]
        self._zero = [np.asarray(variable) for variable in self._variables]

    def begin(self, draws: Sequence[GeneratorState]) -> list[NDArray[np.float32]]:
        """Reset weights and random number generators to the state that the draws describe.

        Returns:
            The initial weights, shapes as in `shapes`.

        Raises:
            CannotRebuild: a draw belongs to no layer, or is of an unknown kind.
        """
        import keras

        drawn: set[int] = set()
        for draw in draws:
            layer = self._layers[draw.layer] if 0 <= draw.layer < len(self._layers) else None
            if draw.what == "generator":
                generator = getattr(layer, "seed_generator", None)
                if generator is None or len(draw.seed) != 2 or not all(0 <= n < 2**32 for n in draw.seed):
                    raise CannotRebuild("a random number generator that its network has no place for")
                generator.state.assign(np.array(draw.seed, np.uint32))
                continue
            variable = getattr(layer, _KERNELS.get(draw.what, ""), None) if draw.what in _KERNELS else None
            if variable is None or draw.kind not in _INITIALIZERS or len(draw.seed) != 1:
                raise CannotRebuild(f"weights that begin as {draw.kind[:40] or 'nothing'} of {draw.what[:40]}")
            initializer = getattr(keras.initializers, draw.kind)(seed=int(draw.seed[0]))
            variable.assign(initializer(variable.shape, dtype="float32"))
            drawn.add(id(variable))
        for variable, value in zip(self._variables, self._zero, strict=True):
            if id(variable) not in drawn:
                variable.assign(value)
        return self.weights()

    def weights(self) -> list[NDArray[np.float32]]:
        """Current weights, in single precision."""
        return [np.asarray(variable, np.float32) for variable in self._variables]

    def load(self, weights: Sequence[NDArray[Any]]) -> None:
        """Assign these weights; shapes as in `shapes`."""
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)

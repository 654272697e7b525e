"""A network as it was before its first step: built by our own constructor calls, its weights drawn again."""

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


class CannotRebuild(KitError, ValueError):
    """The network, or how it began, is beyond what is built here; the message says which."""


class Rebuilt:
    """A live network that can be put back to where it began.

    Attributes:
        model: the `keras.Model`.
        shapes: of its weights, in the order of the description.
    """

    def __init__(self, spec: ModelSpec) -> None:
        """Build it.

        Raises:
            CannotRebuild: it has layers or settings that are not built here.
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
        """Put weights and random number generators where these draws say; the weights.

        Raises:
            CannotRebuild: a draw belongs to no layer, or is of a kind that is not known here.
        """
        import keras

        self.load(self._zero)
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
        return self.weights()

    def weights(self) -> list[NDArray[np.float32]]:
        """The weights as they stand."""
        return [np.asarray(variable, np.float32) for variable in self._variables]

    def load(self, weights: Sequence[NDArray[Any]]) -> None:
        """Give it these weights; shapes as in `shapes`."""
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)

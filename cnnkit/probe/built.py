"""A network as the argument of a student's function: built by the kit itself, with weights that anyone can compute.

An exercise that takes a network must not hang on another exercise's. So a check passes `Built(brief, seed)`: it
travels as data, and where the student's code runs it becomes a live Keras model, always the same one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnkit.networks.model_spec import ModelSpec


@dataclass(frozen=True, repr=False)
class BuiltNetwork:
    """A network to pass to a student's function, as data.

    Attributes:
        network: which one; built by `cnnkit.networks.shapes.construct`.
        seed: decides its weights, see `weight`.
        is_open: without an input layer: it takes images of any size, as a pipeline of augmentation does.
    """

    network: ModelSpec
    seed: int
    is_open: bool = False

    def __repr__(self) -> str:
        return f"<a network of {len(self.network.layers)} layers>"

    def live(self) -> Any:
        """A new Keras model with these weights; inside `building_without_weights` one without any.

        Raises:
            CannotConstruct: the network is none that the kit builds.
        """
        from cnnkit.networks.describe.weightless import without_weights
        from cnnkit.networks.shapes.construct import construct

        constructed = construct(self.network)
        if not without_weights():
            for position, layer in enumerate(constructed.layers):
                for variable in layer.weights:
                    if str(variable.dtype).startswith("float"):  # not the state of a random generator
                        variable.assign(weight_values(variable.shape, variable.name, position, self.seed))
        if self.is_open:
            import keras

            pipeline = keras.Sequential(list(constructed.layers))
            return pipeline
        return constructed.model


def weight_values(shape: Sequence[int], name: str, position: int, seed: int) -> NDArray[np.float32]:
    """The values of one weight of a `BuiltNetwork` network, a function of these arguments alone.

    Args:
        shape: as Keras has it: kernels (height, width, channels, filters) or (inputs, units).
        name: Keras's name for it within its layer: "kernel", "bias", "gamma", "moving_variance", ...
        position: of its layer in the network, from 0.
        seed: the network's.

    Returns:
        float32: biases and shifts within 0.1 of 0, kernels within √(3 / inputs) of 0, scales and variances from 0.9 to
        1.1. So sums keep their size from layer to layer.
    """
    shape = tuple(int(size) for size in shape)
    spread = 0.1 if len(shape) < 2 else (3.0 / prod(shape[:-1])) ** 0.5
    dice = np.random.default_rng([seed, position, zlib.crc32(name.encode())])
    values = spread * (2.0 * dice.random(shape) - 1.0)
    if name in ("gamma", "moving_variance"):
        values += 1.0
    return values.astype(np.float32)

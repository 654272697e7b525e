"""A network as the argument of a student's function, built by the kit with reproducible weights.

An exercise whose function takes a network must not depend on the student's solution of an earlier one. So a check
passes `BuiltNetwork(network, seed)`: it is sent as data, and becomes the same live Keras model wherever the student's
code runs.
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
        network: description of the network, built by `cnnkit.networks.shapes.construct`.
        seed: seed of its weights, see `weight_values`.
        is_open: True for no input layer, so that it takes images of any size, as an augmentation pipeline does.
    """

    network: ModelSpec
    seed: int
    is_open: bool = False

    def __repr__(self) -> str:
        return f"<a network of {len(self.network.layers)} layers>"

    def live(self) -> Any:
        """Build a Keras model with these weights; inside `building_without_weights` without any.

        Raises:
            CannotConstruct: the network has a layer that the kit does not build, or is too large.
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

            constructed_model = keras.Sequential(list(constructed.layers))
        else:
            constructed_model = constructed.model
        return constructed_model


def weight_values(shape: Sequence[int], name: str, position: int, seed: int) -> NDArray[np.float32]:
    """Values of one weight of a `BuiltNetwork`, which depend on these arguments only.

    Args:
        shape: kernels (height, width, channels, filters) or (inputs, units), as in Keras; biases (units,).
        name: Keras's name of the weight within its layer: "kernel", "bias", "gamma", "moving_variance", ...
        position: position of its layer in the network, counted from 0.
        seed: seed of the network.

    Returns:
        float32 array of that shape, uniform: biases and shifts within 0.1 of 0, kernels within √(3 / inputs) of 0,
        scales and variances from 0.9 to 1.1. So outputs have a similar size in every layer.

    Example:
        >>> weight_values((2,), "bias", 0, seed=7).shape
        (2,)
    """
    shape = tuple(int(size) for size in shape)
    spread = 0.1 if len(shape) < 2 else (3.0 / prod(shape[:-1])) ** 0.5
    generator = np.random.default_rng([seed, position, zlib.crc32(name.encode())])
    values = spread * (2.0 * generator.random(shape) - 1.0)
    if name in ("gamma", "moving_variance"):
        values += 1.0
    return values.astype(np.float32)

"""Arithmetic of an examination, computed from a network's description before anything of it is built.

A record of 3 kB can describe a network, and name a batch, that take terabytes. Whatever is built here is bounded first,
by numbers that `cnnkit.networks.shapes` computes from the layers' settings and not by those that the record states.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograder.records.rebuild import CannotRebuild
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.shapes.layer_arithmetic import ImpossibleLayer, UnknownLayer, propagate

MOST_VALUES = 60_000_000
"""Numbers in the outputs of all layers for the images that are computed at once; 240 MB, and as much for gradients.
The network of `mnist_convnet` has 26,000 an image."""

MOST_MULTIPLY_ADDS = 400 * 10**9
"""Multiply-adds of one examination; half a minute of one processor. The network of `mnist_convnet` takes 3 million an
image."""

BACKWARD = 3
"""Forward passes that a training step costs: one, and two for the gradients of outputs and weights."""


@dataclass(frozen=True)
class Workload:
    """Cost of a network for one image.

    Attributes:
        values: numbers in the outputs of all layers.
        multiply_adds: at most; every weight is used once for each position of its layer's output.
    """

    values: int
    multiply_adds: int


def workload(spec: ModelSpec) -> Workload:
    """The cost of a network for one image.

    Raises:
        CannotRebuild: a layer is unknown, or its settings contradict each other.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> workload(sequence((None, 28, 28, 1), [("Conv2D", {"filters": 2, "kernel_size": (3, 3)})]))
        Workload(values=1352, multiply_adds=14872)
    """
    try:
        results = propagate(spec.input_shape, spec.layers)
    except (ImpossibleLayer, UnknownLayer) as error:
        raise CannotRebuild(str(error)) from error
    values = multiply_adds = 0
    for shape, parameters in results:
        size = math.prod(length or 1 for length in shape[1:])
        values += size
        multiply_adds += size + parameters * math.prod(length or 1 for length in shape[1:-1])
    return Workload(values, multiply_adds)


def require_affordable(spec: ModelSpec, *, at_once: int, images: int) -> None:
    """Make sure that a network can be computed for so many images.

    Args:
        spec: the network.
        at_once: images in the largest batch.
        images: images in all; one in a training step counts `BACKWARD` times.

    Raises:
        CannotRebuild: it takes more memory or time than an examination may.
    """
    cost = workload(spec)
    if cost.values * at_once > MOST_VALUES:
        found = f"its layers hold {cost.values:,} numbers an image"
        raise CannotRebuild(f"{found}, too many for {at_once:,} images at once")
    if cost.multiply_adds * images > MOST_MULTIPLY_ADDS:
        found = f"{cost.multiply_adds:,} multiply-adds an image"
        raise CannotRebuild(f"it takes {found}, too many for {images:,} images")

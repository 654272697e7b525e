"""Fingerprints of a network's weights: a few numbers in which two states of a training differ. NumPy only.

The notebook computes them while it trains, the grader from the weights that were handed in. Their signs are the raw
bits of NumPy's PCG64, which are the same in every version of NumPy.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PROBES = 256
"""Validation images, the first ones, whose loss is part of a fingerprint."""

Weights = Sequence[NDArray[np.floating]]
"""The arrays of a network's weights, layer by layer as `ModelSpec.layers` lists them."""


def weights_digest(weights: Weights) -> str:
    """Hash ("sha256:...") of the shapes and the values in single precision.

    Example:
        >>> weights_digest([np.zeros((2, 3))]) == weights_digest([np.zeros((3, 2))])
        False
    """
    total = hashlib.sha256()
    for array in weights:
        total.update(f"{array.shape}".encode())
        total.update(np.ascontiguousarray(array, "<f4").tobytes())
    return f"sha256:{total.hexdigest()}"


def fingerprint(weights: Weights) -> list[float]:
    """For each array the sum of its values with fixed random signs, divided by the square root of their number.

    Half precision changes it by about 2**-12 of a typical weight, one epoch of training by much more.

    Args:
        weights: arrays of any shapes.

    Returns:
        One number for each array; 0 for an empty one.

    Example:
        >>> [round(value, 3) for value in fingerprint([np.ones(4), np.zeros((2, 2))])]
        [1.0, 0.0]
    """
    found = []
    for position, array in enumerate(weights):
        flat = np.asarray(array, np.float64).ravel()
        if not flat.size:
            found.append(0.0)
            continue
        with np.errstate(all="ignore"):  # weights of a training that diverged
            positive = float(flat @ _bits(position, flat.size))
            found.append((2.0 * positive - float(flat.sum())) / float(np.sqrt(flat.size)))
    return found


def half_precision(weights: Weights) -> list[NDArray[np.float16]]:
    """The weights in half precision, in which they are handed in; infinite beyond its range."""
    with np.errstate(over="ignore"):
        return [array.astype("<f2") for array in weights]


@functools.lru_cache(maxsize=64)
def _bits(position: int, size: int) -> NDArray[np.uint8]:
    """`size` random bits, 0 or 1, which depend only on the two numbers."""
    raw = np.random.PCG64([20, position]).random_raw(-(-size // 64)).astype("<u8")
    return np.unpackbits(raw.view(np.uint8))[:size]

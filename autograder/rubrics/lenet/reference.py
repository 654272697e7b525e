"""Right answers, from the definitions, for inputs the student has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnkit.assignments.lenet.brief import POOLINGS
from cnnkit.probe.built import BuiltNetwork, weight_values
from cnnkit.recording.schema import TrainingRecord

RECORDS = {
    name: TrainingRecord(
        run=name, history={"loss": [1 / epoch for epoch in range(1, 11)]}, images=55_000, epochs=10, schema=1
    )
    for name in POOLINGS
}
"""Training records of both runs that pass every check, in the first layout: later ones hold what nobody can invent."""

LINES_TO_MEND = {2, 6}
"""`input_dim` where a shape is meant, and `model.flatten`, which no model has."""


def average_pool(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Average every window that fits."""
    windows = sliding_window_view(x.astype(np.float64), (size, size), axis=(0, 1))
    return windows[::stride, ::stride].mean(axis=(-2, -1))


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """Count the pixels below one unit, layer by layer from the last to the first."""
    first, last = 0, 0
    for kernel, stride in reversed(layers):
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1


def feature_maps(built: BuiltNetwork, image: np.ndarray) -> list[np.ndarray]:
    """Outputs of each convolution of a chain of layers, computed from the weights that `BuiltNetwork` gives it.

    Convolutions of stride 1, max and average pooling, and layers that do nothing outside training.
    """
    activations: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0.0),
        "linear": lambda x: x,
    }
    x: np.ndarray = image.astype(np.float64)
    maps: list[np.ndarray] = []
    for position, layer in enumerate(built.network.layers):
        config: dict[str, Any] = dict(layer.config)
        if layer.kind == "Conv2D":
            height, width = config["kernel_size"]
            if config["padding"] == "same":  # one more at the end where the kernel is even
                rows, columns = ((k - 1) // 2 for k in (height, width))
                x = np.pad(x, ((rows, height - 1 - rows), (columns, width - 1 - columns), (0, 0)))
            filters = config["filters"]
            kernel = weight_values((height, width, x.shape[-1], filters), "kernel", position, built.seed)
            bias = weight_values((filters,), "bias", position, built.seed)
            windows = sliding_window_view(x, (height, width), axis=(0, 1))
            summed = np.einsum("ijchw,hwcf->ijf", windows, kernel.astype(np.float64)) + bias
            x = activations[config["activation"]](summed)
            maps.append(x)
        elif layer.kind.endswith("Pooling2D"):
            (size, _), (stride, _) = config["pool_size"], config["strides"]
            windows = sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
            x = windows.max(axis=(-2, -1)) if layer.kind == "MaxPooling2D" else windows.mean(axis=(-2, -1))
        elif layer.kind == "Flatten":
            break
    return maps

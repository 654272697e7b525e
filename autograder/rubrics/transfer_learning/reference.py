"""Right answers, from the definitions, for inputs the student has not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnkit.assignments.transfer_learning.brief import CAFFE, HEADS, MEANS, SIZE
from cnnkit.networks.backbones import BACKBONES, backbone
from cnnkit.networks.brief import sequence
from cnnkit.networks.model_spec import ModelSpec, Shape
from cnnkit.probe.built import BuiltNetwork, weight_values
from cnnkit.recording.schema import TrainingRecord

EPOCHS = 30
IMAGES = 256
RUNS = tuple(name.lower() for name in BACKBONES)

RECORDS = {
    name: TrainingRecord(
        run=name,
        history={"loss": [1 / epoch for epoch in range(1, EPOCHS + 1)]},
        images=IMAGES,
        epochs=EPOCHS,
        schema=1,
    )
    for name in RUNS
}
"""Training records of all runs that pass every check, in the first layout: later ones hold what nobody can invent."""

_EPSILON = 0.001
"""Keras's default in BatchNormalization."""

_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def prepared(name: str, pixels: np.ndarray) -> np.ndarray:
    """Pixels as a backbone of this name was trained on them."""
    if name in CAFFE:
        return np.asarray(pixels, np.float64)[..., ::-1] - np.array(MEANS)
    return np.asarray(pixels, np.float64) / 127.5 - 1.0


def maps_of(name: str, size: int = SIZE) -> Shape:
    """Shape of a backbone's maps of square images, batch axis first."""
    return backbone(name, (None, size, size, 3)).layers[-1].output_shape


def head(name: str, maps: Shape) -> ModelSpec:
    """Specified head on maps of this shape, batch axis first."""
    return sequence(maps, HEADS[name])


def head_counts(*cases: tuple[str, int]) -> dict[tuple[str, int], int]:
    """Parameters of the heads on these backbones for images of these sizes."""
    return {(name, size): head(name, maps_of(name, size)).parameters for name, size in cases}


def outputs(built: BuiltNetwork, images: np.ndarray) -> np.ndarray:
    """Outputs of a network outside training, from the weights of a `BuiltNetwork`.

    Convolutions "valid", or "same" with odd kernels and no strides; normalisation with the stored means and variances;
    global average pooling; Dense layers; ReLU and sigmoid; sums of two branches. Dropout does nothing.
    """
    made: list[np.ndarray] = []
    for position, layer in enumerate(built.network.layers):
        config: dict[str, Any] = dict(layer.config)
        sources = [images.astype(np.float64) if source < 0 else made[source] for source in layer.inputs]
        x, channels = sources[0], sources[0].shape[-1]

        def of(name: str, *shape: int, position: int = position) -> np.ndarray:
            return weight_values(shape, name, position, built.seed).astype(np.float64)

        if layer.kind == "Conv2D":
            (height, width), (rows, columns) = config["kernel_size"], config["strides"]
            if config["padding"] == "same":
                x = np.pad(x, ((0, 0), (height // 2, height // 2), (width // 2, width // 2), (0, 0)))
            windows = sliding_window_view(x, (height, width), axis=(1, 2))[:, ::rows, ::columns]
            filters = config["filters"]
            x = np.einsum("nijchw,hwcf->nijf", windows, of("kernel", height, width, channels, filters))
            if config["use_bias"]:
                x = x + of("bias", filters)
        elif layer.kind == "BatchNormalization":
            spread = np.sqrt(of("moving_variance", channels) + _EPSILON)
            x = (x - of("moving_mean", channels)) / spread * of("gamma", channels) + of("beta", channels)
        elif layer.kind == "Add":
            x = sources[0] + sources[1]
        elif layer.kind == "GlobalAveragePooling2D":
            x = x.mean(axis=(1, 2))
        elif layer.kind == "Dense":
            x = x @ of("kernel", channels, config["units"]) + of("bias", config["units"])
        made.append(_ACTIVATIONS.get(config.get("activation", "linear"), np.asarray)(x))
    return made[-1]

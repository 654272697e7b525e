"""Output shapes and parameters of layers, computed from their settings without Keras.

Sources: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning" (2016), relationships 1 to 6
for convolutions and pooling; the Keras documentation for everything else. A property test compares every kind
with Keras itself. Shapes have the batch axis first and None for an unknown size.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import LayerSpec, Shape
from cnnkit.networks.shapes.formulas import (
    OUTPUT,
    PARAMETERS,
    Config,
    ImpossibleLayer,
    UnknownLayer,
    moving_parameters,
    window_output,
)

__all__ = [
    "ImpossibleLayer",
    "UnknownLayer",
    "layer_output",
    "layer_parameters",
    "layer_trainable",
    "pads_nothing",
    "propagate",
    "window_output",
]


def layer_output(kind: str, config: Config, input_shapes: Sequence[Shape]) -> Shape:
    """Output shape of one layer, batch axis first.

    Args:
        kind: the Keras class name.
        config: its settings; those left out have Keras's defaults.
        input_shapes: one shape for most kinds, several for Add, Concatenate and other merges.

    Raises:
        ImpossibleLayer: the layer cannot be applied to these inputs.
        UnknownLayer: there is no formula for this kind.

    Example:
        >>> layer_output("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2)}, [(None, 28, 28, 1)])
        (None, 13, 13, 64)
    """
    if kind not in OUTPUT:
        raise UnknownLayer(f"no formula for the output shape of {kind}")
    return OUTPUT[kind](kind, config, input_shapes)


def layer_parameters(kind: str, config: Config, input_shapes: Sequence[Shape]) -> int:
    """Number of weights of one layer, trainable or not; arguments as for `layer_output`.

    Raises:
        ImpossibleLayer: the number depends on an unknown size (None), or groups do not divide the channels.
        UnknownLayer: there is no formula for this kind.

    Example:
        >>> layer_parameters("Conv2D", {"filters": 64, "kernel_size": (3, 3)}, [(None, 28, 28, 1)])
        640
    """
    return layer_trainable(kind, config, input_shapes) + moving_parameters(kind, config, input_shapes)


def layer_trainable(kind: str, config: Config, input_shapes: Sequence[Shape]) -> int:
    """Number of weights of one layer that training changes; arguments and errors as for `layer_parameters`."""
    if kind not in OUTPUT:
        raise UnknownLayer(f"no formula for the parameters of {kind}")
    count = PARAMETERS.get(kind)
    return count(kind, config, input_shapes) if count else 0


def pads_nothing(kind: str, config: Config, input_shape: Shape) -> bool:
    """True if padding="same" adds no pixel to this input, so that it is the same as "valid".

    Args:
        kind: the Keras class name; False for kinds without a window that moves over the input.
        config: the layer's settings; those left out have Keras's defaults.
        input_shape: batch axis first, channels last.

    Example:
        >>> pads_nothing("AveragePooling2D", {"pool_size": (2, 2)}, (None, 28, 28, 6))
        True
        >>> pads_nothing("Conv2D", {"kernel_size": (3, 3)}, (None, 28, 28, 6))
        False
    """
    name = "pool_size" if "Pooling" in kind else "kernel_size"
    window, strides = setting(kind, config, name), setting(kind, config, "strides")
    dilation = setting(kind, config, "dilation_rate")
    sizes = input_shape[1:-1]
    if kind.endswith("Transpose") or setting(kind, config, "data_format") != "channels_last":
        return False
    if not (isinstance(window, tuple) and isinstance(strides, tuple) and len(window) == len(strides) == len(sizes)):
        return False
    dilation = dilation if isinstance(dilation, tuple) else (1,) * len(window)
    return all(
        size is not None and (-(-size // step) - 1) * step + (length - 1) * gap + 1 <= size
        for size, length, step, gap in zip(sizes, window, strides, dilation, strict=True)
    )


def propagate(input_shape: Shape, layers: Sequence[LayerSpec]) -> list[tuple[Shape, int]]:
    """Compute the output shape and parameters of every layer of a network.

    Args:
        input_shape: batch axis first, e.g. (None, 28, 28, 1).
        layers: in the order of computation. Only `kind`, `config` and `inputs` are read, so that the layers may be an
            edited copy whose shapes are out of date.

    Returns:
        (output shape, parameters) of each layer.

    Raises:
        ImpossibleLayer: a layer cannot be applied; the message names its position and kind.
        UnknownLayer: there is no formula for a kind.
    """
    results: list[tuple[Shape, int]] = []
    for position, layer in enumerate(layers):
        shapes = [input_shape if source < 0 else results[source][0] for source in layer.inputs]
        if layer.kind == "InputLayer":
            results.append((layer.output_shape, 0))
            continue
        try:
            shape = layer_output(layer.kind, layer.config, shapes)
            results.append((shape, layer_parameters(layer.kind, layer.config, shapes)))
        except ImpossibleLayer as error:
            raise ImpossibleLayer(f"layer {position + 1}, {layer.kind}: {error}") from error
    return results

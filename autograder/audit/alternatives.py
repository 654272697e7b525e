"""Plausible mistakes in a layer: different values of its settings, different kinds of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cnnkit.networks.model_spec import Setting, Shape

ACTIVATIONS = ("relu", "tanh", "sigmoid", "softmax", "linear")
_RELATED = {
    "MaxPooling2D": ("AveragePooling2D",),
    "AveragePooling2D": ("MaxPooling2D",),
    "Flatten": ("GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    "GlobalAveragePooling2D": ("GlobalMaxPooling2D", "Flatten"),
    "Conv2D": ("SeparableConv2D",),
    "Dropout": ("SpatialDropout2D", "GaussianDropout", "AlphaDropout"),
}
_SHARED = {
    "SeparableConv2D": ("filters", "kernel_size", "strides", "padding", "activation"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "SpatialDropout2D": ("rate",),
    "GaussianDropout": ("rate",),
    "AlphaDropout": ("rate",),
}
"""Settings that the other kind takes over."""


def other_settings(kind: str, config: Mapping[str, Setting]) -> Iterator[tuple[str, Setting]]:
    """Pairs (setting, wrong value) for every setting of a layer that a student can get wrong."""
    for name, value in config.items():
        for other in _others(kind, name, value, config):
            if other != value:
                yield name, other
    if "kernel_size" in config or kind == "Dense":
        yield "kernel_regularizer", "L2(l2=0.01)"


def _others(kind: str, name: str, value: Setting, config: Mapping[str, Setting]) -> list[Setting]:
    if name in ("filters", "units") and isinstance(value, int):
        return [2 * value, value // 2, value + 1]
    if name in ("kernel_size", "pool_size") and isinstance(value, tuple):
        first, *rest = value
        return [tuple(n + 1 for n in value), tuple(n + 2 for n in value), (first + 1, *rest), (1,) * len(value)]
    if name == "strides" and isinstance(value, tuple):
        return [(1,) * len(value), tuple(n + 1 for n in value), (value[0] + 1, *value[1:])]
    if name == "padding":
        return ["same" if value == "valid" else "valid"]
    if name == "dilation_rate" and isinstance(value, tuple):
        strides = config.get("strides")
        # Keras has no layer with both
        return [(2,) * len(value)] if isinstance(strides, tuple) and set(strides) == {1} else []
    if name == "groups":
        return [2]
    if name == "activation":
        return list(ACTIVATIONS)
    if name == "use_bias":
        return [not value]
    if name == "rate" and isinstance(value, float):
        return [0.0, round(value / 2, 4), round(value + 0.1, 4), round(1 - value, 4)]
    if (kind, name) == ("Flatten", "data_format"):
        return ["channels_first"]
    return []


def other_kinds(row: tuple[str, Mapping[str, Setting]], input_shape: Shape) -> Iterator[tuple[str, dict[str, Setting]]]:
    """Layers with which this one is confused; those for images only if the input is an image."""
    kind, config = row
    for other in _RELATED.get(kind, ()):
        if other.endswith("2D") and len(input_shape) != 4:
            continue
        yield other, {name: config[name] for name in _SHARED.get(other, ()) if name in config}

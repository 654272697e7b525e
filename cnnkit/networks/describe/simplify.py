"""Rewrite a traced network in canonical form, so that equivalent ways of writing it become equal.

A separate activation is folded into the layer before it, arithmetic with a constant becomes Rescaling, `ops.mean` over
the image becomes GlobalAveragePooling2D, and layers that do nothing are removed. The order of the layers depends on the
graph alone, not on the order in which its branches were written.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cnnkit.networks.describe import rescaling
from cnnkit.networks.layer_settings import FOLDS_ACTIVATION
from cnnkit.networks.model_spec import LayerSpec, Setting, Shape

_PLAIN_ACTIVATIONS = (
    *("relu6", "sigmoid", "tanh", "softplus", "softsign", "selu", "silu", "swish", "exponential", "linear", "mish"),
    *("hard_sigmoid", "hard_silu", "hard_swish", "log_sigmoid", "tanh_shrink"),
)

ACTIVATIONS: dict[str, dict[str, Setting]] = {
    **{name: {} for name in _PLAIN_ACTIVATIONS},
    "relu": {"negative_slope": 0.0, "max_value": None, "threshold": 0.0},
    "softmax": {"axis": -1},
    "log_softmax": {"axis": -1},
    "leaky_relu": {"negative_slope": 0.2},
    "elu": {"alpha": 1.0},
    "gelu": {"approximate": False},
}
"""Activation functions by name, with the settings under which a layer is equivalent to `activation="name"`."""

_SAME_NAME = {"swish": "silu", "hard_swish": "hard_silu"}
_MERGES = ("add", "subtract", "multiply", "maximum", "minimum", "average")
_RESHAPES = ("Reshape", "reshape", "squeeze", "expand_dims")
_COMMUTATIVE = {"Add", "Multiply", "Maximum", "Minimum", "Average"}


def activation_text(name: str) -> str:
    """Canonical name of an activation that has two: "silu" for "swish"."""
    return _SAME_NAME.get(name, name)


def simplify(
    layers: Sequence[LayerSpec], outputs: Sequence[int], input_rank: int
) -> tuple[tuple[LayerSpec, ...], tuple[int, ...]]:
    """Rewrite a network in canonical form.

    Args:
        layers: in an order in which every layer comes after its inputs.
        outputs: positions of the layers that make the model's outputs.
        input_rank: number of axes of the model's input, batch included.

    Returns:
        The rewritten layers and the positions of the outputs among them.
    """
    layers = [rescaling.reversal(layers, layer) for layer in layers]
    rewritten = [_rewrite(layer, _shape_before(layers, layer, input_rank)) for layer in layers]
    users = Counter(source for index in _reached(rewritten, outputs) for source in set(rewritten[index].inputs))
    users.update(outputs)
    remaining: list[LayerSpec | None] = list(rewritten)
    place = list(range(len(rewritten)))  # position of the layer that now computes each original layer's output

    for index, layer in enumerate(rewritten):
        layer = replace(layer, inputs=tuple(place[source] if source >= 0 else source for source in layer.inputs))
        remaining[index] = layer
        if len(layer.inputs) != 1:
            continue
        (source,) = layer.inputs
        if _does_nothing(layer):
            remaining[index], place[index] = None, source
            # Whoever used this layer now uses its source, which loses this one user and gains those.
            users[source] += users[index] - 1
            continue
        before = remaining[source] if source >= 0 else None
        if before is None or users[source] != 1:
            continue
        joined = _join(before, layer)
        if joined is not None:
            remaining[source], remaining[index], place[index] = joined, None, source
            users[source] = users[index]

    return _in_order(remaining, [place[output] if output >= 0 else output for output in outputs])


def _reached(layers: Sequence[LayerSpec], outputs: Sequence[int]) -> set[int]:
    """Positions of the layers that lead to an output; layers that nothing uses must not count as users."""
    reached: set[int] = set()
    stack = list(outputs)
    while stack:
        index = stack.pop()
        if index >= 0 and index not in reached:
            reached.add(index)
            stack.extend(layers[index].inputs)
    return reached


def _shape_before(layers: Sequence[LayerSpec], layer: LayerSpec, input_rank: int) -> Shape:
    """Shape of a layer's first input; of the model's own input only the number of axes is known."""
    source = layer.inputs[0] if layer.inputs else -1
    return layers[source].output_shape if source >= 0 else (None,) * input_rank


def _rewrite(layer: LayerSpec, before: Shape) -> LayerSpec:
    """Rewrite one layer or operation as the equivalent plain layer."""
    kind, config, rank = layer.kind, layer.config, len(before)
    name = _activation_of(kind, config)
    if name is not None:
        return replace(layer, kind="Activation", config={"activation": activation_text(name)})
    if kind == "ReLU" and config.get("max_value") is None and not config.get("threshold"):
        return replace(layer, kind="LeakyReLU", config={"negative_slope": config.get("negative_slope")})
    if kind in _MERGES and len(layer.inputs) > 1:
        return replace(layer, kind=kind.capitalize(), config={})
    if kind == "concatenate":
        axis = config.get("axis", -1)
        if isinstance(axis, int) and axis >= 0:
            axis -= len(layer.output_shape)
        return replace(layer, kind="Concatenate", config={"axis": axis})
    if kind in ("multiply", "true_divide", "add", "subtract") and len(layer.inputs) == 1:
        return rescaling.with_constant(layer)
    if kind == "Normalization":
        return rescaling.normalization(layer)
    if kind in ("mean", "max") and rank == 4 and config.get("axis") in ((1, 2), (-3, -2)):
        pooling = f"Global{'Average' if kind == 'mean' else 'Max'}Pooling2D"
        keep = bool(config.get("keepdims", False))
        return replace(layer, kind=pooling, config={"keepdims": keep, "data_format": "channels_last"})
    if kind in ("average_pool", "max_pool") and rank == 4:
        return _pooling_layer(layer)
    if kind == "pad" and rank == 4 and config.get("mode") == "constant" and not config.get("constant_values"):
        widths = config.get("pad_width")
        if isinstance(widths, tuple) and len(widths) == 8 and not any(widths[:2] + widths[6:]):
            return replace(layer, kind="ZeroPadding2D", config={"padding": widths[2:6], "data_format": "channels_last"})
    if kind in _RESHAPES and _keeps_each_image(before, layer.output_shape):
        if len(layer.output_shape) == 2:
            return replace(layer, kind="Flatten", config={"data_format": "channels_last"})
        target = tuple(size for size in layer.output_shape[1:] if size is not None)
        return replace(layer, kind="Reshape", config={"target_shape": target})
    return layer


def _keeps_each_image(before: Shape, after: Shape) -> bool:
    """True if a change of the shape leaves the numbers of an image together, as far as the shapes are known."""
    if after[:1] != (None,) or None in after[1:]:
        return False
    sizes = [math.prod(size for size in shape[1:] if size is not None) for shape in (before, after)]
    return None in before[1:] or sizes[0] == sizes[1]


def _pooling_layer(layer: LayerSpec) -> LayerSpec:
    """Rewrite keras.ops.average_pool or max_pool on images as the layer."""
    config = dict(layer.config)
    window = _pair(config.get("pool_size"))
    strides = _pair(config.get("strides")) if config.get("strides") is not None else window
    kind = "AveragePooling2D" if layer.kind == "average_pool" else "MaxPooling2D"
    settings: dict[str, Setting] = {"pool_size": window, "strides": strides, "padding": config.get("padding")}
    return replace(layer, kind=kind, config={**settings, "data_format": config.get("data_format") or "channels_last"})


def _pair(value: Setting) -> Setting:
    return (value, value) if isinstance(value, int) else value


def _activation_of(kind: str, config: dict[str, Setting]) -> str | None:
    """Name of the activation that a layer or operation is equivalent to; None if there is none with its settings."""
    if kind == "Activation":
        return str(config.get("activation", "linear"))
    if kind in ("Identity", "identity", "convert_to_tensor"):
        return "linear"
    name = {"Softmax": "softmax", "LeakyReLU": "leaky_relu", "ELU": "elu"}.get(kind, kind)
    if kind == "ReLU" and not config.get("threshold"):
        limit, slope = config.get("max_value"), config.get("negative_slope")
        if limit is None:
            name = "leaky_relu" if slope else "relu"
        elif limit == 6 and not slope:
            name = "relu6"
    usual = ACTIVATIONS.get(name)
    if usual is None or any(config.get(key, value) != value for key, value in usual.items()):
        return None
    return name


def _does_nothing(layer: LayerSpec) -> bool:
    return layer.kind == "Activation" and layer.config.get("activation") == "linear"


def _join(before: LayerSpec, layer: LayerSpec) -> LayerSpec | None:
    """Combine two layers into one; None if that is not possible."""
    if layer.kind == "Activation":
        if before.kind in FOLDS_ACTIVATION and before.config.get("activation", "linear") == "linear":
            return replace(before, config={**before.config, "activation": layer.config["activation"]})
        return None
    if layer.kind == before.kind == "Rescaling":
        return rescaling.merge_rescalings(before, layer)
    return None


def _in_order(
    remaining: Sequence[LayerSpec | None], outputs: Sequence[int]
) -> tuple[tuple[LayerSpec, ...], tuple[int, ...]]:
    """Order the layers that lead to an output, each after its inputs; of several inputs the longest branch first."""
    key: dict[int, tuple[int, str]] = {}
    for index, layer in enumerate(remaining):  # sources come before their users, so their keys are known
        if layer is not None:
            below = [key[source] for source in layer.inputs if source >= 0]
            if layer.kind in _COMMUTATIVE:
                below.sort(reverse=True)
            depth = 1 + max((depth for depth, _ in below), default=0)
            identity = f"{layer.kind}{sorted(layer.config.items())}{[hash_ for _, hash_ in below]}"
            key[index] = (depth, _digest(identity))

    position: dict[int, int] = {}
    ordered: list[LayerSpec] = []
    stack = [(index, False) for index in reversed([output for output in outputs if output >= 0])]
    while stack:
        index, ready = stack.pop()
        layer = remaining[index]
        if index in position or layer is None:
            continue
        sources = list(layer.inputs)
        if layer.kind in _COMMUTATIVE:
            sources.sort(key=lambda source: key.get(source, (0, "")), reverse=True)
        if ready:
            position[index] = len(ordered)
            ordered.append(
                replace(layer, inputs=tuple(position[source] if source >= 0 else source for source in sources))
            )
        else:
            stack.append((index, True))
            stack.extend((source, False) for source in reversed(sources) if source >= 0)
    return tuple(ordered), tuple(position[output] if output >= 0 else output for output in outputs)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""Outputs of layers, computed with NumPy from their settings: the grader's own construction of a network.

Images have their channels last. Every kind that can be computed is in `LAYERS`; others have no values here.
Sources: the Keras documentation of each class; a test compares every kind with Keras itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from cnnkit.errors import KitError
from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import Setting

Array = NDArray[np.float32]
Config = Mapping[str, Setting]
Weights = Callable[[str, tuple[int, ...]], Array]
"""Values of a weight by its name in Keras ("kernel") and its shape."""


LARGEST_WINDOW = 100_000
"""Places that a window covers, gaps included."""

_MOST_PADDED = 50_000_000
"""Numbers of an input with its padding."""


class NotComputed(KitError, ValueError):
    """A layer whose output the grader does not compute: of an unknown kind, or with unknown settings."""


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), np.float32)


def _softmax(x: Array) -> Array:
    raised = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True), np.float32)


def _softplus(x: Array) -> Array:
    return np.asarray(np.logaddexp(0, x), np.float32)


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.asarray(np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))), np.float32)


def _leaky(x: Array, slope: float) -> Array:
    return np.asarray(np.where(x > 0, x, slope * x), np.float32)


def _erf(x: Array) -> Array:
    """Error function, to seven digits: Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.sign(x) * (1 - series * np.exp(-x * x)), np.float32)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": _softmax,
    "log_softmax": lambda x: np.log(_softmax(x)),
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "selu": lambda x: 1.05070098 * _elu(x, 1.67326324),
    "silu": lambda x: x * _sigmoid(x),
    "exponential": np.exp,
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "log_sigmoid": lambda x: -_softplus(-x),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "elu": _elu,
    "leaky_relu": lambda x: _leaky(x, 0.2),
    "gelu": lambda x: x * 0.5 * (1 + _erf(x / 2**0.5)),
}
"""Activation functions by Keras's name."""


def activation_of(kind: str, config: Config) -> Callable[[Array], Array]:
    """The function that a layer applies to what it computes.

    Raises:
        NotComputed: it is none of `ACTIVATIONS`.
    """
    name = setting(kind, config, "activation") or "linear"
    if name not in ACTIVATIONS:
        raise NotComputed(f"the activation {str(name)[:60]}")
    return ACTIVATIONS[str(name)]


def can_be_computed(kind: str, config: Config) -> bool:
    """True for a kind of `LAYERS` with its channels last, a window of a usual size and a known activation.

    Args:
        kind: the Keras class name.
        config: its settings.
    """
    if kind not in LAYERS or config.get("data_format", "channels_last") != "channels_last":
        return False
    try:
        activation_of(kind, config)
        window = "pool_size" if "Pooling" in kind else "kernel_size"
        if setting(kind, config, window) is None:
            return True
        steps = _sizes(kind, config, "dilation_rate") if window == "kernel_size" else itertools.repeat(1)
        reaches = [(size - 1) * step + 1 for size, step in zip(_sizes(kind, config, window), steps, strict=False)]
    except (NotComputed, TypeError, ValueError):
        return False
    return 0 < prod(reaches) <= LARGEST_WINDOW and min(reaches) > 0


def layer_values(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    """Output of a layer in prediction, before its activation.

    Args:
        kind: the Keras class name.
        config: its settings.
        inputs: its inputs, float32, batch axis first.
        weights: gives the values of its weights.

    Raises:
        NotComputed: there is no computation for this kind with these settings.

    Example:
        >>> values = layer_values("Rescaling", {"scale": 2.0}, [np.ones((1, 3), np.float32)], lambda name, shape: ...)
        >>> values.tolist()
        [[2.0, 2.0, 2.0]]
    """
    if not can_be_computed(kind, config):
        raise NotComputed(kind[:60])
    try:
        return np.asarray(LAYERS[kind](kind, config, inputs, weights), np.float32)
    except (
        TypeError,
        ValueError,
        LookupError,
        ArithmeticError,
        MemoryError,
    ) as error:  # settings of another form than Keras's
        raise NotComputed(f"{kind}: {error}"[:200]) from error


Computation = Callable[[str, Config, Sequence[Array], Weights], Array]


def _sizes(kind: str, config: Config, name: str) -> tuple[int, ...]:
    value = setting(kind, config, name)
    entries = value if isinstance(value, tuple) else (value,) * int(kind[-2])
    return tuple(int(one) for one in entries)  # type: ignore[arg-type]


def _windows(
    x: Array, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: Setting, fill: float
) -> list[tuple[tuple[int, ...], Array]]:
    """For each place in a window, its offsets and the values that it sees: (N, outputs..., channels)."""
    pads, outputs = [(0, 0)], []
    for length, window, stride, step in zip(x.shape[1:-1], size, strides, dilation, strict=True):
        reach = (window - 1) * step + 1
        if padding == "same":
            output = -(-length // stride)
            missing = max((output - 1) * stride + reach - length, 0)
            pads.append((missing // 2, missing - missing // 2))
        elif padding in ("valid", "causal"):
            ahead = reach - 1 if padding == "causal" else 0
            output = (length + ahead - reach) // stride + 1
            pads.append((ahead, 0))
        else:
            raise NotComputed(f"padding {padding!r}"[:60])
        outputs.append(output)
    if prod(length + sum(pad) for length, pad in zip(x.shape, [*pads, (0, 0)], strict=True)) > _MOST_PADDED:
        raise NotComputed("an input that is padding for the most part")
    if any(before or after for before, after in pads):
        x = np.pad(x, [*pads, (0, 0)], constant_values=fill)
    seen = []
    for offsets in itertools.product(*map(range, size)):
        cut = [
            slice(offset * step, offset * step + (output - 1) * stride + 1, stride)
            for offset, step, output, stride in zip(offsets, dilation, outputs, strides, strict=True)
        ]
        seen.append((offsets, x[(slice(None), *cut)]))
    return seen


def _places(kind: str, config: Config, x: Array) -> list[tuple[tuple[int, ...], Array]]:
    size, strides, dilation = (_sizes(kind, config, name) for name in ("kernel_size", "strides", "dilation_rate"))
    return _windows(x, size, strides, dilation, config.get("padding", "valid"), 0.0)


def _bias(config: Config, weights: Weights, y: Array) -> Array:
    return y + weights("bias", y.shape[-1:]) if config.get("use_bias", True) else y


def _convolution(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    filters, groups = int(config["filters"]), int(config.get("groups", 1))  # type: ignore[arg-type]
    size, channels = _sizes(kind, config, "kernel_size"), x.shape[-1] // groups
    kernel = weights("kernel", (*size, channels, filters))
    each = filters // groups
    parts = []
    for group in range(groups):
        part: Array | np.float32 = np.float32(0)
        for offsets, seen in _places(kind, config, x[..., group * channels : (group + 1) * channels]):
            part = part + seen @ kernel[offsets][:, group * each : (group + 1) * each]
        parts.append(part)
    return _bias(config, weights, np.concatenate([np.asarray(part) for part in parts], -1))


def _each_channel(kind: str, config: Config, x: Array, kernel: Array) -> Array:
    y: Array | np.float32 = np.float32(0)
    for offsets, seen in _places(kind, config, x):
        y = y + seen[..., None] * kernel[offsets]
    return np.reshape(y, (*np.shape(y)[:-2], -1))


def _depthwise(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    shape = (*_sizes(kind, config, "kernel_size"), x.shape[-1], int(config.get("depth_multiplier", 1)))  # type: ignore[arg-type]
    return _bias(config, weights, _each_channel(kind, config, x, weights("kernel", shape)))


def _separable(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    size, each = _sizes(kind, config, "kernel_size"), int(config.get("depth_multiplier", 1))  # type: ignore[arg-type]
    channels, filters = x.shape[-1], int(config["filters"])  # type: ignore[arg-type]
    y = _each_channel(kind, config, x, weights("depthwise_kernel", (*size, channels, each)))
    pointwise = weights("pointwise_kernel", (*(1,) * len(size), channels * each, filters))
    mixed: Array = np.matmul(y, pointwise.reshape(channels * each, filters))
    return _bias(config, weights, mixed)


def _dense(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    return _bias(config, weights, np.matmul(x, weights("kernel", (x.shape[-1], int(config["units"])))))  # type: ignore[arg-type]


def _pooling(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    size, strides = _sizes(kind, config, "pool_size"), _sizes(kind, config, "strides")
    ones, padding = (1,) * len(size), config.get("padding", "valid")
    if kind.startswith("Max"):
        return np.maximum.reduce([seen for _, seen in _windows(x, size, strides, ones, padding, -np.inf)])
    total = sum(seen for _, seen in _windows(x, size, strides, ones, padding, 0.0))
    inside = sum(seen for _, seen in _windows(np.ones_like(x[:1, ..., :1]), size, strides, ones, padding, 0.0))
    return np.asarray(total / inside)  # what lies in the padding does not count


def _global_pooling(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    reduce = np.max if "Max" in kind else np.mean
    return np.asarray(reduce(x, axis=tuple(range(1, x.ndim - 1)), keepdims=bool(config.get("keepdims", False))))


def _batch_normalization(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    if config.get("axis", -1) not in (-1, x.ndim - 1):
        raise NotComputed("BatchNormalization along another axis")
    shape = x.shape[-1:]
    scale = (weights("moving_variance", shape) + float(config.get("epsilon", 0.001))) ** -0.5  # type: ignore[arg-type]
    y = (x - weights("moving_mean", shape)) * scale
    return _scaled(config, y, weights)


def _layer_normalization(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    if config.get("axis", -1) not in (-1, x.ndim - 1):
        raise NotComputed("LayerNormalization along another axis")
    deviation = (x.var(-1, keepdims=True) + float(config.get("epsilon", 0.001))) ** 0.5  # type: ignore[arg-type]
    return _scaled(config, (x - x.mean(-1, keepdims=True)) / deviation, weights)


def _scaled(config: Config, y: Array, weights: Weights) -> Array:
    shape = y.shape[-1:]
    if config.get("scale", True):
        y = y * weights("gamma", shape)
    return y + weights("beta", shape) if config.get("center", True) else y


def _rescaling(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    if config.get("channels") == "reversed":
        x = x[..., ::-1]
    return x * np.asarray(config["scale"], np.float32) + np.asarray(config.get("offset", 0.0), np.float32)


def _relu(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    limit, slope, threshold = (setting(kind, config, name) for name in ("max_value", "negative_slope", "threshold"))
    y = np.where(x >= float(threshold or 0), x, float(slope or 0) * (x - float(threshold or 0)))  # type: ignore[arg-type]
    return y if limit is None else np.minimum(y, float(limit))  # type: ignore[arg-type]


def _same(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    return x


def _reshaped(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    return x.reshape(len(x), *((-1,) if kind == "Flatten" else config["target_shape"]))  # type: ignore[misc]


def _permuted(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    return np.transpose(x, (0, *config["dims"]))  # type: ignore[misc]


def _borders(config: Config, name: str) -> tuple[int, int, int, int]:
    top, bottom, left, right = (int(one) for one in config.get(name, (0, 0, 0, 0)))  # type: ignore[union-attr]
    return top, bottom, left, right


def _zero_padding(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    top, bottom, left, right = _borders({"padding": (1, 1, 1, 1)} | dict(config), "padding")
    return np.pad(x, [(0, 0), (top, bottom), (left, right), (0, 0)])


def _cropping(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    top, bottom, left, right = _borders(config, "cropping")
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]


def _up_sampling(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    (x,) = inputs
    if config.get("interpolation", "nearest") != "nearest":
        raise NotComputed("UpSampling2D with an interpolation")
    height, width = _sizes(kind, config, "size")
    return x.repeat(height, 1).repeat(width, 2)


def _merged(combine: Callable[[Array, Array], Array]) -> Computation:
    def merge(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
        y = inputs[0]
        for x in inputs[1:]:
            y = combine(y, x)
        return y

    return merge


def _average(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    return np.asarray(sum(inputs) / len(inputs))


def _concatenate(kind: str, config: Config, inputs: Sequence[Array], weights: Weights) -> Array:
    return np.concatenate(inputs, int(config.get("axis", -1)))  # type: ignore[arg-type]


def _by_rank(name: str, ranks: Sequence[int], computation: Computation) -> dict[str, Computation]:
    return {name.format(rank): computation for rank in ranks}


LAYERS: dict[str, Computation] = {
    **_by_rank("Conv{}D", (1, 2, 3), _convolution),
    **_by_rank("DepthwiseConv{}D", (1, 2), _depthwise),
    **_by_rank("SeparableConv{}D", (1, 2), _separable),
    **_by_rank("MaxPooling{}D", (1, 2, 3), _pooling),
    **_by_rank("AveragePooling{}D", (1, 2, 3), _pooling),
    **_by_rank("GlobalMaxPooling{}D", (1, 2, 3), _global_pooling),
    **_by_rank("GlobalAveragePooling{}D", (1, 2, 3), _global_pooling),
    **_by_rank("SpatialDropout{}D", (1, 2, 3), _same),
    **dict.fromkeys(("Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise"), _same),
    **dict.fromkeys(("RandomFlip", "RandomBrightness", "Activation"), _same),
    "Dense": _dense,
    "Flatten": _reshaped,
    "Reshape": _reshaped,
    "Permute": _permuted,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "ReLU": _relu,
    "LeakyReLU": lambda kind, config, inputs, _: _leaky(inputs[0], float(setting(kind, config, "negative_slope"))),  # type: ignore[arg-type]
    "ELU": lambda kind, config, inputs, _: _elu(inputs[0], float(setting(kind, config, "alpha"))),  # type: ignore[arg-type]
    "Rescaling": _rescaling,
    "ZeroPadding2D": _zero_padding,
    "Cropping2D": _cropping,
    "UpSampling2D": _up_sampling,
    "Add": _merged(np.add),
    "Subtract": _merged(np.subtract),
    "Multiply": _merged(np.multiply),
    "Maximum": _merged(np.maximum),
    "Minimum": _merged(np.minimum),
    "Average": _average,
    "Concatenate": _concatenate,
}
"""Computation of each kind of layer, without its activation."""


def multiplications(kind: str, config: Config, channels: int, output: Sequence[int]) -> int:
    """Multiplications of one layer for one image, about: of a convolution or Dense layer, 0 for the others.

    Args:
        kind: the Keras class name.
        config: its settings.
        channels: of its input.
        output: sizes of its output, without the batch axis.
    """
    if kind == "Dense":
        return prod(output) * channels
    if "Conv" not in kind:
        return 0
    return prod(output) * prod(_sizes(kind, config, "kernel_size")) * (1 if kind.startswith("Depthwise") else channels)

"""Formulas of `cnnkit.networks.shapes.layer_arithmetic`, one function for each family of layers.

Each takes the kind, the settings and the input shapes (batch axis first, None for an unknown size) of a layer, and
returns its output shape or a number of its weights. Sources: V. Dumoulin and F. Visin, "A guide to convolution
arithmetic for deep learning" (2016), and the Keras documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import cast

from cnnkit.errors import KitError
from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import Setting, Shape
from cnnkit.networks.wording import shape_text, sizes_text

Config = Mapping[str, Setting]


class ImpossibleLayer(KitError, ValueError):
    """The layer cannot be applied to this input, e.g. its kernel is larger than the image."""


class UnknownLayer(KitError, ValueError):
    """This module has no formula for the kind of layer."""


def window_output(
    size: int | None, window: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> int | None:
    """Number of positions of a sliding window along one axis.

    With n the size, k' = d(k - 1) + 1 the window's length k stretched by its dilation d, and s the stride, it is
    floor((n - k') / s) + 1 for "valid" and ceil(n / s) for "same" (Dumoulin and Visin, relationships 5 and 6; "same"
    pads as Keras does, so that only the stride makes the result smaller).

    Args:
        size: values along the axis; None if unknown.
        window: values that the window covers.
        stride: values from one position to the next.
        padding: "valid", "same", or "causal", which pads as many as "same".
        dilation: distance between the values that the window covers.

    Returns:
        The number of positions; None if the size is unknown.

    Raises:
        ImpossibleLayer: the window does not fit into the size, or window, stride or dilation is less than 1.

    Example:
        >>> window_output(28, 3, stride=2), window_output(28, 3, stride=2, padding="same")
        (13, 14)
    """
    if size is None:
        return None
    if stride < 1 or window < 1 or dilation < 1:
        raise ImpossibleLayer(f"window {window}, stride {stride} and dilation {dilation} have to be at least 1")
    if padding in ("same", "causal"):
        return -(-size // stride)
    reach = dilation * (window - 1) + 1
    if reach > size:
        raise ImpossibleLayer(f"a window of {reach} does not fit into {size} values without padding")
    return (size - reach) // stride + 1


def _only(kind: str, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) != 1:
        raise ImpossibleLayer(f"{kind} takes one input, it was given {len(shapes)}")
    return shapes[0]


def _ints(kind: str, config: Config, name: str, count: int) -> tuple[int, ...]:
    value = setting(kind, config, name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,) * count
    if not isinstance(value, tuple) or len(value) != count or not all(isinstance(v, int) for v in value):
        raise ImpossibleLayer(f"{kind} needs {name} as {count} whole numbers, it has {value!r}")
    return cast(tuple[int, ...], value)


def _int(kind: str, config: Config, name: str) -> int:
    return _ints(kind, config, name, 1)[0]


def _split(kind: str, config: Config, shapes: Sequence[Shape], rank: int) -> tuple[Shape, int | None]:
    """Split the shape of an image input into its spatial sizes and its channels."""
    shape = _only(kind, shapes)
    if len(shape) != rank + 2:
        raise ImpossibleLayer(
            f"{kind} needs an input with {rank} spatial axes and channels, it was given the shape {shape_text(shape)}"
        )
    if setting(kind, config, "data_format") == "channels_first":
        return shape[2:], shape[1]
    return shape[1:-1], shape[-1]


def _join(kind: str, config: Config, batch: int | None, sizes: Sequence[int | None], channels: int | None) -> Shape:
    if setting(kind, config, "data_format") == "channels_first":
        return (batch, channels, *sizes)
    return (batch, *sizes, channels)


def _known(kind: str, size: int | None) -> int:
    if size is None:
        raise ImpossibleLayer(f"{kind} needs to know the size of its input's last axes, one of them is open")
    return size


def _rank(kind: str) -> int:
    return int(kind[-2])


def _slide(kind: str, config: Config, sizes: Shape, window: str) -> tuple[int | None, ...]:
    rank = len(sizes)
    windows = _ints(kind, config, window, rank)
    strides = _ints(kind, config, "strides", rank)
    dilations = _ints(kind, config, "dilation_rate", rank) if window == "kernel_size" else (1,) * rank
    padding = str(setting(kind, config, "padding"))
    try:
        return tuple(
            window_output(n, k, s, padding, d) for n, k, s, d in zip(sizes, windows, strides, dilations, strict=True)
        )
    except ImpossibleLayer:
        reach = tuple(d * (k - 1) + 1 for k, d in zip(windows, dilations, strict=True))
        raise ImpossibleLayer(
            f"a window of {sizes_text(reach)} does not fit into an input of {sizes_text(sizes)} without padding"
        ) from None


def _conv_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    sizes, channels = _split(kind, config, shapes, _rank(kind))
    if kind.startswith("Depthwise"):
        filters: int | None = None if channels is None else channels * _int(kind, config, "depth_multiplier")
    else:
        filters = _int(kind, config, "filters")
    return _join(kind, config, shapes[0][0], _slide(kind, config, sizes, "kernel_size"), filters)


def _conv_parameters(kind: str, config: Config, shapes: Sequence[Shape]) -> int:
    """Weights of a filter = kernel area × input channels of its group, plus one bias if it has one."""
    rank = _rank(kind)
    channels = _known(kind, _split(kind, config, shapes, rank)[1])
    area = prod(_ints(kind, config, "kernel_size", rank))
    bias = bool(setting(kind, config, "use_bias"))
    if kind.startswith("Depthwise"):
        filters = channels * _int(kind, config, "depth_multiplier")
        return area * filters + (filters if bias else 0)
    filters = _int(kind, config, "filters")
    if kind.startswith("Separable"):
        # A depthwise step without bias, then a 1x1 convolution that mixes its channels.
        between = channels * _int(kind, config, "depth_multiplier")
        return area * between + between * filters + (filters if bias else 0)
    groups = _int(kind, config, "groups")
    if groups < 1 or channels % groups or filters % groups:
        raise ImpossibleLayer(f"{groups} groups do not divide {channels} input channels and {filters} filters")
    return area * (channels // groups) * filters + (filters if bias else 0)


def _pool_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    sizes, channels = _split(kind, config, shapes, _rank(kind))
    return _join(kind, config, shapes[0][0], _slide(kind, config, sizes, "pool_size"), channels)


def _global_pool_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    sizes, channels = _split(kind, config, shapes, _rank(kind))
    if setting(kind, config, "keepdims"):
        return _join(kind, config, shapes[0][0], (1,) * len(sizes), channels)
    return (shapes[0][0], channels)


def _dense_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    shape = _only(kind, shapes)
    if len(shape) < 2:
        raise ImpossibleLayer(f"Dense needs an input with features, it was given the shape {shape_text(shape)}")
    return (*shape[:-1], _int(kind, config, "units"))


def _dense_parameters(kind: str, config: Config, shapes: Sequence[Shape]) -> int:
    """One weight for each input and unit, plus one bias for each unit if it has one."""
    units = _int(kind, config, "units")
    return _known(kind, _only(kind, shapes)[-1]) * units + (units if setting(kind, config, "use_bias") else 0)


def _flatten_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    shape = _only(kind, shapes)
    return (shape[0], None if None in shape[1:] else prod(cast(tuple[int, ...], shape[1:])))


def _reshape_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    shape = _only(kind, shapes)
    target = setting(kind, config, "target_shape")
    if not isinstance(target, tuple) or target.count(-1) > 1:
        raise ImpossibleLayer(f"Reshape needs a target_shape with at most one -1, it has {target!r}")
    wanted = [int(size) for size in target]
    if None in shape[1:]:
        return (shape[0], *(None if size == -1 else size for size in wanted))
    total, given = prod(cast(tuple[int, ...], shape[1:])), prod(size for size in wanted if size != -1)
    if (-1 in wanted and (given == 0 or total % given)) or (-1 not in wanted and given != total):
        raise ImpossibleLayer(f"{total:,} values of {shape_text(shape)} do not fill the shape {sizes_text(wanted)}")
    return (shape[0], *(total // given if size == -1 else size for size in wanted))


def _permute_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    shape = _only(kind, shapes)
    order = _ints(kind, config, "dims", len(shape) - 1)
    if sorted(order) != list(range(1, len(shape))):
        raise ImpossibleLayer(f"dims {order} do not name each axis of {shape_text(shape)} once")
    return (shape[0], *(shape[axis] for axis in order))


def _same_shape(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    return _only(kind, shapes)


def _axes(kind: str, config: Config, shape: Shape) -> tuple[int, ...]:
    value = setting(kind, config, "axis")
    axes = value if isinstance(value, tuple) else (value,)
    rank = len(shape)
    if not all(isinstance(axis, int) and -rank <= axis < rank for axis in axes):
        raise ImpossibleLayer(f"{kind} with axis {value!r} does not fit an input of shape {shape_text(shape)}")
    return tuple(cast(int, axis) % rank for axis in axes)


def _norm_parameters(kind: str, config: Config, shapes: Sequence[Shape]) -> int:
    """One scale (gamma) and one shift (beta) for each feature along `axis`, if `scale` and `center` are set."""
    shape = _only(kind, shapes)
    features = prod(_known(kind, shape[axis]) for axis in _axes(kind, config, shape))
    return features * (bool(setting(kind, config, "scale")) + bool(setting(kind, config, "center")))


def moving_parameters(kind: str, config: Config, shapes: Sequence[Shape]) -> int:
    """Number of weights that no gradient changes: BatchNormalization's moving means and variances."""
    if kind != "BatchNormalization":
        return 0
    shape = _only(kind, shapes)
    return 2 * prod(_known(kind, shape[axis]) for axis in _axes(kind, config, shape))


def _prelu_parameters(kind: str, config: Config, shapes: Sequence[Shape]) -> int:
    shape = _only(kind, shapes)
    shared = setting(kind, config, "shared_axes")
    axes = shared if isinstance(shared, tuple) else ()
    return prod(1 if axis in axes else _known(kind, size) for axis, size in enumerate(shape) if axis > 0)


def _sides(kind: str, config: Config, name: str) -> tuple[int, int, int, int]:
    value = setting(kind, config, name)
    if isinstance(value, tuple) and len(value) == 2:
        return cast(tuple[int, int, int, int], (value[0], value[0], value[1], value[1]))
    return cast(tuple[int, int, int, int], _ints(kind, config, name, 4))


def _border_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    sizes, channels = _split(kind, config, shapes, 2)
    name, sign = ("padding", 1) if kind == "ZeroPadding2D" else ("cropping", -1)
    top, bottom, left, right = _sides(kind, config, name)
    grown = [
        None if n is None else n + sign * change for n, change in zip(sizes, (top + bottom, left + right), strict=True)
    ]
    if any(n is not None and n < 1 for n in grown):
        raise ImpossibleLayer(f"cropping leaves nothing of an input of {sizes_text(sizes)}")
    return _join(kind, config, shapes[0][0], grown, channels)


def _upsample_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    sizes, channels = _split(kind, config, shapes, 2)
    factors = _ints(kind, config, "size", 2)
    grown = [None if n is None else n * factor for n, factor in zip(sizes, factors, strict=True)]
    return _join(kind, config, shapes[0][0], grown, channels)


def _merge_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    """Merge element by element; axes of size 1 are broadcast."""
    if len(shapes) < 2 or len({len(shape) for shape in shapes}) > 1:
        raise ImpossibleLayer(f"{kind} needs two or more inputs of the same rank, it was given {_shapes_text(shapes)}")
    merged: list[int | None] = []
    for sizes in zip(*shapes, strict=True):
        known = {size for size in sizes if size not in (None, 1)}
        if len(known) > 1:
            raise ImpossibleLayer(f"{kind} needs inputs of the same shape, it was given {_shapes_text(shapes)}")
        merged.append(known.pop() if known else (None if None in sizes else 1))
    return tuple(merged)


def _concatenate_output(kind: str, config: Config, shapes: Sequence[Shape]) -> Shape:
    if len({len(shape) for shape in shapes}) != 1:
        raise ImpossibleLayer(f"Concatenate needs inputs of the same rank, it was given {_shapes_text(shapes)}")
    (axis,) = _axes(kind, config, shapes[0])
    for place, sizes in enumerate(zip(*shapes, strict=True)):
        if place != axis and len({size for size in sizes if size is not None}) > 1:
            raise ImpossibleLayer(
                f"Concatenate needs inputs that differ only in axis {axis}, given {_shapes_text(shapes)}"
            )
    along = [shape[axis] for shape in shapes]
    joined = list(shapes[0])
    for place, sizes in enumerate(zip(*shapes, strict=True)):
        joined[place] = next((size for size in sizes if size is not None), None)
    joined[axis] = None if None in along else sum(cast(list[int], along))
    return tuple(joined)


def _shapes_text(shapes: Sequence[Shape]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes)


_Output = Callable[[str, Config, Sequence[Shape]], Shape]
_Count = Callable[[str, Config, Sequence[Shape]], int]

_CONVOLUTIONS = (
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
)
_POOLS = [f"{which}Pooling{rank}D" for which in ("Max", "Average") for rank in (1, 2, 3)]
_DROPPING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "AlphaDropout")
_POINTWISE = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "Rescaling", "GaussianNoise")
_NORMALISING = ("BatchNormalization", "LayerNormalization", "GroupNormalization")
_AUGMENTING = [f"Random{what}" for what in ("Flip", "Rotation", "Translation", "Zoom", "Contrast", "Brightness")]

OUTPUT: dict[str, _Output] = {
    **dict.fromkeys(_CONVOLUTIONS, _conv_output),
    **dict.fromkeys(_POOLS, _pool_output),
    **dict.fromkeys([f"Global{kind}" for kind in _POOLS], _global_pool_output),
    **dict.fromkeys([*_DROPPING, *_POINTWISE, *_NORMALISING, *_AUGMENTING], _same_shape),
    **dict.fromkeys(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"], _merge_output),
    "Concatenate": _concatenate_output,
    "Dense": _dense_output,
    "Flatten": _flatten_output,
    "Reshape": _reshape_output,
    "Permute": _permute_output,
    "ZeroPadding2D": _border_output,
    "Cropping2D": _border_output,
    "UpSampling2D": _upsample_output,
}

PARAMETERS: dict[str, _Count] = {
    **dict.fromkeys(_CONVOLUTIONS, _conv_parameters),
    **dict.fromkeys(_NORMALISING, _norm_parameters),
    "Dense": _dense_parameters,
    "PReLU": _prelu_parameters,
}

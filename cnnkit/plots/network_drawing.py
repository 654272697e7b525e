"""A network's layers from top to bottom, each with its output and its parameters."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Shape
from cnnkit.networks.wording import shape_text
from cnnkit.plots import style
from cnnkit.plots.palette import INK, LINE, PALE_INK, SERIES

MOST_LAYERS = 60
"""Layers that one picture holds; of longer networks the first ones are drawn, and the last row says how many follow."""

_BLOCK, _NAME, _SHAPE, _COUNT, _BAR, _RIGHT = 0.0, 1.6, 6.1, 8.95, 9.15, 12.0
"""Left edges of the columns (right edges of the counts), in row heights."""

_FACE, _TOP, _SIDE = "#bcd3ea", "#dbe7f3", "#8fb3d6"


def architecture(model_or_spec: Any, ax: Axes | None = None) -> Figure:
    """Draw a network: each layer's output as a block, its settings, its output shape and its share of the parameters.

    Args:
        model_or_spec: a Keras model, or a ModelSpec (then Keras is not needed).
        ax: axes to draw into; without them a new figure is made.

    Returns:
        The figure.

    Raises:
        ValueError: not a model, or one whose shapes are not known yet; the message says which.

    Example:
        >>> import keras
        >>> figure = architecture(keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()]))
    """
    spec = model_or_spec if isinstance(model_or_spec, ModelSpec) else _described(model_or_spec)
    layers = spec.layers[:MOST_LAYERS]
    rows = len(layers) + 2 + (len(layers) < len(spec.layers))
    largest = max([_sizes(spec.input_shape)[0], *(_sizes(layer.output_shape)[0] for layer in layers), 1])
    with style.course_style():
        ax = style.axes_for(ax, 8.4, 0.5 * rows + 0.35)
        _headings(ax)
        _row(ax, 1, "input", "", spec.input_shape, largest)
        for number, layer in enumerate(layers):
            _row(ax, number + 2, layer.kind, short_settings(layer), layer.output_shape, largest)
            _parameters(ax, number + 2, layer.parameters, spec.parameters)
        if len(layers) < len(spec.layers):
            ax.text(_NAME, -rows + 1, f"… and {len(spec.layers) - len(layers)} more layers", va="center")
        _total(ax, rows, spec)
        ax.set_xlim(-0.1, _RIGHT + 1.2)
        ax.set_ylim(-rows - 0.5, 0.4)
        ax.set_axis_off()
    return style.figure_of(ax)


def short_settings(layer: LayerSpec) -> str:
    """The main settings of a layer, in a few words.

    Example:
        >>> config = {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "padding": "valid", "activation": "relu"}
        >>> short_settings(LayerSpec("Conv2D", config, (None, 13, 13, 64), 640, 640))
        '64 filters 3×3, stride 2, valid, relu'
    """
    config, words = layer.config, []
    if config.get("filters") is not None:
        words.append(f"{config['filters']} filters {_pair(config.get('kernel_size'))}".rstrip())
    elif config.get("kernel_size") is not None:
        words.append(f"kernel {_pair(config['kernel_size'])}")
    if config.get("pool_size") is not None:
        words.append(f"pool {_pair(config['pool_size'])}")
    if config.get("units") is not None:
        words.append(f"{config['units']} units")
    if config.get("strides") is not None:
        words.append(f"stride {_pair(config['strides'], square=True)}")
    if isinstance(config.get("padding"), str):
        words.append(str(config["padding"]))
    if config.get("rate") is not None:
        words.append(f"rate {config['rate']}")
    if config.get("activation") not in (None, "linear"):
        words.append(str(config["activation"]))
    return ", ".join(words)


def _described(model: Any) -> ModelSpec:
    from cnnkit.networks.describe.keras_model import describe  # imported here: a ModelSpec can be drawn without Keras

    return describe(model)


def _pair(value: object, square: bool = False) -> str:
    """(3, 3) as "3×3", or as "3" where `square` says that one number is enough."""
    if not isinstance(value, tuple):
        return "" if value is None else str(value)
    if square and len(set(value)) == 1:
        return str(value[0])
    return "×".join(map(str, value))


def _sizes(shape: Shape) -> tuple[int, int]:
    """Side and channels of an image-like output; 0 and the number of values of any other."""
    sizes = [size or 1 for size in shape[1:]]
    return (max(sizes[:-1]), sizes[-1]) if len(sizes) >= 3 else (0, math.prod(sizes))


def _headings(ax: Axes) -> None:
    for x, text, align in (
        (_NAME, "layer", "left"),
        (_SHAPE, "output", "left"),
        (_COUNT, "parameters", "right"),
        (_BAR + 0.05, "share", "left"),
    ):
        ax.text(x, 0, text, ha=align, va="center", color=PALE_INK, fontsize=9)
    ax.plot([_BLOCK, _RIGHT + 1.0], [-0.42, -0.42], color=LINE, linewidth=0.8)


def _row(ax: Axes, row: int, kind: str, setting: str, shape: Shape, largest: int) -> None:
    """Block, name, settings and output shape of one layer."""
    y = -float(row)
    side, depth = _sizes(shape)
    if side:
        _block(ax, y, 0.68 * side / largest, 0.08 + 0.1 * math.log2(depth))
    else:
        width = 0.35 * math.log10(max(depth, 2))
        ax.add_patch(Rectangle((_BLOCK + 0.05, y - 0.07), width, 0.14, facecolor=_FACE, edgecolor=PALE_INK, lw=0.7))
    name = ax.text(_NAME, y + (0.17 if setting else 0), kind, va="center", fontweight="bold", fontsize=10)
    name.set_gid(f"layer-{row}")
    if setting:
        ax.text(_NAME, y - 0.2, setting, va="center", color=PALE_INK, fontsize=8.5)
    ax.text(_SHAPE, y, shape_text(shape), va="center")


def _block(ax: Axes, y: float, side: float, depth: float) -> None:
    """A cuboid seen from the front left: side = height and width, depth = channels (logarithmic)."""
    x, bottom, shift = _BLOCK + 0.05, y - side / 2, 0.35 * depth
    edge: dict[str, Any] = {"edgecolor": PALE_INK, "linewidth": 0.7, "joinstyle": "round"}
    top, right = bottom + side, x + side
    ax.add_patch(
        Polygon(
            [(x, top), (right, top), (right + depth, top + shift * 0.4), (x + depth, top + shift * 0.4)],
            facecolor=_TOP,
            **edge,
        )
    )
    ax.add_patch(
        Polygon(
            [(right, bottom), (right, top), (right + depth, top + shift * 0.4), (right + depth, bottom + shift * 0.4)],
            facecolor=_SIDE,
            **edge,
        )
    )
    ax.add_patch(Rectangle((x, bottom), side, side, facecolor=_FACE, **edge))


def _parameters(ax: Axes, row: int, parameters: int, total: int) -> None:
    """The number, a bar as long as its share of all parameters, and the share in per cent."""
    y = -float(row)
    ax.text(_COUNT, y, f"{parameters:,}", ha="right", va="center", color=INK if parameters else PALE_INK)
    if parameters and total:
        share = parameters / total
        width = max(share * (_RIGHT - _BAR - 0.9), 0.03)
        ax.add_patch(Rectangle((_BAR + 0.05, y - 0.16), width, 0.32, facecolor=SERIES[0][0]))
        ax.text(_BAR + width + 0.15, y, f"{100 * share:.1f} %", va="center", fontsize=9)


def _total(ax: Axes, rows: int, spec: ModelSpec) -> None:
    y = -float(rows)
    ax.plot([_BLOCK, _RIGHT + 1.0], [y + 0.45, y + 0.45], color=LINE, linewidth=0.8)
    ax.text(_NAME, y, "in all", va="center")
    ax.text(_COUNT, y, f"{spec.parameters:,}", ha="right", va="center", fontweight="bold")
    if spec.trainable != spec.parameters:
        ax.text(_BAR + 0.05, y, f"{spec.trainable:,} of them trained", va="center", fontsize=9)

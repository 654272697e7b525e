"""Rewrite arithmetic on pixels as one Rescaling layer.

`x / 127.5 - 1`, `Rescaling(1 / 127.5, -1)`, a Normalization with given statistics, reversing the channels and
subtracting a mean colour as `keras.applications.vgg16.preprocess_input` does: each is a scale and an offset for every
channel, and the network's input is `x * scale + offset`. A scale or an offset that differs between channels is a tuple.
The setting `channels` is "reversed" if the channels are reversed first, and absent otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sqrt

from cnnkit.networks.model_spec import LayerSpec, Setting

_ROUNDING = 12
"""Significant digits of combined constants, so that (x / 127.5) - 1 in two steps equals the same in one."""

_SMALLEST_DEVIATION = 1e-7
"""Smallest number that Keras's Normalization divides by (`keras.config.epsilon()`)."""

_REVERSED: dict[str, Setting] = {"scale": 1.0, "offset": 0.0, "channels": "reversed"}

Constant = float | tuple[float, ...]


def with_constant(layer: LayerSpec) -> LayerSpec:
    """Rewrite `x * c`, `x / c`, `x + c` or `x - c` as the equivalent Rescaling; return other layers unchanged.

    The constant c is a number, or one number for each channel.
    """
    left, right = layer.config.get("argument_0"), layer.config.get("argument_1")
    constant = _constant(right if right is not None else left, layer)
    if constant is None:
        return layer
    if right is None and layer.kind in ("true_divide", "subtract"):
        return layer  # c / x and c - x are no Rescaling
    if layer.kind == "true_divide":
        if constant == 0 or (isinstance(constant, tuple) and 0 in constant):
            return layer
        return _rescaling(layer, _each(lambda c, _: 1 / c, constant, 0.0), 0.0)
    if layer.kind == "multiply":
        return _rescaling(layer, constant, 0.0)
    sign = -1.0 if layer.kind == "subtract" else 1.0
    return _rescaling(layer, 1.0, _each(lambda c, _: sign * c, constant, 0.0))


def normalization(layer: LayerSpec) -> LayerSpec:
    """Rewrite a Normalization along the channels with given mean and variance; return an adapted one unchanged."""
    mean, variance = (_constant(layer.config.get(name), layer) for name in ("mean", "variance"))
    if mean is None or variance is None or layer.config.get("invert") or layer.config.get("axis") not in (-1, None):
        return layer
    scale = _each(lambda v, _: 1 / max(sqrt(max(v, 0.0)), _SMALLEST_DEVIATION), variance, 0.0)
    return _rescaling(layer, scale, _each(lambda m, s: -m * s, mean, scale))


def reversal(layers: Sequence[LayerSpec], layer: LayerSpec) -> LayerSpec:
    """Rewrite a reversal of the channels: `x[..., ::-1]`, a flip, or a stack of single channels.

    Args:
        layers: the layers of the network, to which the positions in `layer.inputs` refer.
        layer: the layer to rewrite; returned unchanged if it is no reversal.
    """
    if layer.kind == "get_item" and layer.config.get("key") == "..., ::-1":
        return replace(layer, kind="Rescaling", config=_REVERSED)
    if layer.kind == "flip" and layer.config.get("axis") in (-1, len(layer.output_shape) - 1):
        return replace(layer, kind="Rescaling", config=_REVERSED)
    if layer.kind not in ("stack", "concatenate") or layer.config.get("axis") not in (-1, len(layer.output_shape) - 1):
        return layer
    count, single = layer.output_shape[-1], layer.kind == "stack"
    if count != len(layer.inputs) or any(source < 0 for source in layer.inputs):
        return layer
    parts = [layers[source] for source in layer.inputs]
    wanted = [f"..., {k}" if single else f"..., {k}:{k + 1}" for k in reversed(range(len(parts)))]
    if [part.config.get("key") for part in parts] != wanted or len({part.inputs for part in parts}) != 1:
        return layer
    if parts[0].config.get("channels") != count:
        return layer  # some are left out
    return replace(layer, kind="Rescaling", config=_REVERSED, inputs=parts[0].inputs)


def merge_rescalings(before: LayerSpec, layer: LayerSpec) -> LayerSpec | None:
    """Combine two Rescalings into one; None if their settings are not numbers, or of different numbers of channels."""
    s1, o1, s2, o2 = (_as_floats(one.config.get(name)) for one in (before, layer) for name in ("scale", "offset"))
    if s1 is None or o1 is None or s2 is None or o2 is None:
        return None
    if len({len(value) for value in (s1, o1, s2, o2) if isinstance(value, tuple)}) > 1:
        return None
    reverses = ["channels" in one.config for one in (before, layer)]
    if reverses[1]:
        s1, o1 = _reversed(s1), _reversed(o1)
    scale = _each(lambda a, b: a * b, s1, s2)
    offset = _each(lambda a, b: a + b, _each(lambda a, b: a * b, o1, s2), o2)
    return _rescaling(before, scale, offset, reverse=reverses[0] != reverses[1])


def _rescaling(layer: LayerSpec, scale: Constant, offset: Constant, *, reverse: bool = False) -> LayerSpec:
    config: dict[str, Setting] = {"scale": _canonical(scale), "offset": _canonical(offset)}
    return replace(layer, kind="Rescaling", config=config | ({"channels": "reversed"} if reverse else {}))


def _constant(value: Setting, layer: LayerSpec) -> Constant | None:
    """Convert a setting to a number, or one for each channel of the layer's output; None if it is neither."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    constant = _as_floats(value)
    if isinstance(constant, tuple) and (len(constant) < 2 or layer.output_shape[-1:] != (len(constant),)):
        return None
    return constant


def _as_floats(value: Setting) -> Constant | None:
    if isinstance(value, tuple):
        return tuple(float(item) for item in value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _each(rule: Callable[[float, float], float], one: Constant, other: Constant) -> Constant:
    """Apply a rule to two constants, channel by channel if one of them has channels."""
    if not isinstance(one, tuple) and not isinstance(other, tuple):
        return rule(one, other)
    count = len(one) if isinstance(one, tuple) else len(other)  # type: ignore[arg-type]
    pairs = zip(*(value if isinstance(value, tuple) else (value,) * count for value in (one, other)), strict=True)
    return tuple(rule(a, b) for a, b in pairs)


def _reversed(value: Constant) -> Constant:
    return value[::-1] if isinstance(value, tuple) else value


def _canonical(value: Constant) -> Constant:
    """Round a constant, and reduce it to one number if all channels have the same."""
    if isinstance(value, tuple):
        rounded = tuple(_rounded(item) for item in value)
        return rounded[0] if len(set(rounded)) == 1 else rounded
    return _rounded(value)


def _rounded(number: float) -> float:
    return float(f"{number:.{_ROUNDING}g}")

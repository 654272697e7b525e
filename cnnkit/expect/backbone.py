"""Split a network that is built on a backbone into its three parts: preprocessing, backbone and head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnnkit.networks.backbones import BACKBONES, backbone_in
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting, Shape


@dataclass(frozen=True)
class NetworkParts:
    """Parts of a network.

    Attributes:
        front: the layers before the backbone, in order.
        backbone: positions of the backbone's layers; without a backbone, of all layers before the head.
        name: name of the backbone; "" if it is none of `BACKBONES`, or not whole.
        head: the layers after it as a network in canonical form, see `plain_head`.
    """

    front: tuple[LayerSpec, ...]
    backbone: range
    name: str
    head: ModelSpec


def parts(spec: ModelSpec, wanted: str) -> NetworkParts:
    """Split a network into its parts.

    Args:
        spec: any network.
        wanted: name of the backbone to search for first, before the others.
    """
    for name in (wanted, *BACKBONES):
        place = backbone_in(spec, name)
        if place is not None:
            return NetworkParts(_front(spec, place.start), place, name, _behind(spec, place.stop))
    flat = (k for k, layer in enumerate(spec.layers) if len(layer.output_shape) == 2)
    stop = next(flat, len(spec.layers))
    return NetworkParts((), range(stop), "", _behind(spec, stop))


def _front(spec: ModelSpec, start: int) -> tuple[LayerSpec, ...]:
    """Layers that lead from the input to the backbone."""
    chain: list[LayerSpec] = []
    source = spec.layers[start].inputs[0]
    while source >= 0:
        layer = spec.layers[source]
        chain.insert(0, layer)
        source = layer.inputs[0] if layer.inputs else -1
    return tuple(chain)


def _behind(spec: ModelSpec, stop: int) -> ModelSpec:
    """Layers from position `stop` on, as a network whose input is the output of the layer before."""
    layers = tuple(
        replace(layer, inputs=tuple(max(source - stop, -1) for source in layer.inputs)) for layer in spec.layers[stop:]
    )
    shape: Shape = spec.layers[stop - 1].output_shape if 0 < stop <= len(spec.layers) else spec.input_shape
    return plain_head(
        ModelSpec(
            input_shape=shape,
            layers=layers,
            outputs=tuple(max(output - stop, -1) for output in spec.outputs),
            parameters=sum(layer.parameters for layer in layers),
            trainable=sum(layer.trainable for layer in layers),
        )
    )


def layers_of_top(head: ModelSpec) -> list[LayerSpec]:
    """Layers of a head that come from the top of a backbone of `keras.applications`, cut off too late.

    Args:
        head: the layers behind a backbone.

    Returns:
        Those with a name and a size that Keras gives to layers with weights in a top: 4,096 or 1,000 outputs.

    Example:
        >>> fc1 = LayerSpec("Dense", {"units": 4096}, (None, 4096), 0, 0, (-1,), name="fc1")
        >>> [layer.name for layer in layers_of_top(ModelSpec((None, 512), (fc1,), (0,), 0, 0))]
        ['fc1']
    """
    return [layer for layer in head.layers if _TOP.get(layer.name) == layer.output_shape[-1] and layer.kind in _WEIGHTY]


def behind_top(head: ModelSpec) -> ModelSpec:
    """Rest of a head that begins with the top of a backbone: what its author put there; all of another head.

    Args:
        head: the layers behind a backbone.

    Returns:
        The layers from the first one with weights behind the top.

    Example:
        >>> fc1 = LayerSpec("Dense", {"units": 4096}, (None, 4096), 0, 0, (-1,), name="fc1")
        >>> own = LayerSpec("Dense", {"units": 1}, (None, 1), 0, 0, (0,), name="dense")
        >>> [layer.name for layer in behind_top(ModelSpec((None, 512), (fc1, own), (1,), 0, 0)).layers]
        ['dense']
    """
    top = layers_of_top(head)
    if not top:
        return head
    stop = max(k for k, layer in enumerate(head.layers) if layer in top) + 1
    weighty = (k for k, layer in enumerate(head.layers) if k >= stop and layer.kind in _WEIGHTY)
    return _behind(head, next(weighty, len(head.layers)))


_TOP = {"fc1": 4096, "fc2": 4096, "predictions": 1000, "conv_preds": 1000}
"""Outputs of the layers with weights in the tops, by Keras's name."""

_WEIGHTY = ("Dense", "Conv2D")


def plain_head(head: ModelSpec) -> ModelSpec:
    """Rewrite a head in canonical form.

    A Flatten of a vector (batch, values) is left out, and one after a global pooling that keeps the spatial axes. An
    AveragePooling2D with a window as large as the feature map, and a Flatten of a map (batch, 1, 1, channels), become
    GlobalAveragePooling2D.
    """
    layers: list[LayerSpec] = []
    place: dict[int, int] = {-1: -1}
    for position, layer in enumerate(head.layers):
        before = _shape_before(head, layer)
        source = place[layer.inputs[0]] if layer.inputs else -1
        pooled = source >= 0 and layers[source].kind.startswith("Global")
        if layer.kind == "Flatten" and (len(before) == 2 or pooled):
            place[position] = source
            if pooled:
                plain: dict[str, Setting] = {**layers[source].config, "keepdims": False}
                layers[source] = replace(layers[source], config=plain, output_shape=layer.output_shape)
            continue
        averages = layer.kind == "AveragePooling2D" and layer.config.get("pool_size") == tuple(before[1:3])
        if averages or (layer.kind == "Flatten" and before[1:3] == (1, 1)):
            config: dict[str, Setting] = {"keepdims": averages, "data_format": "channels_last"}
            layer = replace(layer, kind="GlobalAveragePooling2D", config=config)
        layers.append(replace(layer, inputs=tuple(place[source] for source in layer.inputs)))
        place[position] = len(layers) - 1
    return replace(head, layers=tuple(layers), outputs=tuple(place[output] for output in head.outputs))


def _shape_before(head: ModelSpec, layer: LayerSpec) -> Shape:
    source = layer.inputs[0] if layer.inputs else -1
    return head.layers[source].output_shape if source >= 0 else head.input_shape


def rescaled(layers: Sequence[LayerSpec], pixels: NDArray[np.floating]) -> NDArray[np.floating] | None:
    """Apply Rescaling layers to pixels.

    Args:
        layers: the layers, in order.
        pixels: (..., channels).

    Returns:
        Values of the same shape; None if a layer is no Rescaling, or its settings are not numbers.

    Example:
        >>> half = LayerSpec("Rescaling", {"scale": 0.5, "offset": 1.0}, (), 0, 0)
        >>> rescaled([half], np.array([[2.0, 4.0, 6.0]]))
        array([[2., 3., 4.]])
    """
    for layer in layers:
        scale, offset = (layer.config.get(name) for name in ("scale", "offset"))
        if layer.kind != "Rescaling" or not isinstance(scale, int | float | tuple):
            return None
        if not isinstance(offset, int | float | tuple):
            return None
        if "channels" in layer.config:
            pixels = pixels[..., ::-1]
        pixels = pixels * np.asarray(scale, np.float64) + np.asarray(offset, np.float64)
    return pixels

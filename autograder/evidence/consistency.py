"""Consistency of a reported network: its shapes and parameters against the arithmetic of its settings.

Shapes and parameters are computed here from each layer's settings and compared with what Keras reported in the child.
If they disagree, either Keras was tampered with there or our arithmetic is wrong: both are worth knowing.
"""

from __future__ import annotations

from cnnkit.networks.model_spec import ModelSpec, Shape
from cnnkit.networks.shapes.layer_arithmetic import (
    ImpossibleLayer,
    UnknownLayer,
    layer_output,
    layer_parameters,
)
from cnnkit.networks.wording import count, layer_label, shape_text


def disagreement(spec: ModelSpec) -> str:
    """The first layer whose reported shape or parameters do not follow from its settings, in a sentence; "" for none.

    Layers without a formula are believed. A batch axis that is left open fits any.
    """
    for position, layer in enumerate(spec.layers):
        inputs = [spec.input_shape if source < 0 else spec.layers[source].output_shape for source in layer.inputs]
        label = layer_label(spec.layers, position)
        try:
            shape = layer_output(layer.kind, layer.config, inputs)
            parameters = layer_parameters(layer.kind, layer.config, inputs)
        except UnknownLayer:
            continue
        except ImpossibleLayer as reason:
            return f"{label} is reported, but its settings cannot be built: {reason}"
        if not _same_shape(shape, layer.output_shape) or parameters != layer.parameters:
            return (
                f"{label} is reported with an output of {shape_text(layer.output_shape)} and "
                f"{count(layer.parameters, 'parameter')}, but its settings give {shape_text(shape)} and {parameters:,}"
            )
    return ""


def _same_shape(one: Shape, other: Shape) -> bool:
    return len(one) == len(other) and all(
        a == b or (axis == 0 and None in (a, b)) for axis, (a, b) in enumerate(zip(one, other, strict=True))
    )

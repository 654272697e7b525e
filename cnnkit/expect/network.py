"""Checks on a comparison of networks: one layer's differences, or those that belong to no layer."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import Comparison, Difference
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.text import shape_text

SOFTMAX_IN_THE_LOSS = (
    "Your network ends without softmax and its loss applies it (from_logits=True): trained like this the two are the "
    "same. Apply softmax yourself where you want to read probabilities."
)


def kinds_in_order(found: ModelSpec, brief: ModelSpec) -> None:
    """Expect the brief's kinds of layers.

    Raises:
        Mismatch: there are others, or they come in another order.
    """
    ours, wanted = ([layer.kind for layer in spec.layers] for spec in (found, brief))
    if ours != wanted:
        raise Mismatch(
            "layers",
            expected=", ".join(wanted),
            found=", ".join(ours) or "none",
            hint="Go through the brief row by row.",
        )


def shapes_are_right(found: ModelSpec, brief: ModelSpec) -> None:
    """Expect the brief's input and output shapes, layer by layer, and as many layers.

    Raises:
        Mismatch: the first that differs.
    """
    ours, wanted = found.input_shape, brief.input_shape
    if ours[1:] != wanted[1:]:  # a fixed batch size is no mistake
        hint = "Look at the shape given to keras.Input."
        raise Mismatch("input", expected=shape_text(wanted), found=shape_text(ours) or "no size", hint=hint)
    for position, (layer, right) in enumerate(zip(found.layers, brief.layers, strict=False), 1):
        if layer.output_shape[1:] != right.output_shape[1:]:
            raise Mismatch(
                f"output of layer {position} ({layer.kind})",
                expected=shape_text(right.output_shape),
                found=shape_text(layer.output_shape) or "a single number",
                hint="Look at its strides and padding; a pooling layer's strides are its pool_size by default.",
            )
    if len(found.layers) != len(brief.layers):
        hint = "Go through the brief row by row."
        raise Mismatch("layers", expected=f"{len(brief.layers)} of them", found=len(found.layers), hint=hint)


def parameters_are_right(found: ModelSpec, brief: ModelSpec) -> None:
    """Expect the brief's number of parameters.

    Raises:
        Mismatch: there are more or fewer.
    """
    if found.parameters != brief.parameters:
        raise Mismatch(
            "parameters in all",
            expected=f"{brief.parameters:,}",
            found=f"{found.parameters:,}",
            hint="Compare each layer's parameters with your table; the count alone does not prove the network right.",
        )


def layer_is_right(comparison: Comparison, position: int) -> None:
    """Expect no difference at a layer of the brief.

    Args:
        position: in the brief, counted from 0.

    Raises:
        Mismatch: the first difference; the others of the same layer stand in its consequence.
    """
    _raise(comparison.at(position))


def input_is_right(comparison: Comparison) -> None:
    """Expect the brief's input shape.

    Raises:
        Mismatch: it is another.
    """
    _raise([difference for difference in comparison.differences if difference.kind == "input"])


def no_extra_layers(comparison: Comparison) -> None:
    """Expect no layer and no connection that the brief does not have.

    Raises:
        Mismatch: there is one.
    """
    _raise([item for item in comparison.differences if item.position is None and item.kind != "input"])


def _raise(differences: Sequence[Difference]) -> None:
    if not differences:
        return
    first, *others = [difference.mismatch() for difference in differences]
    if others:
        also = " ".join(f"Also {other.message}" for other in others)
        first = Mismatch(
            first.what,
            expected=first.expected,
            found=first.found,
            consequence=f"{first.consequence} {also}".strip(),
            hint=first.hint,
        )
    raise first

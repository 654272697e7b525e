"""Expectations on networks, and on the differences of a comparison: of one layer, or of none."""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.checks.remarks import remark
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import Comparison, Difference
from cnnkit.networks.model_spec import ModelSpec
from cnnkit.networks.wording import shape_text

SOFTMAX_IN_THE_LOSS = (
    "Your network ends without softmax and its loss applies it (from_logits=True): trained like this the two are the "
    "same. Apply softmax yourself where you want to read probabilities."
)


def kinds_in_order(found: ModelSpec, brief: ModelSpec) -> None:
    """Expect layers of the specified kinds, in order.

    Args:
        found: the student's network.
        brief: the specified network.

    Raises:
        Mismatch: the kinds or their order differ.
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
    """Expect the specified shapes of the input and of every layer's output, and the number of layers.

    Args:
        found: the student's network.
        brief: the specified network.

    Raises:
        Mismatch: the first shape that differs, or the number of layers. Batch sizes are not compared.
    """
    ours, wanted = found.input_shape, brief.input_shape
    if ours[1:] != wanted[1:]:  # a fixed batch size is right too
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
    """Expect the specified number of parameters in all.

    Args:
        found: the student's network.
        brief: the specified network.

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
    """Expect no difference at a layer.

    Args:
        comparison: of the student's network with the specified one.
        position: position of the layer in the specified network, counted from 0.

    Raises:
        Mismatch: the first difference of the layer; the others are in its consequence.
    """
    _raise(comparison.at(position))
    for place, sentence in comparison.remarks:
        if place == position:
            remark(sentence)


def input_is_right(comparison: Comparison) -> None:
    """Expect no difference in the shape of the input.

    Args:
        comparison: of the student's network with the specified one.

    Raises:
        Mismatch: the shape differs.
    """
    _raise([difference for difference in comparison.differences if difference.kind == "input"])


def no_extra_layers(comparison: Comparison) -> None:
    """Expect no difference that belongs to no specified layer: extra layers, connections, inputs or outputs.

    Args:
        comparison: of the student's network with the specified one.

    Raises:
        Mismatch: the first such difference; the others are in its consequence.
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

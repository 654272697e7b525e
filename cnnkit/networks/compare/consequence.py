"""Consequence of one difference: the expected network (the brief's) is edited in that place and computed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Shape
from cnnkit.networks.shapes.layer_arithmetic import (
    ImpossibleLayer,
    UnknownLayer,
    layer_output,
    layer_parameters,
)
from cnnkit.networks.wording import count, layer_label, shape_text

_MOST_NAMED = 3
STAYS = "Shapes and parameters stay the same, so a parameter count cannot show this."
COUNTS_STAY = "The numbers of parameters stay the same, so a parameter count cannot show this."

LayerResult = tuple[Shape, int] | None
"""Output shape and parameters of a layer; None if they cannot be computed."""


@dataclass(frozen=True)
class Edit:
    """An edited copy of the expected network.

    Attributes:
        input_shape: of the edited network, batch axis first.
        layers: its layers, `inputs` adjusted.
        origin: position of each layer in the expected network, None for a layer that is not in it.
        place: position of the edited layer in `layers`, None if there is no single one.
    """

    input_shape: Shape
    layers: tuple[LayerSpec, ...]
    origin: tuple[int | None, ...]
    place: int | None


def replaced(spec: ModelSpec, position: int, layer: LayerSpec) -> Edit:
    """Replace the layer at a position by a different one with the same inputs."""
    layers = list(spec.layers)
    layers[position] = replace(layer, inputs=layers[position].inputs)
    return Edit(spec.input_shape, tuple(layers), tuple(range(len(layers))), position)


def other_input(spec: ModelSpec, shape: Shape) -> Edit:
    """Apply the layers to an input of a different shape."""
    return Edit(shape, spec.layers, tuple(range(len(spec.layers))), None)


def swapped(spec: ModelSpec, first: int, second: int) -> Edit:
    """Exchange two layers."""
    layers = list(spec.layers)
    one, other = layers[first], layers[second]
    layers[first], layers[second] = replace(other, inputs=one.inputs), replace(one, inputs=other.inputs)
    origin = list(range(len(layers)))
    origin[first], origin[second] = second, first
    return Edit(spec.input_shape, tuple(layers), tuple(origin), None)


def without(spec: ModelSpec, position: int) -> Edit:
    """Remove a layer; the layers that used it use its first input."""
    source = spec.layers[position].inputs[0] if spec.layers[position].inputs else -1

    def moved(index: int) -> int:
        index = source if index == position else index
        return index - (index > position)

    origin = tuple(i for i in range(len(spec.layers)) if i != position)
    layers = tuple(replace(spec.layers[i], inputs=tuple(moved(k) for k in spec.layers[i].inputs)) for i in origin)
    return Edit(spec.input_shape, layers, origin, None)


def inserted(spec: ModelSpec, after: int, layer: LayerSpec) -> Edit:
    """Insert a layer after another one (-1: after the input); the layers that used that one use the new layer."""
    return with_merge_layer(spec, (after,), layer)


def with_merge_layer(spec: ModelSpec, sources: tuple[int, ...], layer: LayerSpec) -> Edit:
    """Insert a layer with several inputs; the layers that used the last of them use the new layer."""
    after = max(sources)
    at = after + 1

    def moved(index: int) -> int:
        if index == after:
            return at
        return index + (index >= at)

    before = spec.layers[:at]
    behind = [replace(one, inputs=tuple(moved(k) for k in one.inputs)) for one in spec.layers[at:]]
    origin = (*range(at), None, *range(at, len(spec.layers)))
    return Edit(spec.input_shape, (*before, replace(layer, inputs=sources), *behind), origin, at)


def moved(spec: ModelSpec, position: int, after: int) -> Edit:
    """Move a layer after another one (-1: after the input)."""
    out = without(spec, position)
    shorter = ModelSpec(spec.input_shape, out.layers, (), 0, 0)
    edit = inserted(shorter, after - (after > position), spec.layers[position])
    others = iter(out.origin)
    origin = tuple(position if place == edit.place else next(others) for place in range(len(edit.layers)))
    return Edit(spec.input_shape, edit.layers, origin, edit.place)


@dataclass(frozen=True)
class ReferenceResults:
    """Cached results of the expected network, so that an edited copy is computed only where it differs.

    Attributes:
        brief: the expected network.
        results: output shape and parameters of its layers.
    """

    brief: ModelSpec
    results: Sequence[LayerResult]

    def of(self, layer: LayerSpec, origin: int | None, shapes: Sequence[Shape]) -> LayerResult:
        """Cached result of a layer; None if the layer or the shapes of its inputs are not those of the brief.

        Args:
            layer: a layer of an edited copy.
            origin: its position in the brief; None if it is not in it.
            shapes: the shapes of its inputs in the edited copy.
        """
        if origin is None or layer.config is not self.brief.layers[origin].config:
            return None
        own = self.brief.layers[origin]
        sources = [(self.brief.input_shape, 0) if k < 0 else self.results[k] for k in own.inputs]
        same = layer.kind == own.kind and [source[0] for source in sources if source is not None] == shapes
        return self.results[origin] if same else None


def compute_results(
    input_shape: Shape,
    layers: Sequence[LayerSpec],
    reported: Sequence[ModelSpec],
    known: ReferenceResults | None = None,
    origin: Sequence[int | None] = (),
) -> list[LayerResult]:
    """Compute the output shape and parameters of every layer.

    For a kind without a formula the values are taken that Keras reported in one of the `reported` networks, if its
    input has the same shape there. Otherwise its result, and that of every layer after it, is None.

    Args:
        input_shape: batch axis first.
        layers: in the order of computation.
        reported: networks described from Keras models.
        known: cached results of the expected network.
        origin: position of each layer in the expected network, as in `Edit`; needed with `known`.

    Raises:
        ImpossibleLayer: a layer cannot be applied to its inputs.
    """
    results: list[LayerResult] = []
    for position, layer in enumerate(layers):
        sources = [(input_shape, 0) if source < 0 else results[source] for source in layer.inputs]
        shapes = [source[0] for source in sources if source is not None]
        if len(shapes) < len(sources):
            results.append(None)
            continue
        result = known.of(layer, origin[position], shapes) if known else None
        if result is not None:
            results.append(result)
            continue
        try:
            shape = layer_output(layer.kind, layer.config, shapes)
            results.append((shape, layer_parameters(layer.kind, layer.config, shapes)))
        except UnknownLayer:
            results.append(_as_reported(layer, shapes, reported))
        except ImpossibleLayer as error:
            label = layer_label(layers, position)
            raise ImpossibleLayer(f"{label} cannot follow, {error}") from error
    return results


def _as_reported(layer: LayerSpec, shapes: Sequence[Shape], reported: Sequence[ModelSpec]) -> LayerResult:
    for spec in reported:
        for known in spec.layers:
            if known.kind == layer.kind and known.config == layer.config:
                before = [spec.input_shape if k < 0 else spec.layers[k].output_shape for k in known.inputs]
                if before == list(shapes):
                    return known.output_shape, known.parameters
    return None


def brief_results(brief: ModelSpec, found: ModelSpec | None = None) -> list[LayerResult] | None:
    """Output shapes and parameters of the expected network, for `consequence`; None if they cannot be computed."""
    try:
        return compute_results(brief.input_shape, brief.layers, [brief, found] if found is not None else [brief])
    except ImpossibleLayer:
        return None


def consequence(
    brief: ModelSpec,
    edit: Edit,
    meaning: str = "",
    found: ModelSpec | None = None,
    before: Sequence[LayerResult] | None = None,
) -> str:
    """Describe the effect of an edit on shapes and parameters in one or two sentences.

    Args:
        brief: the expected network.
        edit: an edited copy of it.
        meaning: sentence for an edit that changes no shape and no number of parameters.
        found: the student's network, for the shapes of layers that only it has.
        before: the result of `brief_results`, to compute it once for several edits.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> brief = sequence((None, 8), [("Dense", {"units": 3})])
        >>> consequence(brief, other_input(brief, (None, 9)))
        'The Dense layer has 30 parameters, not 27.'
    """
    reported = [brief, found] if found is not None else [brief]
    before = brief_results(brief, found) if before is None else before
    if before is None:
        return meaning
    try:
        after = compute_results(edit.input_shape, edit.layers, reported, ReferenceResults(brief, before), edit.origin)
    except ImpossibleLayer as error:
        return f"The network cannot be built like this: {error}."

    own = _own_changes(brief, edit, before, after)
    later = _later_changes(brief, edit, before, after)
    if own and later:
        text = f"{_and(own)}, so {_and(later)}."
    elif own or later:
        text = f"{_and(own or later)}."
    else:
        known = all(result is not None for result in after)
        stays = [after[place] == before[k] for place, k in enumerate(edit.origin) if k is not None]
        return f"{meaning} {(STAYS if all(stays) else COUNTS_STAY) if known else ''}".strip()
    return text[0].upper() + text[1:]


def _own_changes(
    brief: ModelSpec, edit: Edit, before: Sequence[LayerResult], after: Sequence[LayerResult]
) -> list[str]:
    """Changes of the edited layer itself."""
    if edit.place is None:
        gone = set(range(len(brief.layers))) - set(edit.origin)
        lost = [result for index in gone if (result := before[index]) is not None and result[1]]
        return [f"its {count(result[1], 'parameter')} are missing" for result in lost]
    new = after[edit.place]
    origin = edit.origin[edit.place]
    if new is None:
        return []
    if origin is None:
        source = edit.layers[edit.place].inputs[0]
        came = edit.input_shape if source < 0 else (after[source] or new)[0]
        changes = [f"it turns {_values(came)} into {_values(new[0])}"] if came != new[0] else []
        return changes + ([f"it adds {count(new[1], 'parameter')}"] if new[1] else [])
    old = before[origin]
    if old is None:
        return []
    changes = [f"its output is {_values(new[0])}, the brief's {_values(old[0])}"] if new[0] != old[0] else []
    return changes + ([f"it has {count(new[1], 'parameter')}, not {old[1]:,}"] if new[1] != old[1] else [])


def _later_changes(
    brief: ModelSpec, edit: Edit, before: Sequence[LayerResult], after: Sequence[LayerResult]
) -> list[str]:
    """Changes of later layers: values that reach a Dense layer, parameters, the network's output."""
    changes: list[str] = []
    others: list[str] = []
    for place, origin in enumerate(edit.origin):
        new, old = after[place], before[origin] if origin is not None else None
        if origin is None or place == edit.place or new is None or old is None or new == old:
            continue
        label = layer_label(brief.layers, origin)
        if new[1] != old[1]:
            changes.append(f"{label} has {count(new[1], 'parameter')}, not {old[1]:,}")
        elif len(new[0]) == 2 and len(brief.layers[origin].output_shape) == 2 and _makes_vectors(brief, origin):
            changes.append(f"{label} yields {_values(new[0])}, not {shape_text(old[0])}")
        else:
            others.append(f"{label} yields {shape_text(new[0])}, not {shape_text(old[0])}")
    named = changes[:_MOST_NAMED]
    if len(changes) > _MOST_NAMED:
        more = len(changes) - _MOST_NAMED
        named.append(f"{count(more, 'further layer')} change{'s' if more == 1 else ''} too")
    elif not changes and others:
        named.append(others[0])
        if len(others) > 1:
            more = len(others) - 1
            named.append(f"{count(more, 'further layer')} change{'s' if more == 1 else ''} too")
    return named + _output_change(brief, edit, before, after)


def _makes_vectors(spec: ModelSpec, position: int) -> bool:
    """True if the layer turns an image into a vector, whose size decides the parameters of the next Dense layer."""
    return len(_shape_before(spec, position)) > 2


def _shape_before(spec: ModelSpec, position: int) -> Shape:
    inputs = spec.layers[position].inputs
    if not inputs or inputs[0] < 0:
        return spec.input_shape
    return spec.layers[inputs[0]].output_shape


def _output_change(
    brief: ModelSpec, edit: Edit, before: Sequence[LayerResult], after: Sequence[LayerResult]
) -> list[str]:
    if not before or not after or (edit.place == len(after) - 1 and edit.origin[-1] is not None):
        return []  # the edited layer is the last one, so its own changes say it
    old, new = before[-1], after[-1]
    if old is None or new is None or old[0] == new[0]:
        return []
    return [f"the network's output is {_values(new[0])}, not {_values(old[0])}"]


def _values(shape: Shape) -> str:
    if len(shape) != 2:
        return shape_text(shape)
    return f"{shape_text(shape)} value" + ("" if shape[-1] == 1 else "s")


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"

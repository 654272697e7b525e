"""Consequence of one difference: the expected network (the brief's) is edited in that place and computed again.

The student's network may differ in several places, whose effects add up or cancel out. So what the edit gives is said
only where the student's network, as it was built, has the same shapes and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Shape
from cnnkit.networks.shapes.layer_arithmetic import (
    ImpossibleLayer,
    UnknownLayer,
    layer_output,
    layer_parameters,
)
from cnnkit.networks.wording import count, layer_label, number_word, shape_text

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
        extra: position in the student's network of a layer that the expected one does not have; None without one.
    """

    input_shape: Shape
    layers: tuple[LayerSpec, ...]
    origin: tuple[int | None, ...]
    place: int | None
    extra: int | None = None


@dataclass(frozen=True)
class StudentNetwork:
    """The student's network with the shapes and parameters that it was built with.

    Attributes:
        network: its description.
        partners: position of the student's layer for each expected layer that has one.
    """

    network: ModelSpec
    partners: Mapping[int, int]

    def result(self, edit: Edit, place: int) -> LayerResult:
        """Output shape and parameters of the student's layer for a layer of an edit; None if there is none."""
        origin = edit.origin[place]
        position = edit.extra if origin is None else self.partners.get(origin)
        if position is None:
            return None
        layer = self.network.layers[position]
        return layer.output_shape, layer.parameters

    def shape_before(self, position: int) -> Shape:
        """Shape of the first input of one of its layers."""
        return _shape_before(self.network, position)

    @property
    def output_shape(self) -> Shape | None:
        """Shape of its only output; None if it has several."""
        if len(self.network.outputs) != 1:
            return None
        output = self.network.outputs[0]
        return self.network.input_shape if output < 0 else self.network.layers[output].output_shape

    def counts_as(self, brief: ModelSpec, before: Sequence[LayerResult]) -> bool:
        """True if it has the expected parameters, in every layer that has a partner and in all."""
        pairs = ((before[j], self.network.layers[i].parameters) for j, i in self.partners.items())
        return self.network.parameters == brief.parameters and all(old and old[1] == own for old, own in pairs)

    def looks_like(self, brief: ModelSpec, before: Sequence[LayerResult]) -> bool:
        """True if its layers have the expected shapes and parameters, as far as it has the expected layers."""
        pairs = ((before[j], self.network.layers[i].output_shape) for j, i in self.partners.items())
        return all(old and old[0][1:] == own[1:] for old, own in pairs) and self.counts_as(brief, before)


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
    student: StudentNetwork | None = None,
    before: Sequence[LayerResult] | None = None,
) -> str:
    """Describe the effect of an edit on shapes and parameters in one or two sentences.

    Args:
        brief: the expected network.
        edit: an edited copy of it.
        meaning: sentence for an edit that changes no shape and no number of parameters.
        student: the student's network. An effect of the edit that this network does not show is left out.
        before: the result of `brief_results`, to compute it once for several edits.

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> brief = sequence((None, 8), [("Dense", {"units": 3})])
        >>> consequence(brief, other_input(brief, (None, 9)))
        'The Dense layer has 30 parameters, not 27.'
    """
    found = student.network if student is not None else None
    reported = [brief, found] if found is not None else [brief]
    before = brief_results(brief, found) if before is None else before
    if before is None:
        return meaning
    computed: list[LayerResult] = [None] * len(edit.layers)
    with suppress(ImpossibleLayer):  # what cannot follow by itself can follow together with other differences
        computed = compute_results(
            edit.input_shape, edit.layers, reported, ReferenceResults(brief, before), edit.origin
        )
    after = computed if student is None else _as_built(edit, computed, student)
    if student is not None and edit.place is not None and after[edit.place] is None:
        text = _and(_own_facts(edit, before, computed, student))
    else:
        own = _own_changes(brief, edit, before, after, student)
        later = _later_changes(brief, edit, before, after, student)
        text = f"{_and(own)}, so {_and(later)}" if own and later else _and(own or later)
    if text:
        return f"{text[0].upper()}{text[1:]}."
    return f"{meaning} {_unchanged(brief, edit, before, computed, student)}".strip()


def _as_built(edit: Edit, computed: Sequence[LayerResult], student: StudentNetwork) -> list[LayerResult]:
    """The computed results that the student's network has too; None for the others."""
    results: list[LayerResult] = []
    for place, result in enumerate(computed):
        own = student.result(edit, place)
        agrees = result is not None and own is not None and (result[0][1:], result[1]) == (own[0][1:], own[1])
        results.append(result if agrees else None)
    return results


def _unchanged(
    brief: ModelSpec,
    edit: Edit,
    before: Sequence[LayerResult],
    computed: Sequence[LayerResult],
    student: StudentNetwork | None,
) -> str:
    """Sentence on shapes and numbers that stay as they are; "" unless they do."""
    pairs = [(computed[place], before[k]) for place, k in enumerate(edit.origin) if k is not None]
    if None in computed:
        return ""
    if all(new == old for new, old in pairs):
        return STAYS if student is None or student.looks_like(brief, before) else ""
    if all(new and old and new[1] == old[1] for new, old in pairs):
        return COUNTS_STAY if student is None or student.counts_as(brief, before) else ""
    return ""


def _own_facts(
    edit: Edit, before: Sequence[LayerResult], computed: Sequence[LayerResult], student: StudentNetwork
) -> list[str]:
    """Shape and parameters of the student's layer where the edit alone would have given others."""
    place = edit.place
    own, origin = (student.result(edit, place), edit.origin[place]) if place is not None else (None, None)
    old = before[origin] if origin is not None else None
    if own is not None and edit.extra is not None:
        return _added(student.shape_before(edit.extra), own)
    if place is None or own is None or old is None:
        return []
    alone = computed[place]
    if alone is not None and (alone[0][1:], alone[1]) == (old[0][1:], old[1]):
        return []  # the student's layer has others because of another difference, which is told by itself
    facts = []
    if own[0][1:] != old[0][1:]:
        facts.append(f"its output is {_values(own[0])}, the brief's {_values(old[0])}")
    elif alone is not None and alone[0][1:] != old[0][1:]:
        facts.append(f"its output is {_values(own[0])} all the same, because of another difference")
    return facts + ([f"it has {count(own[1], 'parameter')}, not {old[1]:,}"] if own[1] != old[1] else [])


def _own_changes(
    brief: ModelSpec,
    edit: Edit,
    before: Sequence[LayerResult],
    after: Sequence[LayerResult],
    student: StudentNetwork | None,
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
        if student is not None and edit.extra is not None:
            came = student.shape_before(edit.extra)
        else:
            source = edit.layers[edit.place].inputs[0]
            came = edit.input_shape if source < 0 else (after[source] or new)[0]
        return _added(came, new)
    old = before[origin]
    if old is None:
        return []
    changes = [f"its output is {_values(new[0])}, the brief's {_values(old[0])}"] if new[0] != old[0] else []
    return changes + ([f"it has {count(new[1], 'parameter')}, not {old[1]:,}"] if new[1] != old[1] else [])


def _added(came: Shape, new: tuple[Shape, int]) -> list[str]:
    """Effect of an extra layer on what it is given, and its parameters."""
    changes = [f"it turns {_values(came)} into {_values(new[0])}"] if came[1:] != new[0][1:] else []
    return changes + ([f"it adds {count(new[1], 'parameter')}"] if new[1] else [])


def _later_changes(
    brief: ModelSpec,
    edit: Edit,
    before: Sequence[LayerResult],
    after: Sequence[LayerResult],
    student: StudentNetwork | None,
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
        named.append(_further(len(changes) - _MOST_NAMED))
    elif not changes and others:
        named.append(others[0])
        if len(others) > 1:
            named.append(_further(len(others) - 1))
    return named + _output_change(edit, before, after, student)


def _further(number: int) -> str:
    return f"{number_word(number)} further layer{' changes' if number == 1 else 's change'} too"


def _makes_vectors(spec: ModelSpec, position: int) -> bool:
    """True if the layer turns an image into a vector, whose size decides the parameters of the next Dense layer."""
    return len(_shape_before(spec, position)) > 2


def _shape_before(spec: ModelSpec, position: int) -> Shape:
    inputs = spec.layers[position].inputs
    if not inputs or inputs[0] < 0:
        return spec.input_shape
    return spec.layers[inputs[0]].output_shape


def _output_change(
    edit: Edit, before: Sequence[LayerResult], after: Sequence[LayerResult], student: StudentNetwork | None
) -> list[str]:
    if not before or not after or (edit.place == len(after) - 1 and edit.origin[-1] is not None):
        return []  # the edited layer is the last one, so its own changes say it
    old, new = before[-1], after[-1]
    if old is None or new is None or old[0] == new[0]:
        return []
    if student is not None and (student.output_shape or ())[1:] != new[0][1:]:
        return []
    return [f"the network's output is {_values(new[0])}, not {_values(old[0])}"]


def _values(shape: Shape) -> str:
    if len(shape) != 2:
        return shape_text(shape)
    return f"{shape_text(shape)} value" + ("" if shape[-1] == 1 else "s")


def _and(parts: Sequence[str]) -> str:
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])}, and {parts[-1]}"

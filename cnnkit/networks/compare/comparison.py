"""Compare a network with the one that an assignment specifies (the brief), layer by layer.

Every difference is reported once, by name, with its consequence for shapes and parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare import consequence as effects
from cnnkit.networks.compare.align import Pairing, align, differing_settings
from cnnkit.networks.compare.meaning import kind_meaning, layer_meaning, missing_meaning, setting_meaning
from cnnkit.networks.compare.wiring import rewired, student_sources_text
from cnnkit.networks.layer_settings import setting
from cnnkit.networks.model_spec import LayerSpec, ModelSpec, Setting
from cnnkit.networks.shapes.layer_arithmetic import pads_nothing
from cnnkit.networks.wording import layer_label, setting_text, settings_text, shape_text

DifferenceKind = Literal["setting", "missing", "extra", "replaced", "order", "input", "wiring", "weights"]

_BY_LUCK = "for images of this size the two are the same, for others not."

MOST_CONSEQUENCES = 40
"""Differences whose consequences are computed; with more, the network is a different one altogether."""


@dataclass(frozen=True)
class Difference:
    """One difference between a network and the expected one.

    Attributes:
        kind: sort of difference; "order" covers swapped neighbours and a layer in a different position.
        position: position of the expected layer that it belongs to; None for an extra layer, the input and the outputs.
        label: the layer in messages: "the second Conv2D", "an extra BatchNormalization".
        field: name of the setting, for kind "setting"; "" otherwise.
        expected: value of the setting, or a description in words.
        found: the same of the network that was compared.
        consequence: effect of this one difference on shapes and parameters, computed on the expected network.
        after: for an extra layer the position of the expected layer before it, -1 for the input; None otherwise.
    """

    kind: DifferenceKind
    position: int | None
    label: str
    field: str = ""
    expected: Setting = None
    found: Setting = None
    consequence: str = ""
    after: int | None = None

    def mismatch(self) -> Mismatch:
        """Convert to the exception of a failed check, the same in the notebook and in the hidden rubric."""
        if self.kind == "setting":
            return Mismatch(
                f"{self.field} of {self.label}",
                expected=_value_text(self.expected),
                found=_value_text(self.found),
                consequence=self.consequence,
                hint=f"Look at `{self.field}` in the line that makes {self.label}.",
            )
        return Mismatch(
            self.label, expected=self.expected, found=self.found, consequence=self.consequence, hint=_HINTS[self.kind]
        )


_HINTS: dict[DifferenceKind, str] = {
    "setting": "",
    "missing": "Count the layers of the brief and of your network side by side.",
    "extra": "Count the layers of the brief and of your network side by side.",
    "replaced": "Look the layer up in the brief again.",
    "order": "Read the brief from the input on and compare the order.",
    "input": "Look at the shape given to keras.Input.",
    "wiring": "Follow the data from the input on: which layer is called on whose output?",
    "weights": "Make a new layer object for every row of the brief, and call each one once.",
}


@dataclass(frozen=True)
class Comparison:
    """Differences between two networks, and the alignment of their layers.

    Attributes:
        differences: in the order of the expected network; empty if the networks compute the same function.
        pairs: (found, expected) positions in order, None for a layer without a partner.
        remarks: (position of the expected layer, sentence) on settings that differ without any effect.
    """

    differences: tuple[Difference, ...]
    pairs: tuple[tuple[int | None, int | None], ...]
    remarks: tuple[tuple[int, str], ...] = ()

    @property
    def equal(self) -> bool:
        """True if the networks compute the same function."""
        return not self.differences

    def at(self, position: int) -> tuple[Difference, ...]:
        """Differences that belong to the expected layer at this position, counted from 0."""
        return tuple(d for d in self.differences if d.position == position)


def compare(found: ModelSpec, expected: ModelSpec, *, in_front: Collection[str] = ()) -> Comparison:
    """Compare a network with the expected one.

    The layers are aligned first (see `cnnkit.networks.compare.align`), so that one wrong layer is reported once and
    later ones are compared as if it were right. Names, the batch size and how the model was compiled are not compared.

    Args:
        found: the student's network.
        expected: the network that the assignment specifies.
        in_front: kinds of layers that may precede the first one without being a difference, e.g. ("Rescaling",).

    Example:
        >>> from cnnkit.networks.brief import sequence
        >>> expected = sequence((None, 8), [("Dense", {"units": 3})])
        >>> [d.field for d in compare(sequence((None, 8), [("Dense", {"units": 4})]), expected).differences]
        ['units']
    """
    skipped = _leading(found, in_front)
    ours = _without_leading(found, skipped)
    pairing = align(ours.layers, expected.layers)
    finder = _DifferenceFinder(ours, expected, pairing)
    differences = [*finder.of_input(), *finder.of_layers(), *finder.of_wiring()] or list(finder.of_weights())
    pairs = tuple((None if i is None else i + skipped, j) for i, j in pairing.pairs)
    ordered = tuple(sorted(differences, key=_reading_order))
    return Comparison(ordered, (*((k, None) for k in range(skipped)), *pairs), tuple(finder.remarks))


def _reading_order(difference: Difference) -> float:
    if difference.kind == "input":
        return -2.0
    if difference.after is not None:
        return difference.after + 0.5
    return float("inf") if difference.position is None else float(difference.position)


def _leading(spec: ModelSpec, kinds: Collection[str]) -> int:
    count = 0
    while count < len(spec.layers) and spec.layers[count].kind in kinds and spec.layers[count].inputs == (count - 1,):
        count += 1
    return count


def _without_leading(spec: ModelSpec, count: int) -> ModelSpec:
    def moved(positions: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(max(position - count, -1) for position in positions)

    layers = tuple(replace(layer, inputs=moved(layer.inputs)) for layer in spec.layers[count:])
    before = sum(layer.parameters for layer in spec.layers[:count])
    return replace(spec, layers=layers, outputs=moved(spec.outputs), parameters=spec.parameters - before)


class _DifferenceFinder:
    """Finder of the differences between two aligned networks."""

    def __init__(self, found: ModelSpec, expected: ModelSpec, pairing: Pairing) -> None:
        self._found, self._brief, self._pairing = found, expected, pairing
        self._partners = {ours: brief for ours, brief in pairing.pairs if ours is not None and brief is not None}
        moves = {brief: ours for ours, brief in pairing.moves}
        by_brief = {brief: ours for ours, brief in self._partners.items()}
        self._student = effects.StudentNetwork(found, moves | by_brief)
        self.remarks: list[tuple[int, str]] = []
        self._computed = 0
        self._before: list[effects.LayerResult] | None = None

    def _consequence(
        self, edit: Callable[..., effects.Edit], *where: Any, meaning: str = "", extra: int | None = None
    ) -> str:
        """Consequence of an edit of the expected network; only `meaning` beyond MOST_CONSEQUENCES of them."""
        self._computed += 1
        if self._computed > MOST_CONSEQUENCES:
            return meaning
        if self._before is None:
            self._before = effects.brief_results(self._brief, self._found)
        edited = replace(edit(self._brief, *where), extra=extra)
        return effects.consequence(self._brief, edited, meaning, self._student, self._before)

    def of_input(self) -> Iterator[Difference]:
        """Difference in the shape of the input."""
        ours, briefs = self._found.input_shape, self._brief.input_shape
        if ours[1:] != briefs[1:]:
            effect = self._consequence(effects.other_input, ours)
            yield Difference("input", None, "the shape of the input", "", shape_text(briefs), shape_text(ours), effect)

    def of_layers(self) -> Iterator[Difference]:
        """Differences of single layers: settings, kinds, missing, extra, moved and swapped ones."""
        moved_from = {i for i, _ in self._pairing.moves}
        moved_to = {j: i for i, j in self._pairing.moves}
        for i, j in self._pairing.pairs:
            if i is not None and j is not None:
                yield from self._of_pair(i, j)
            elif j is None and i is not None and i not in moved_from:
                yield self._extra(i)
            elif j is not None and j in moved_to:
                yield self._moved(moved_to[j], j)
            elif j is not None:
                yield self._missing(j)
        for first, second in self._pairing.swaps:
            yield self._swapped(first, second)

    def _of_pair(self, i: int, j: int) -> Iterator[Difference]:
        ours, brief, label = self._found.layers[i], self._brief.layers[j], layer_label(self._brief.layers, j)
        if ours.kind != brief.kind:
            effect = self._consequence(effects.replaced, j, ours, meaning=kind_meaning(brief.kind, ours.kind))
            yield Difference("replaced", j, label, "", _layer_text(brief), _layer_text(ours), effect)
            return
        for name in differing_settings(ours, brief):
            value, wanted = setting(ours.kind, ours.config, name), setting(brief.kind, brief.config, name)
            if name == "padding" and {value, wanted} == {"same", "valid"} and self._pads_nothing(i):
                self.remarks.append(
                    (j, f"{label[0].upper()}{label[1:]} has padding={value!r} instead of {wanted!r}: {_BY_LUCK}")
                )
                continue
            changed = replace(brief, config={**brief.config, name: value})
            meaning = setting_meaning(brief.kind, name, wanted, value)
            effect = self._consequence(effects.replaced, j, changed, meaning=meaning)
            yield Difference("setting", j, label, name, wanted, value, effect)
        # Frozen or trainable is compared only if it does not follow from a different number of weights.
        if ours.parameters == brief.parameters and ours.trainable != brief.trainable:
            effect = f"{setting_meaning(brief.kind, 'trainable', _state(brief), _state(ours))} {effects.STAYS}"
            yield Difference("setting", j, label, "trainable", _state(brief), _state(ours), effect)

    def _pads_nothing(self, i: int) -> bool:
        """True if padding "same" would add nothing to the input of found layer i."""
        layer = self._found.layers[i]
        return pads_nothing(layer.kind, layer.config, self._student.shape_before(i))

    def _missing(self, j: int) -> Difference:
        brief = self._brief.layers[j]
        effect = self._consequence(effects.without, j, meaning=missing_meaning(brief))
        wanted = f"{_layer_text(brief)} {self._place(j)}"
        return Difference("missing", j, layer_label(self._brief.layers, j), "", wanted, "no such layer", effect)

    def _extra(self, i: int) -> Difference:
        ours, after = self._found.layers[i], self._partner_before(i)
        if ours.kind == "InputLayer":
            found = f"another input of {shape_text(ours.output_shape)}"
            return Difference("wiring", None, "the inputs of the network", "", "one input", found, after=after)
        where = "the input" if after < 0 else layer_label(self._brief.layers, after)
        label = f"an extra {ours.kind} layer after {where}"
        if len(ours.inputs) > 1:
            joined = student_sources_text(self._found, ours.inputs, self._partners, self._brief)
            effect = "The data take a way that the brief's network does not have."
            sources = tuple(-1 if k < 0 else self._partners.get(k, -2) for k in ours.inputs)
            if -2 not in sources:  # with an input that the expected network lacks, nothing can be computed
                effect = f"{effect} {self._consequence(effects.with_merge_layer, sources, ours, extra=i)}".strip()
            return Difference("wiring", None, label, "", "no layer there", f"{ours.kind} of {joined}", effect, after)
        effect = self._consequence(effects.inserted, after, ours, meaning=self._meaning_of_extra(i), extra=i)
        return Difference("extra", None, label, "", "no layer there", _layer_text(ours), effect, after)

    def _meaning_of_extra(self, i: int) -> str:
        """Sentence on an extra layer; a second softmax is one only where the student's network has a first."""
        ours = self._found.layers[i]
        softmax = ours.config.get("activation") == "softmax"
        if softmax and not any(layer.config.get("activation") == "softmax" for layer in self._found.layers[:i]):
            return ""
        return layer_meaning(ours)

    def _partner_before(self, i: int) -> int:
        """Position of the last expected layer paired with a layer before found layer i; -1 for the input."""
        return max((self._partner_at(source) for source in self._found.layers[i].inputs), default=-1)

    def _partner_at(self, i: int) -> int:
        """Position of the expected layer paired with found layer i, or with the nearest paired layer before it."""
        while i >= 0:
            if i in self._partners:
                return self._partners[i]
            inputs = self._found.layers[i].inputs
            i = inputs[0] if inputs else -1
        return -1

    def _swapped(self, first: int, second: int) -> Difference:
        one, other = (layer_label(self._brief.layers, k) for k in (first, second))
        effect = self._consequence(effects.swapped, first, second)
        kinds = [self._brief.layers[k].kind for k in (first, second)]
        if kinds[0] == kinds[1]:
            expected, found = f"{one} first", f"{other} first"
        else:
            expected, found = f"{kinds[0]} before {kinds[1]}", f"{kinds[1]} before {kinds[0]}"
        return Difference("order", first, f"the order of {one} and {other}", "", expected, found, effect)

    def _moved(self, i: int, j: int) -> Difference:
        label = layer_label(self._brief.layers, j)
        after = self._partner_before(i)
        where = "at the beginning" if after < 0 else f"after {layer_label(self._brief.layers, after)}"
        meaning = "There it works on other values."
        effect = self._consequence(effects.moved, j, after, meaning=meaning)
        return Difference("order", j, f"the place of {label}", "", self._place(j), where, effect)

    def _place(self, j: int) -> str:
        return "at the beginning" if j == 0 else f"after {layer_label(self._brief.layers, j - 1)}"

    def of_weights(self) -> Iterator[Difference]:
        """Difference in the total of parameters of networks whose layers are equal: shared or unused weights."""
        ours, briefs = self._found.parameters, self._brief.parameters
        if ours != briefs and ours != sum(layer.parameters for layer in self._found.layers):
            effect = (
                "Every layer is right by itself, but one is used twice, so that its weights are shared."
                if ours < briefs
                else "Every layer is right, but there are weights that none of them uses."
            )
            yield Difference("weights", None, "the parameters in all", "", f"{briefs:,}", f"{ours:,}", effect)

    def of_wiring(self) -> Iterator[Difference]:
        """Differences in the inputs of paired layers and in the outputs."""
        for change in rewired(self._found, self._brief, self._pairing):
            if change.position is None:
                label = "the outputs of the network"
            else:
                label = f"the input of {layer_label(self._brief.layers, change.position)}"
            effect = "The data take another way than in the brief's network."
            yield Difference("wiring", change.position, label, "", change.expected, change.found, effect)


def _layer_text(layer: LayerSpec) -> str:
    settings = settings_text(layer)
    return f"{layer.kind} ({settings})" if settings else layer.kind


def _state(layer: LayerSpec) -> str:
    return "frozen" if layer.trainable == 0 else "trainable"


def _value_text(value: Setting) -> str:
    return "none" if value is None else setting_text(value)

"""Whether paired layers also get their inputs from paired layers: skip connections, branches, several outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnkit.networks.compare.align import Pairing
from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.networks.text import layer_label

_ORDER_MATTERS = {"Concatenate", "Subtract"}


@dataclass(frozen=True)
class RewiredInput:
    """One place where the graphs differ: position in the brief, None for the model's outputs, and both sources."""

    position: int | None
    expected: str
    found: str


class PairedGraph:
    """A network in which some layers are looked through: a missing or an extra one passes its inputs on."""

    def __init__(self, layers: Sequence[LayerSpec], names: Mapping[int, int]) -> None:
        self._layers = layers
        self._names = names  # position -> common name, for the layers that have a partner

    def sources(self, positions: Sequence[int]) -> tuple[list[int], bool]:
        """The nearest layers with a partner behind these positions, by common name, and whether a merge was crossed."""
        names: list[int] = []
        merged = False
        stack = list(reversed(positions))
        seen: set[int] = set()
        while stack:
            position = stack.pop()
            if position < 0 or position in self._names:
                names.append(self._names.get(position, -1))
            elif position not in seen:
                seen.add(position)
                inputs = self._layers[position].inputs
                merged = merged or len(inputs) > 1
                stack.extend(reversed(inputs))
        return names, merged


def rewired(found: ModelSpec, expected: ModelSpec, pairing: Pairing) -> Iterator[RewiredInput]:
    """Every paired layer whose input is another one than the brief's, and the outputs if they are others.

    Neighbours that were swapped count as standing in each other's places: the swap itself is told elsewhere. A merge
    that only one of the networks has is told as an extra or missing layer, not again at the layer behind it.
    """
    partner = {j: i for i, j in pairing.pairs if i is not None and j is not None}
    for one, other in pairing.swaps:
        partner[one], partner[other] = partner[other], partner[one]
    ours = PairedGraph(found.layers, {i: j for j, i in partner.items()})
    briefs = PairedGraph(expected.layers, {j: j for j in partner})

    for j in sorted(partner):
        here, there = found.layers[partner[j]], expected.layers[j]
        if _differ(ours.sources(here.inputs), briefs.sources(there.inputs), there.kind in _ORDER_MATTERS):
            yield RewiredInput(j, _names(expected, there.inputs), _names(found, here.inputs))
    if _differ(ours.sources(found.outputs), briefs.sources(expected.outputs), in_order=False):
        yield RewiredInput(None, _names(expected, expected.outputs), _names(found, found.outputs))


def _differ(found: tuple[list[int], bool], expected: tuple[list[int], bool], in_order: bool) -> bool:
    (ours, we_merged), (briefs, brief_merged) = found, expected
    if ours == briefs or (not in_order and sorted(ours) == sorted(briefs)):
        return False
    if we_merged and set(briefs) <= set(ours):
        return False
    return not (brief_merged and set(ours) <= set(briefs))


def _names(spec: ModelSpec, positions: Sequence[int]) -> str:
    return " and ".join("the input" if p < 0 else layer_label(spec.layers, p) for p in positions) or "nothing"

"""Comparison of the connections of two aligned networks: skip connections, branches, several outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnkit.networks.compare.align import Pairing
from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.networks.wording import layer_label

_ORDER_MATTERS = {"Concatenate", "Subtract"}


@dataclass(frozen=True)
class RewiredInput:
    """A layer whose inputs differ.

    Attributes:
        position: the layer's position in the expected network; None for the outputs of the network.
        expected: names of its inputs there.
        found: names of its inputs in the network that was compared.
    """

    position: int | None
    expected: str
    found: str


class PairedGraph:
    """A network in which a layer without a partner, missing or extra, passes its inputs on.

    Args:
        layers: the layers of the network.
        names: for each position of a layer with a partner, a name that both networks have for it.
    """

    def __init__(self, layers: Sequence[LayerSpec], names: Mapping[int, int]) -> None:
        self._layers = layers
        self.names = names

    def sources(self, positions: Sequence[int]) -> tuple[list[int], bool]:
        """Common names of the nearest layers with a partner at or before these positions, and if a merge was passed."""
        names: list[int] = []
        merged = False
        stack = list(reversed(positions))
        seen: set[int] = set()
        while stack:
            position = stack.pop()
            if position < 0 or position in self.names:
                names.append(self.names.get(position, -1))
            elif position not in seen:
                seen.add(position)
                inputs = self._layers[position].inputs
                merged = merged or len(inputs) > 1
                stack.extend(reversed(inputs))
        return names, merged


def rewired(found: ModelSpec, expected: ModelSpec, pairing: Pairing) -> Iterator[RewiredInput]:
    """Paired layers whose inputs differ from the expected ones, and the outputs of the network if they do.

    Swapped neighbours count as exchanged, since the swap is a difference of its own. A merge that only one of the
    networks has is an extra or missing layer, not a difference of the layer after it as well.

    Args:
        found: the student's network.
        expected: the network that the assignment specifies.
        pairing: the alignment of their layers.
    """
    partner = {j: i for i, j in pairing.pairs if i is not None and j is not None}
    for one, other in pairing.swaps:
        partner[one], partner[other] = partner[other], partner[one]
    ours = PairedGraph(found.layers, {i: j for j, i in partner.items()})
    briefs = PairedGraph(expected.layers, {j: j for j in partner})

    for j in sorted(partner):
        here, there = found.layers[partner[j]], expected.layers[j]
        if _differ(ours.sources(here.inputs), briefs.sources(there.inputs), there.kind in _ORDER_MATTERS):
            ours_text = student_sources_text(found, here.inputs, ours.names, expected)
            yield RewiredInput(j, _sources_text(expected, there.inputs), ours_text)
    if _differ(ours.sources(found.outputs), briefs.sources(expected.outputs), in_order=False):
        ours_text = student_sources_text(found, found.outputs, ours.names, expected)
        yield RewiredInput(None, _sources_text(expected, expected.outputs), ours_text)


def _differ(found: tuple[list[int], bool], expected: tuple[list[int], bool], in_order: bool) -> bool:
    (ours, we_merged), (briefs, brief_merged) = found, expected
    if ours == briefs or (not in_order and sorted(ours) == sorted(briefs)):
        return False
    if we_merged and set(briefs) <= set(ours):
        return False
    return not (brief_merged and set(ours) <= set(briefs))


def student_sources_text(
    found: ModelSpec, positions: Sequence[int], partners: Mapping[int, int], expected: ModelSpec
) -> str:
    """Names of layers of the student's network, counted as in the expected one: "the second Conv2D and an extra Add".

    Args:
        found: the student's network.
        positions: positions of the layers in it, -1 for the input.
        partners: position of the expected layer for each layer of the student's that has one.
        expected: the network that the assignment specifies.
    """
    names = []
    for position in positions:
        if position in partners:
            names.append(layer_label(expected.layers, partners[position]))
        else:
            names.append("the input" if position < 0 else f"an extra {found.layers[position].kind}")
    return " and ".join(names) or "nothing"


def _sources_text(spec: ModelSpec, positions: Sequence[int]) -> str:
    return " and ".join("the input" if p < 0 else layer_label(spec.layers, p) for p in positions) or "nothing"

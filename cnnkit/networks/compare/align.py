"""Which layer of one network answers to which layer of another: edit distance, cheapest explanation first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnkit.networks.layer_settings import SETTINGS, setting
from cnnkit.networks.model_spec import LayerSpec, Setting

# The price of each explanation. A wrong setting is cheaper than a swap of neighbours, a swap cheaper than a layer that
# is missing here and extra there; a layer of another kind in the same place costs less than one missing and one extra.
_ONE_SETTING, _EACH_SETTING, _MOST_SETTINGS = 0.2, 0.15, 0.95
_RELATED, _UNRELATED = 1.1, 1.6
_MISSING_OR_EXTRA = 1.0
_SWAP = 0.6
_UNIT = 0.05
"""All of them are multiples of it, so that sums can be compared as whole numbers."""

_RELATIVES = (
    ("Conv",),
    ("MaxPooling", "AveragePooling"),
    ("Global", "Flatten", "Reshape"),
    ("Dense",),
    ("Dropout", "Noise"),
    ("Normalization",),
    ("Activation", "ReLU", "ELU", "Softmax"),
)


@dataclass(frozen=True)
class Pairing:
    """The alignment of two layer sequences.

    Attributes:
        pairs: (found, expected) positions in reading order; None where a layer has no partner.
        swaps: pairs of neighbouring expected positions that the found network has in the other order.
        moves: (found, expected) of layers that are right but stand elsewhere; both are unpaired in `pairs`.
    """

    pairs: tuple[tuple[int | None, int | None], ...]
    swaps: tuple[tuple[int, int], ...]
    moves: tuple[tuple[int, int], ...]


def differing_settings(found: LayerSpec, expected: LayerSpec) -> list[str]:
    """The settings in which two layers of one kind differ in what they compute, in the table's order.

    A setting that is not written out has Keras's default. What cannot matter does not count: the padding and dilation
    of a window of one pixel.
    """
    kind = expected.kind
    names = dict.fromkeys([*SETTINGS.get(kind, {}), *expected.config, *found.config])
    window = "pool_size" if "pool_size" in names else "kernel_size"
    sizes = [setting(kind, layer.config, window) for layer in (found, expected)]
    one_pixel = all(isinstance(size, tuple) and set(size) == {1} for size in sizes)
    return [
        name
        for name in names
        if not (one_pixel and name in ("padding", "dilation_rate"))
        and not _equal(setting(kind, found.config, name), setting(kind, expected.config, name))
    ]


def _equal(one: Setting, other: Setting) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)
    return one == other


def align(found: Sequence[LayerSpec], expected: Sequence[LayerSpec]) -> Pairing:
    """Pair the layers of two networks so that the differences between them cost least (optimal string alignment)."""
    price = _Prices(found, expected)
    first = 0
    while first < min(len(found), len(expected)) and price(first, first) == 0:
        first += 1
    tail = 0
    while tail < min(len(found), len(expected)) - first and price(len(found) - 1 - tail, len(expected) - 1 - tail) == 0:
        tail += 1

    ends = len(found) - tail, len(expected) - tail
    middle, swaps = _one_moved(price, first, *ends) or _middle(price, first, *ends)
    pairs: list[tuple[int | None, int | None]] = [(i, i) for i in range(first)]
    pairs += middle
    pairs += [(len(found) - tail + k, len(expected) - tail + k) for k in range(tail)]

    extras = [i for i, j in pairs if i is not None and j is None]
    moves = []
    for j in [j for i, j in pairs if i is None and j is not None]:
        match = next((i for i in extras if price(i, j) == 0), None)
        if match is not None:
            extras.remove(match)
            moves.append((match, j))
    return Pairing(tuple(pairs), tuple(swaps), tuple(moves))


class _Prices:
    """What it costs to take found layer i for expected layer j; equal layers share one calculation."""

    def __init__(self, found: Sequence[LayerSpec], expected: Sequence[LayerSpec]) -> None:
        self._found, self._expected = found, expected
        self._found_keys = [(layer.kind, str(sorted(layer.config.items()))) for layer in found]
        self._expected_keys = [(layer.kind, str(sorted(layer.config.items()))) for layer in expected]
        self._known: dict[object, float] = {}
        self._rows: dict[object, list[int]] = {}

    def __call__(self, i: int, j: int) -> float:
        key = (self._found_keys[i], self._expected_keys[j])
        price = self._known.get(key)
        if price is None:
            price = self._known[key] = _price(self._found[i], self._expected[j])
        return price

    def row(self, i: int) -> list[int]:
        """What found layer i costs for each expected layer, in units of _UNIT."""
        key = self._found_keys[i]
        if key not in self._rows:
            self._rows[key] = [_units(self(i, j)) for j in range(len(self._expected))]
        return self._rows[key]


def _price(found: LayerSpec, expected: LayerSpec) -> float:
    if found.kind != expected.kind:
        return _RELATED if _are_related(found.kind, expected.kind) else _UNRELATED
    count = len(differing_settings(found, expected))
    return min(_ONE_SETTING + _EACH_SETTING * count, _MOST_SETTINGS) if count else 0.0


def _units(price: float) -> int:
    return round(price / _UNIT)


def _are_related(one: str, other: str) -> bool:
    return any(any(word in one for word in words) and any(word in other for word in words) for words in _RELATIVES)


def _one_moved(
    price: _Prices, start: int, found_end: int, expected_end: int
) -> tuple[list[tuple[int | None, int | None]], list[tuple[int, int]]] | None:
    """Align two stretches of which one is the other with a single layer moved from one end to the other, if they are.

    Edit distance knows no such step and would explain it by several wrong settings. Neighbours are a swap instead.
    """
    count = found_end - start
    if count < 3 or found_end != expected_end:
        return None
    last = found_end - 1
    if price(last, start) == 0 and all(price(k, k + 1) == 0 for k in range(start, last)):
        return [(None, start), *((k, k + 1) for k in range(start, last)), (last, None)], []
    if price(start, last) == 0 and all(price(k + 1, k) == 0 for k in range(start, last)):
        return [(start, None), *((k + 1, k) for k in range(start, last)), (None, last)], []
    return None


def _middle(
    price: _Prices, start: int, found_end: int, expected_end: int
) -> tuple[list[tuple[int | None, int | None]], list[tuple[int, int]]]:
    """Align found[start:found_end] with expected[start:expected_end].

    Of explanations that cost the same the first of pair, swap, extra and missing is taken. InceptionV3 against another
    network is a table of 100,000 entries, hence whole numbers and no call in the inner loop.
    """
    rows, columns = found_end - start, expected_end - start
    single, swap, dearest_swapped = _units(_MISSING_OR_EXTRA), _units(_SWAP), _units(_MOST_SETTINGS)
    step = [["missing"] * (columns + 1)]
    earlier: list[int] = []
    above = [j * single for j in range(columns + 1)]
    last: list[int] = []
    for i in range(1, rows + 1):
        prices = price.row(start + i - 1)[start:expected_end]
        best, steps = [i * single], ["extra"]
        for j in range(1, columns + 1):
            cost, taken = above[j - 1] + prices[j - 1], "pair"
            if i > 1 and j > 1 and prices[j - 2] <= dearest_swapped and last[j - 1] <= dearest_swapped:
                # the same two kinds, the other way round
                crossed = earlier[j - 2] + swap + prices[j - 2] + last[j - 1]
                if crossed < cost:
                    cost, taken = crossed, "swap"
            if above[j] + single < cost:
                cost, taken = above[j] + single, "extra"
            if best[j - 1] + single < cost:
                cost, taken = best[j - 1] + single, "missing"
            best.append(cost)
            steps.append(taken)
        step.append(steps)
        earlier, above, last = above, best, prices

    pairs: list[tuple[int | None, int | None]] = []
    swaps: list[tuple[int, int]] = []
    i, j = rows, columns
    while i or j:
        move = step[i][j]
        if move == "swap":
            pairs += [(start + i - 2, start + j - 1), (start + i - 1, start + j - 2)]
            swaps.append((start + j - 2, start + j - 1))
            i, j = i - 2, j - 2
            continue
        pairs.append((start + i - 1 if move != "missing" else None, start + j - 1 if move != "extra" else None))
        i, j = i - (move != "missing"), j - (move != "extra")
    return pairs[::-1], swaps[::-1]

"""Alignment of two networks' layers: optimal string alignment, an edit distance, with costs for each kind of edit.

Sources: F. J. Damerau, "A technique for computer detection and correction of spelling errors" (1964), for swaps of
neighbours; R. A. Wagner and M. J. Fischer, "The string-to-string correction problem" (1974), for the recurrence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnkit.networks.layer_settings import SETTINGS, setting
from cnnkit.networks.model_spec import LayerSpec, Setting

# The cost of each edit. One wrong setting costs less than a swap of neighbours, a swap less than a missing layer and an
# extra one; a layer of a different kind in the same position costs less than a missing layer and an extra one.
_ONE_SETTING, _EACH_SETTING, _MOST_SETTINGS = 0.2, 0.15, 0.95
_RELATED, _UNRELATED = 1.1, 1.6
_MISSING_OR_EXTRA = 1.0
_SWAP = 0.6
_UNIT = 0.05
"""All costs are multiples of it, so that sums can be compared as integers."""

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
    """Alignment of two layer sequences.

    Attributes:
        pairs: (found, expected) positions in order; None for a layer without a partner.
        swaps: pairs of neighbouring expected positions that the found network has in reverse order.
        moves: (found, expected) positions of equal layers in different positions; both are unpaired in `pairs`.
    """

    pairs: tuple[tuple[int | None, int | None], ...]
    swaps: tuple[tuple[int, int], ...]
    moves: tuple[tuple[int, int], ...]


def differing_settings(found: LayerSpec, expected: LayerSpec) -> list[str]:
    """Names of the settings in which two layers of one kind differ, in the order of `SETTINGS`.

    A setting that is left out has Keras's default. Settings that have no effect are not compared: the padding and
    dilation of a window of one pixel.

    Args:
        found: a layer.
        expected: a layer of the same kind.

    Example:
        >>> found, expected = (LayerSpec("Dense", {"units": n}, (None, n), 0, 0) for n in (3, 4))
        >>> differing_settings(found, expected)
        ['units']
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
    """Pair the layers of two networks so that the differences between them cost least.

    Args:
        found: layers of one network, in the order of computation.
        expected: layers of the other.

    Returns:
        The alignment. Of alignments that cost the same, the first of pair, swap, extra and missing is taken.

    Example:
        >>> first, second = LayerSpec("Flatten", {}, (None, 4), 0, 0), LayerSpec("ReLU", {}, (None, 4), 0, 0)
        >>> align([second], [first, second]).pairs
        ((None, 0), (0, 1))
    """
    cost = _Costs(found, expected)
    first = 0
    while first < min(len(found), len(expected)) and cost(first, first) == 0:
        first += 1
    tail = 0
    while tail < min(len(found), len(expected)) - first and cost(len(found) - 1 - tail, len(expected) - 1 - tail) == 0:
        tail += 1

    ends = len(found) - tail, len(expected) - tail
    middle, swaps = _one_moved(cost, first, *ends) or _align_between(cost, first, *ends)
    pairs: list[tuple[int | None, int | None]] = [(i, i) for i in range(first)]
    pairs += middle
    pairs += [(len(found) - tail + k, len(expected) - tail + k) for k in range(tail)]

    extras = [i for i, j in pairs if i is not None and j is None]
    moves = []
    for j in [j for i, j in pairs if i is None and j is not None]:
        match = next((i for i in extras if cost(i, j) == 0), None)
        if match is not None:
            extras.remove(match)
            moves.append((match, j))
    return Pairing(tuple(pairs), tuple(swaps), tuple(moves))


class _Costs:
    """Cost of pairing found layer i with expected layer j, cached by kind and settings."""

    def __init__(self, found: Sequence[LayerSpec], expected: Sequence[LayerSpec]) -> None:
        self._found, self._expected = found, expected
        self._found_keys = [(layer.kind, str(sorted(layer.config.items()))) for layer in found]
        self._expected_keys = [(layer.kind, str(sorted(layer.config.items()))) for layer in expected]
        self._pairs: dict[object, float] = {}
        self._rows: dict[object, list[int]] = {}

    def __call__(self, i: int, j: int) -> float:
        key = (self._found_keys[i], self._expected_keys[j])
        cost = self._pairs.get(key)
        if cost is None:
            cost = self._pairs[key] = _pair_cost(self._found[i], self._expected[j])
        return cost

    def row(self, i: int) -> list[int]:
        """Cost of pairing found layer i with each expected layer, in units of _UNIT."""
        key = self._found_keys[i]
        if key not in self._rows:
            self._rows[key] = [_units(self(i, j)) for j in range(len(self._expected))]
        return self._rows[key]


def _pair_cost(found: LayerSpec, expected: LayerSpec) -> float:
    if found.kind != expected.kind:
        return _RELATED if _are_related(found.kind, expected.kind) else _UNRELATED
    count = len(differing_settings(found, expected))
    return min(_ONE_SETTING + _EACH_SETTING * count, _MOST_SETTINGS) if count else 0.0


def _units(cost: float) -> int:
    return round(cost / _UNIT)


def _are_related(one: str, other: str) -> bool:
    return any(any(word in one for word in words) and any(word in other for word in words) for words in _RELATIVES)


def _one_moved(
    cost: _Costs, start: int, found_end: int, expected_end: int
) -> tuple[list[tuple[int | None, int | None]], list[tuple[int, int]]] | None:
    """Align two stretches that differ by one layer moved from one end to the other; None if they do not.

    The edit distance has no such edit and would take several wrong settings instead. Two neighbours are a swap.
    """
    count = found_end - start
    if count < 3 or found_end != expected_end:
        return None
    last = found_end - 1
    if cost(last, start) == 0 and all(cost(k, k + 1) == 0 for k in range(start, last)):
        return [(None, start), *((k, k + 1) for k in range(start, last)), (last, None)], []
    if cost(start, last) == 0 and all(cost(k + 1, k) == 0 for k in range(start, last)):
        return [(start, None), *((k + 1, k) for k in range(start, last)), (None, last)], []
    return None


def _align_between(
    cost: _Costs, start: int, found_end: int, expected_end: int
) -> tuple[list[tuple[int | None, int | None]], list[tuple[int, int]]]:
    """Align found[start:found_end] with expected[start:expected_end] by dynamic programming.

    InceptionV3 against another network is a table of 100,000 entries, hence integers and no call in the inner loop.
    """
    rows, columns = found_end - start, expected_end - start
    single, swap, most_swapped = _units(_MISSING_OR_EXTRA), _units(_SWAP), _units(_MOST_SETTINGS)
    step = [["missing"] * (columns + 1)]
    earlier: list[int] = []
    above = [j * single for j in range(columns + 1)]
    last: list[int] = []
    for i in range(1, rows + 1):
        costs = cost.row(start + i - 1)[start:expected_end]
        best, steps = [i * single], ["extra"]
        for j in range(1, columns + 1):
            total, taken = above[j - 1] + costs[j - 1], "pair"
            if i > 1 and j > 1 and costs[j - 2] <= most_swapped and last[j - 1] <= most_swapped:
                # the same two kinds in reverse order
                crossed = earlier[j - 2] + swap + costs[j - 2] + last[j - 1]
                if crossed < total:
                    total, taken = crossed, "swap"
            if above[j] + single < total:
                total, taken = above[j] + single, "extra"
            if best[j - 1] + single < total:
                total, taken = best[j - 1] + single, "missing"
            best.append(total)
            steps.append(taken)
        step.append(steps)
        earlier, above, last = above, best, costs

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

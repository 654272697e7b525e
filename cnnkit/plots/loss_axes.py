"""Geometry that all drawings of loss curves share: bounds, gaps, ticks on a logarithmic axis, and label positions."""

from __future__ import annotations

import math
from collections.abc import Sequence

LARGEST = 1e30
"""Values beyond this are not drawn, nor are infinite ones: an axis that held them would show nothing else. On a
logarithmic axis its reciprocal is the smallest value."""

MOST_EPOCHS = 1_000
"""Epochs that an SVG draws; of a longer run the first ones."""

MOST_TICKS = 8
"""Ticks on the axis of the loss."""

_STEPS = ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 5), (1,))
"""Multiples of a power of ten at which ticks may stand, the densest choice first."""

Point = tuple[int, float]
"""Epoch, counted from 1, and value."""


def has_logarithm(value: float) -> bool:
    """True for a value that a logarithmic axis can show: from 1e-30 to 1e30, hence not for NaN."""
    return 1 / LARGEST <= value <= LARGEST


def drawn_segments(values: Sequence[float]) -> list[list[Point]]:
    """Split a series at its gaps: stretches of neighbouring epochs whose values can be drawn.

    Args:
        values: by epoch; at most `MOST_EPOCHS` of them are looked at.

    Example:
        >>> drawn_segments([2.0, float("nan"), 1.0, 0.5])
        [[(1, 2.0)], [(3, 1.0), (4, 0.5)]]
    """
    segments: list[list[Point]] = [[]]
    for epoch, value in enumerate(values[:MOST_EPOCHS], 1):
        if has_logarithm(value):
            segments[-1].append((epoch, value))
        elif segments[-1]:
            segments.append([])
    return [segment for segment in segments if segment]


def log_limits(low: float, high: float) -> tuple[float, float]:
    """Limits of a logarithmic axis for values from `low` to `high`, as decimal logarithms.

    They are at least a factor of two apart, so that a nearly level line does not look like a cliff, and leave a small
    margin.
    """
    bottom, top = math.log10(low), math.log10(high)
    least = math.log10(2) / 2
    middle = (bottom + top) / 2
    return min(bottom, middle - least) - 0.04, max(top, middle + least) + 0.04


def log_ticks(bottom: float, top: float) -> list[float]:
    """Ticks between two limits of a logarithmic axis: as dense as possible, but at most `MOST_TICKS`.

    Args:
        bottom: decimal logarithm of the lower limit.
        top: decimal logarithm of the upper limit.

    Returns:
        The values at which ticks stand, ascending.

    Example:
        >>> log_ticks(-2.1, 0.1)
        [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    """
    powers = range(math.floor(bottom), math.ceil(top) + 1)
    ticks: list[float] = []
    for steps in _STEPS:
        ticks = [step * 10.0**power for power in powers for step in steps if bottom <= math.log10(step) + power <= top]
        if len(ticks) <= MOST_TICKS:
            return ticks
    return ticks[:: math.ceil(len(ticks) / MOST_TICKS)]


def epoch_ticks(epochs: int, most: int) -> list[int]:
    """Ticks on the axis of the epochs: every epoch, or the first and the multiples of 2, 5, 10, 20, ...

    Args:
        epochs: the last epoch, at most `MOST_EPOCHS`.
        most: ticks beside the first.

    Example:
        >>> epoch_ticks(3, 10), epoch_ticks(40, 10)
        ([1, 2, 3], [1, 5, 10, 15, 20, 25, 30, 35, 40])
    """
    step = next(s * 10**p for p in range(4) for s in (1, 2, 5) if epochs / (s * 10**p) <= most)
    ticks = [*range(step, epochs + 1, step)]
    return ticks if step == 1 else [1, *ticks]


def spread_labels(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart along one axis so that they do not overlap.

    Args:
        positions: where the labels would stand, in any order.
        gap: least distance of two labels; less if there is no room for so much.
        low: lower limit of the positions.
        high: upper limit of the positions.

    Returns:
        The new positions, each within the limits, in the order of `positions`.

    Example:
        >>> spread_labels([5.0, 4.0, 9.5], gap=2.0, low=0.0, high=10.0)
        [6.0, 4.0, 9.5]
    """
    if len(positions) > 1:
        gap = min(gap, (high - low) / (len(positions) - 1))
    order = sorted(range(len(positions)), key=positions.__getitem__)
    spread = [0.0] * len(positions)
    free = low
    for place in order:
        spread[place] = max(positions[place], free)
        free = spread[place] + gap
    free = high
    for place in reversed(order):
        spread[place] = max(low, min(spread[place], free))
        free = spread[place] - gap
    return spread

"""One run's loss curve as a small SVG: it travels in the notebook, where Matplotlib's would be ten times larger."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from cnnkit.plots import style

_WIDTH, _HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 92, 14, 38
"""Room for the axis labels and, on the right, for the lines' names; in pixels."""

_MOST = 1000
"""Epochs that are drawn; of a longer run the first ones."""


def curve_svg(run: Any) -> str:
    """Draw training loss (solid) and validation loss (dashed) of one run against the epoch, on a logarithmic axis.

    Args:
        run: a training record, a Keras History, or a dictionary with lists under "loss" and "val_loss".

    Returns:
        An `<svg>` element that refers to nothing outside itself, the same text for the same numbers.
        Values that are not within 1e-30 and 1e30 leave a gap; without any the picture says so.

    Example:
        >>> curve_svg({"loss": [0.19, 0.07], "val_loss": [0.05, 0.04]}).startswith("<svg")
        True
    """
    history = getattr(run, "history", run)
    name = str(getattr(run, "run", "") or "loss")
    series = [
        (label, [float(value) for value in list(history.get(key, ()))[:_MOST]], colour, dashes)
        for label, key, colour, dashes in (
            ("training", "loss", style.SERIES[0][0], ""),
            ("validation", "val_loss", style.SERIES[1][0], ' stroke-dasharray="6 3"'),
        )
    ]
    shown = [value for _, values, _, _ in series for value in values if _drawable(value)]
    epochs = max((len(values) for _, values, _, _ in series), default=0)
    if shown:
        body = _plot(series, epochs, min(shown), max(shown))
    else:
        body = f'<text x="{_WIDTH // 2}" y="{_HEIGHT // 2}" text-anchor="middle">no finite loss to draw</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="{style.INK}">'
        f"<title>{escape(f'{name}: loss by epoch')}</title><desc>{escape(_words(series))}</desc>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{style.PAPER}"/>{body}</svg>'
    )


_Series = tuple[str, list[float], str, str]


def _drawable(value: float) -> bool:
    return 1e-30 <= value <= 1e30  # false for NaN


def _words(series: Sequence[_Series]) -> str:
    """What the picture shows, for those who do not see it."""
    said = [
        f"{label} loss from {values[0]:.4g} to {values[-1]:.4g} in {len(values)} epochs"
        for label, values, _, _ in series
        if values
    ]
    return "; ".join(said) or "no losses"


def _plot(series: Sequence[_Series], epochs: int, low: float, high: float) -> str:
    bottom, top = math.log10(low), math.log10(high)
    if top - bottom < 0.3:  # a line that is nearly level must not look like a cliff
        bottom, top = (bottom + top) / 2 - 0.15, (bottom + top) / 2 + 0.15
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def across(epoch: int) -> float:
        return _LEFT + width * (epoch - 1) / max(epochs - 1, 1)

    def down(value: float) -> float:
        return _TOP + height * (top - math.log10(value)) / (top - bottom)

    parts = [_value_axis(bottom, top, down), _epoch_axis(epochs, across)]
    ends: list[float] = []
    for label, values, colour, dashes in series:
        for piece in _pieces(values):
            points = " ".join(f"{across(epoch):.1f},{down(value):.1f}" for epoch, value in piece)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
            if len(piece) == 1:
                x, y = across(piece[0][0]), down(piece[0][1])
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        finite = [(epoch, value) for epoch, value in enumerate(values, 1) if _drawable(value)]
        if finite:
            y = down(finite[-1][1]) + 4
            if ends and abs(y - ends[-1]) < 14:
                y = ends[-1] + (14 if y >= ends[-1] else -14)
            ends.append(y)
            x = across(finite[-1][0]) + 8
            parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-weight="bold">{label}</text>')
    return "".join(parts)


def _pieces(values: Sequence[float]) -> list[list[tuple[int, float]]]:
    """Runs of neighbouring epochs whose values can be drawn."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for epoch, value in enumerate(values, 1):
        if _drawable(value):
            pieces[-1].append((epoch, value))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _value_axis(bottom: float, top: float, down: Callable[[float], float]) -> str:
    """Grid lines at 1, 2 and 5 times powers of ten, or at the two ends where fewer than two of them fit."""
    powers = range(math.floor(bottom), math.ceil(top) + 1)
    steps = (1, 2, 5) if top - bottom < 1.5 else (1,)
    ticks = [step * 10.0**power for power in powers for step in steps if bottom <= math.log10(step) + power <= top]
    if len(ticks) < 2:
        ticks = [10**bottom, 10**top]
    every = max(1, math.ceil(len(ticks) / 8))
    return "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{down(tick):.1f}" y2="{down(tick):.1f}" stroke="{style.LINE}"/>'
        f'<text x="{_LEFT - 6}" y="{down(tick) + 4:.1f}" text-anchor="end">{tick:.3g}</text>'
        for tick in ticks[::every]
    )


def _epoch_axis(epochs: int, across: Callable[[int], float]) -> str:
    every = max(1, math.ceil(epochs / 10))
    numbers = "".join(
        f'<text x="{across(epoch):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{epoch}</text>'
        for epoch in range(1, epochs + 1, every)
    )
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    return f'{numbers}<text x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">epoch</text>'

"""Loss curves as an SVG: ten times smaller than Matplotlib's, so that it can travel in a notebook or in a page.

One drawing serves both. Colours are attributes, readable on the card that the notebook's picture brings along; a page
may override them by its own CSS, for which every part has a class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from cnnkit.plots.loss_axes import MOST_EPOCHS, Point, drawn_segments, epoch_ticks, log_limits, log_ticks, spread_labels
from cnnkit.plots.palette import INK, LINE, PALE_INK, PAPER, SERIES
from cnnkit.text import one_line

MOST_RUNS = 6
"""Runs in one drawing; of more the first ones."""

_DASHES = ("", "10 4", "10 3 2 3", "5 3", "18 5", "12 3 2 3 2 3")
"""Dashes by run, so that lines are told apart without colour."""

_NAME_CHARACTERS = 18
"""A longer name of a run is shortened at its line."""

_MOST_MARKERS = 20
"""Markers on one line."""


@dataclass(frozen=True)
class SvgLayout:
    """Size and equipment of a drawing; lengths in the SVG's own units.

    Attributes:
        width: of the whole drawing.
        height: of the whole drawing.
        tick_character: width of a digit in a tick's label.
        name_character: width of a character in a line's name, which is bold.
        label_gap: distance of two names.
        most_epoch_ticks: on the axis of the epochs.
        markers: mark the epochs of solid lines, and show a sample of the line beside its name.
        card: put a white card behind it, and make it complete as a file: with its namespace and its size in pixels.
    """

    width: int
    height: int
    tick_character: float
    name_character: float
    label_gap: float
    most_epoch_ticks: int
    markers: bool
    card: bool


NOTEBOOK = SvgLayout(420, 200, 7.0, 7.8, 14.0, most_epoch_ticks=10, markers=False, card=True)
"""A small picture below a cell."""

PAGE = SvgLayout(680, 330, 10.5, 12.8, 21.0, most_epoch_ticks=12, markers=True, card=False)
"""A picture as wide as a page. Characters have the width that feedback.css gives them on a phone, where the drawing is
scaled down."""


@dataclass(frozen=True)
class SvgCurve:
    """One line of a drawing.

    Attributes:
        values: by epoch; one that is not between 1e-30 and 1e30 leaves a gap.
        series: place of its colour and marker in `palette.SERIES`.
        kind: "training" (thick, with markers if the layout has them) or "validation" (thin).
        label: its name, at its end; "" for none.
        dashes: an SVG dash pattern; "" for a solid line.
    """

    values: Sequence[float]
    series: int
    kind: str
    label: str = ""
    dashes: str = ""


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
    curves = [
        SvgCurve([float(value) for value in history.get(key, ())], series, label, label, dashes)
        for series, (label, key, dashes) in enumerate((("training", "loss", ""), ("validation", "val_loss", "6 3")))
    ]
    described = [
        f"{curve.label} loss from {curve.values[0]:.4g} to {curve.values[-1]:.4g} in {len(curve.values)} epochs"
        for curve in curves
        if curve.values
    ]
    return curves_drawing(curves, NOTEBOOK, f"{name}: loss by epoch", "; ".join(described) or "no losses")


def runs_svg(runs: Mapping[str, Mapping[str, Sequence[float]]], description: str) -> str:
    """Draw the losses of several runs: training with markers and the run's name, validation thin and dotted.

    Args:
        runs: from a run's name to its history: lists under "loss" and "val_loss". At most MOST_RUNS are drawn.
        description: the picture in words, for screen readers.

    Returns:
        An `<svg>` element that refers to nothing outside itself, the same text for the same arguments; "" if there is
        nothing to draw.
    """
    curves = []
    for series, (name, history) in enumerate(list(runs.items())[:MOST_RUNS]):
        training, validation = history.get("loss", ()), history.get("val_loss", ())
        label, named = one_line(name, _NAME_CHARACTERS), bool(drawn_segments(training))
        curves.append(SvgCurve(validation, series, "validation", "" if named else label, "1 3"))
        curves.append(SvgCurve(training, series, "training", label if named else "", _DASHES[series]))
    if not any(drawn_segments(curve.values) for curve in curves):
        return ""
    return curves_drawing(curves, PAGE, "Loss against epoch, one line per training run", description)


def curves_drawing(curves: Sequence[SvgCurve], layout: SvgLayout, title: str, description: str) -> str:
    """Draw lines on a logarithmic axis of the loss.

    Args:
        curves: the lines, in the order in which they are drawn.
        layout: size and equipment.
        title: the picture's name, for screen readers and as a tooltip.
        description: the picture in words, for screen readers.

    Returns:
        An `<svg>` element. Without a value that can be drawn it holds a sentence instead of axes.
    """
    width, height = layout.width, layout.height
    segments = [drawn_segments(curve.values) for curve in curves]
    if any(segments):
        body = _Plot(curves, segments, layout).body()
    else:
        body = f'<text x="{width // 2}" y="{height // 2}" text-anchor="middle">no finite loss to draw</text>'
    own = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"' if layout.card else ""
    card = f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>' if layout.card else ""
    return (
        f'<svg{own} viewBox="0 0 {width} {height}" role="img" class="curves" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{card}{body}</svg>"
    )


_Segments = list[list[Point]]


class _Plot:
    """Axes and lines: epochs from left to right, the logarithm of the loss from bottom to top."""

    def __init__(self, curves: Sequence[SvgCurve], segments: Sequence[_Segments], layout: SvgLayout):
        self._curves, self._segments, self._layout = curves, segments, layout
        values = [value for pieces in segments for piece in pieces for _, value in piece]
        self._low, self._high = log_limits(min(values), max(values))
        self._ticks = log_ticks(self._low, self._high)
        self._epochs = min(MOST_EPOCHS, max(len(curve.values) for curve in curves))
        sample = 28 if layout.markers else 0
        longest_tick = max(len(f"{tick:g}") for tick in self._ticks)
        longest_name = max(len(curve.label) for curve in curves)
        self._left = math.ceil(30 + longest_tick * layout.tick_character)
        self._right = layout.width - math.ceil(12 + sample + longest_name * layout.name_character)
        self._top, self._bottom = 16, layout.height - 28 - math.ceil(layout.label_gap)

    def body(self) -> str:
        """All elements of the plot."""
        drawn = zip(self._curves, self._segments, strict=True)
        return self._axes() + "".join(self._line(curve, pieces) for curve, pieces in drawn if pieces) + self._labels()

    def _x(self, epoch: int) -> float:
        share = (epoch - 1) / (self._epochs - 1) if self._epochs > 1 else 0.5
        return round(self._left + share * (self._right - self._left), 1)

    def _y(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return round(self._bottom - share * (self._bottom - self._top), 1)

    def _axes(self) -> str:
        left, right, bottom = self._left, self._right, self._bottom
        middle, center = (self._top + bottom) // 2, (left + right) // 2
        heights = [(self._y(tick), f"{tick:g}") for tick in self._ticks]
        epochs = epoch_ticks(self._epochs, self._layout.most_epoch_ticks)
        return (
            f'<g class="curves-grid" stroke="{LINE}">'
            + "".join(f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>' for y, _ in heights)
            + f'<line class="curves-axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/></g>'
            f'<g class="curves-tick" fill="{PALE_INK}" text-anchor="end">'
            + "".join(f'<text x="{left - 8}" y="{y + 4:.1f}">{number}</text>' for y, number in heights)
            + f'</g><g class="curves-tick" fill="{PALE_INK}" text-anchor="middle">'
            + "".join(f'<text x="{self._x(epoch)}" y="{bottom + 18}">{epoch}</text>' for epoch in epochs)
            + f'<text x="{center}" y="{self._layout.height - 8}">epoch</text>'
            f'<text x="14" y="{middle}" transform="rotate(-90 14 {middle})">loss (logarithmic)</text></g>'
        )

    def _line(self, curve: SvgCurve, segments: _Segments) -> str:
        path = "".join(
            "M" + "L".join(f"{self._x(epoch)} {self._y(value)}" for epoch, value in segment) for segment in segments
        )
        width = 2.2 if curve.kind == "training" else 1.6
        dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
        line = f'<path class="curves-{curve.kind}" fill="none" stroke-width="{width}"{dashes} d="{path}"/>'
        marks = "".join(self._marks(curve, segments))
        return _series_group(curve.series, line + (f'<g stroke="none">{marks}</g>' if marks else ""))

    def _marks(self, curve: SvgCurve, segments: _Segments) -> list[str]:
        """Markers along the line, and a dot wherever a value has no neighbour and so no line."""
        lonely = {segment[0][0] for segment in segments if len(segment) == 1}
        if not (self._layout.markers and curve.kind == "training"):
            return [_marker("o", self._x(e), self._y(v)) for segment in segments for e, v in segment if e in lonely]
        every = math.ceil(segments[-1][-1][0] / _MOST_MARKERS)
        return [
            _marker(_shape(curve.series), self._x(epoch), self._y(value))
            for segment in segments
            for epoch, value in segment
            if epoch in lonely or (epoch - 1) % every == 0
        ]

    def _labels(self) -> str:
        """Names of the lines, each beside its line's end, moved apart where they would overlap."""
        ends = [
            (self._y(segments[-1][-1][1]), curve)
            for curve, segments in zip(self._curves, self._segments, strict=True)
            if curve.label and segments
        ]
        heights = spread_labels([y for y, _ in ends], self._layout.label_gap, self._top, self._bottom)
        return "".join(self._label(curve, round(y, 1)) for y, (_, curve) in zip(heights, ends, strict=True))

    def _label(self, curve: SvgCurve, y: float) -> str:
        x, sample = self._right + 8, ""
        if self._layout.markers:
            dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
            sample = f'<path class="curves-{curve.kind}" stroke-width="2.2"{dashes} d="M{x} {y}h22"/>'
            sample += f'<g stroke="none">{_marker(_shape(curve.series), x + 11, y)}</g>' * (curve.kind == "training")
            x += 28
        text = f'<text x="{x}" y="{y + 4:.1f}" stroke="none" font-weight="bold">{escape(curve.label)}</text>'
        return _series_group(curve.series, sample + text)


def _series_group(series: int, content: str) -> str:
    colour = SERIES[series][0]
    return f'<g class="curves-run curves-run-{series}" stroke="{colour}" fill="{colour}">{content}</g>'


def _shape(series: int) -> str:
    return SERIES[series][1]


def _marker(shape: str, x: float, y: float) -> str:
    """One marker, named as Matplotlib names it."""
    paths = {
        "^": (0, -4.5, "l4.2 7.6h-8.4z"),
        "v": (0, 4.5, "l4.2 -7.6h-8.4z"),
        "D": (0, -4.8, "l4.8 4.8l-4.8 4.8l-4.8 -4.8z"),
        "s": (-3.2, -3.2, "h6.4v6.4h-6.4z"),
        "P": (-1.4, -4.4, "h2.8v3h3v2.8h-3v3h-2.8v-3h-3v-2.8h3z"),
    }
    if shape == "o":
        return f'<circle cx="{x}" cy="{y}" r="3.5"/>'
    right, down, path = paths[shape]
    return f'<path d="M{x + right:.1f} {y + down:.1f}{path}"/>'

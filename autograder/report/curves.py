"""Loss curves as an inline SVG: told apart by dash, marker and a name at the line's end, not by colour alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from cnnkit.text import one_line

MOST_RUNS = 6
_MOST_EPOCHS = 1_000
_LOWEST, _HIGHEST = 1e-12, 1e12
_WIDTH, _HEIGHT = 680, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 128, 16, 46
_LABEL = 21.0
"""Size of the picture, its smallest margins, and the distance of two labels, in the SVG's own units."""

_TICK_WIDTH, _NAME_WIDTH = 10.5, 12.8
"""A character's width at the size that a phone gets (18 in feedback.css), of a number and of a name in bold."""

_DASHES = ("", "10 4", "10 3 2 3", "5 3", "18 5", "12 3 2 3 2 3")
_MARKERS = ("circle", "square", "triangle", "diamond", "cross", "bar")


@dataclass(frozen=True)
class RunSummary:
    """One run in numbers, for the table under the picture; texts, since a loss may be NaN."""

    name: str
    epochs: int
    first: str
    last: str
    validation: str


def run_summaries(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> list[RunSummary]:
    """The runs in numbers, in their order."""
    return [
        RunSummary(
            one_line(name, 40),
            len(history.get("loss", ())),
            _loss(history.get("loss", ())[:1]),
            _loss(history.get("loss", ())[-1:]),
            _loss(history.get("val_loss", ())[-1:]),
        )
        for name, history in list(histories.items())[:20]
    ]


def curves_svg(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Draw the training loss of each run (with its markers and name) and its validation loss (thin), on a log axis.

    At most MOST_RUNS runs are drawn. A value that is not a number, or not between 1e-12 and 1e12, leaves a gap.

    Returns:
        An `<svg>` element that refers to nothing outside itself, with a title and a description in words; the same text
        for the same numbers. "" if there is nothing to draw.
    """
    runs = [
        (one_line(name, 18), [_values(history.get(key, ())) for key in ("loss", "val_loss")])
        for name, history in list(histories.items())[:MOST_RUNS]
    ]
    shown = [value for _, pair in runs for values in pair for value in values if value is not None]
    if not shown:
        return ""
    epochs = max(len(values) for _, pair in runs for values in pair)
    plot = _Plot(min(shown), max(shown), epochs, max(len(name) for name, _ in runs))
    parts = [*plot.grid()]
    for index, (_, (training, validation)) in enumerate(runs):
        parts.append(f'<g class="run run-{index}">')
        parts += plot.line(validation, "validation", "1 3")
        parts += plot.line(training, "training", _DASHES[index])
        parts += plot.markers(training, _MARKERS[index])
        parts.append("</g>")
    parts += plot.labels([(name, pair[0] or pair[1]) for name, pair in runs])
    description = " ".join(_sentence(summary) for summary in run_summaries(histories)[:MOST_RUNS])
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="curves-title curves-text" class="curves">'
        '<title id="curves-title">Loss against epoch, one line per training run</title>'
        f'<desc id="curves-text">{escape(description)}</desc>' + "".join(parts) + "</svg>"
    )


def _sentence(run: RunSummary) -> str:
    text = f"{run.name}: training loss from {run.first} to {run.last} in {run.epochs} epochs"
    return f"{text}, validation loss {run.validation} at the end." if run.validation != "–" else f"{text}."


def _values(values: Sequence[float]) -> list[float | None]:
    return [v if _LOWEST <= v <= _HIGHEST else None for v in values[:_MOST_EPOCHS]]


def _loss(values: Sequence[float]) -> str:
    return f"{values[0]:.4g}" if values else "–"


class _Plot:
    """Coordinates: epochs from left to right, the logarithm of the loss from bottom to top."""

    def __init__(self, low: float, high: float, epochs: int, longest_name: int = 0) -> None:
        # At least a factor of two, so that a flat line does not look like a mountain range.
        middle = math.sqrt(low) * math.sqrt(high)
        self.low = math.log10(min(low, middle / math.sqrt(2))) - 0.04
        self.high = math.log10(max(high, middle * math.sqrt(2))) + 0.04
        self.epochs = epochs
        longest_tick = max((len(f"{tick:g}") for tick in self._loss_ticks()), default=0)
        self.left = max(_LEFT, math.ceil(30 + longest_tick * _TICK_WIDTH))
        self.right = _WIDTH - max(_RIGHT, math.ceil(38 + longest_name * _NAME_WIDTH))

    def x(self, epoch: int) -> float:
        share = (epoch - 1) / (self.epochs - 1) if self.epochs > 1 else 0.5
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    def grid(self) -> list[str]:
        left, right, bottom = self.left, self.right, _HEIGHT - _BOTTOM
        parts = []
        for tick in self._loss_ticks():
            y = self.y(tick)
            parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
        for epoch in self._epoch_ticks():
            parts.append(
                f'<text class="tick" x="{self.x(epoch)}" y="{bottom + 18}" text-anchor="middle">{epoch}</text>'
            )
        middle = (_TOP + bottom) / 2
        parts.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
        parts.append(f'<text class="name" x="{(left + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">epoch</text>')
        parts.append(
            f'<text class="name" x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">'
            "loss (logarithmic)</text>"
        )
        return parts

    def _loss_ticks(self) -> list[float]:
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        for steps in ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 5), (1,)):
            ticks = [step * 10.0**power for power in decades for step in steps]
            ticks = [tick for tick in ticks if self.low <= math.log10(tick) <= self.high]
            if len(ticks) <= 8:
                return ticks
        return ticks[:: math.ceil(len(ticks) / 8)]

    def _epoch_ticks(self) -> list[int]:
        step = next(s * 10**p for p in range(4) for s in (1, 2, 5) if self.epochs / (s * 10**p) <= 12)
        ticks = [epoch for epoch in range(step, self.epochs + 1, step)]
        return ticks if step == 1 else [1, *ticks]

    def line(self, values: list[float | None], kind: str, dashes: str) -> list[str]:
        path, pen_down = [], False
        for epoch, value in enumerate(values, start=1):
            if value is not None:
                path.append(f"{'L' if pen_down else 'M'}{self.x(epoch)} {self.y(value)}")
            pen_down = value is not None
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        return [f'<path class="{kind}" d="{"".join(path)}"{dash}/>'] if path else []

    def markers(self, values: list[float | None], shape: str) -> list[str]:
        every = max(1, math.ceil(len(values) / 20))
        places = [
            (self.x(e), self.y(v)) for e, v in enumerate(values, start=1) if v is not None and (e - 1) % every == 0
        ]
        return [_marker(shape, x, y) for x, y in places]

    def labels(self, runs: list[tuple[str, list[float | None]]]) -> list[str]:
        """The runs' names at the ends of their lines, moved apart where they would overlap."""
        ends: list[tuple[float, int, str]] = []
        for index, (name, values) in enumerate(runs):
            drawn = [value for value in values if value is not None]
            if drawn:
                ends.append((self.y(drawn[-1]), index, name))
        ends.sort()
        heights = [height for height, _, _ in ends]
        for place in range(1, len(heights)):
            heights[place] = max(heights[place], heights[place - 1] + _LABEL)
        limit = float(_HEIGHT - _BOTTOM)
        for place in reversed(range(len(heights))):
            heights[place] = min(heights[place], limit)
            limit = heights[place] - _LABEL
        x = self.right + 10
        parts = []
        for y, (_, index, name) in zip(heights, ends, strict=True):
            sample = f'<line x1="{x}" x2="{x + 22}" y1="{y:.1f}" y2="{y:.1f}" class="training" '
            sample += f'stroke-dasharray="{_DASHES[index]}"/>' if _DASHES[index] else "/>"
            parts.append(
                f'<g class="run run-{index}">{sample}{_marker(_MARKERS[index], x + 11, round(y, 1))}'
                f'<text x="{x + 28}" y="{y + 4:.1f}">{escape(name)}</text></g>'
            )
        return parts


def _marker(shape: str, x: float, y: float) -> str:
    shapes = {
        "circle": f'<circle cx="{x}" cy="{y}" r="3.5"/>',
        "square": f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4"/>',
        "triangle": f'<path class="mark" d="M{x:.1f} {y - 4.5:.1f}l4.2 7.6h-8.4z"/>',
        "diamond": f'<path class="mark" d="M{x:.1f} {y - 4.8:.1f}l4.8 4.8l-4.8 4.8l-4.8 -4.8z"/>',
        "cross": f'<path class="stroke" d="M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"/>',
        "bar": f'<path class="stroke" d="M{x:.1f} {y - 4.5:.1f}v9"/>',
    }
    return shapes[shape]

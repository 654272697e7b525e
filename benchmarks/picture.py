"""The picture of docs/performance.md: time against class size, ours and stock nbgrader.

An SVG on a light card of its own, so that it can be read on light and dark pages. Both axes are logarithmic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from cnnkit.plots.palette import INK, LINE, PALE_INK, PAPER, SERIES

WIDTH, HEIGHT = 680, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 140, 24, 52
SIZES = (60, 300, 1_000)

_TIMES = {10: "10 s", 60: "1 min", 600: "10 min", 3_600: "1 h", 36_000: "10 h"}
"""Marks on the axis of time, by seconds."""


class Line(NamedTuple):
    """One line of the picture.

    Attributes:
        name: at its end.
        points: (size, seconds), by size.
        color: of the line.
        dashes: an SVG dash pattern; "" for a solid line.
    """

    name: str
    points: Sequence[tuple[int, float]]
    color: str
    dashes: str = ""


def picture(found: Mapping[str, Any]) -> str:
    """The picture as SVG; without a line whose figures were not measured.

    Args:
        found: the content of `latest.json`.
    """
    lines = [
        Line("stock nbgrader", _points(found, "seconds_nbgrader_capped_"), SERIES[1][0], "7 4"),
        Line("ours, records verified", _points(found, "seconds_verified_"), SERIES[2][0], "2 3"),
        Line("ours", _points(found, "seconds_"), SERIES[0][0]),
    ]
    body = "\n".join([*_axes(), *(part for line in lines if line.points for part in _line(line))])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">\n'
        f'<title id="title">Time to grade a class against its size: ours and stock nbgrader</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


def _points(found: Mapping[str, Any], prefix: str) -> list[tuple[int, float]]:
    return [(size, found[f"{prefix}{size}"]) for size in SIZES if f"{prefix}{size}" in found]


def _x(size: float) -> float:
    low, high = math.log(SIZES[0]), math.log(SIZES[-1])
    return round(LEFT + 20 + (WIDTH - LEFT - RIGHT - 20) * (math.log(size) - low) / (high - low), 1)


def _y(seconds: float) -> float:
    low, high = math.log(min(_TIMES)), math.log(max(_TIMES))
    height = HEIGHT - TOP - BOTTOM
    return round(TOP + height * (1 - (math.log(min(max(seconds, min(_TIMES)), max(_TIMES))) - low) / (high - low)), 1)


def _axes() -> Iterator[str]:
    for seconds, text in _TIMES.items():
        y = _y(seconds)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{LINE}"/>'
        yield f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end" fill="{PALE_INK}">{text}</text>'
    for size in SIZES:
        yield f'<text x="{_x(size)}" y="{HEIGHT - 30}" text-anchor="middle" fill="{PALE_INK}">{size:,}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle" fill="{INK}">submissions, on two workers</text>'


def _line(line: Line) -> Iterator[str]:
    places = [(_x(size), _y(seconds)) for size, seconds in line.points]
    joined = " ".join(f"{x},{y}" for x, y in places)
    dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
    yield f'<polyline points="{joined}" fill="none" stroke="{line.color}" stroke-width="2.5"{dashes}/>'
    for x, y in places:
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{line.color}"/>'
    x, y = places[-1]
    # where a line is a single point, others pass beside it: its name stands above
    x, y = (x + 10, y + 4) if len(places) > 1 else (x - 4, y - 10)
    yield f'<text x="{x}" y="{y}" fill="{line.color}" font-weight="bold">{escape(line.name)}</text>'

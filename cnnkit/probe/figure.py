"""A Matplotlib figure as plain data: axes, lines, labels, legend, scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_LINES = 100
MOST_POINTS = 2_000


@dataclass(frozen=True)
class LineSpec:
    """One drawn curve; `label` is empty where Matplotlib's own default ("_child0") stands. x and y are of equal length."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class AxesSpec:
    """One pair of axes. `legend` holds the texts of its legend, or None where it has none."""

    title: str
    xlabel: str
    ylabel: str
    xscale: str
    yscale: str
    lines: tuple[LineSpec, ...]
    legend: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FigureSpec:
    """A figure: its overall title, its axes, its own legend's texts, and how it was obtained ("returned" or "current")."""

    title: str
    axes: tuple[AxesSpec, ...]
    legend: tuple[str, ...] | None = None
    source: str = "returned"

    @property
    def lines(self) -> tuple[LineSpec, ...]:
        """All curves of all axes."""
        return tuple(line for axes in self.axes for line in axes.lines)


class NoFigure(ValueError):
    """What a plotting function returned is no figure, and it drew none either."""


def describe_figure(returned: Any) -> FigureSpec:
    """Describe the figure that a plotting function returned, or, where it returned none, the one it drew with pyplot.

    Accepts a Figure, an Axes (or several), or None when pyplot has a current figure.

    Raises:
        NoFigure: neither is there.
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    source = "returned"
    first = returned
    if isinstance(returned, (list, tuple, np.ndarray)):
        flat = np.asarray(returned, dtype=object).ravel()
        first = flat[0] if flat.size else None
    if isinstance(first, FigureBase):
        figure: Any = first
    elif isinstance(first, Axes):
        figure = first.figure
    elif plt.get_fignums():
        figure, source = plt.gcf(), "current"
    else:
        raise NoFigure(f"expected a Matplotlib Figure, found {type(returned).__name__}, and nothing was drawn")
    return FigureSpec(
        title=_text(figure.get_suptitle()),
        axes=tuple(_axes(axes) for axes in figure.axes[:MOST_LINES]),
        legend=tuple(_text(text.get_text()) for legend in figure.legends for text in legend.get_texts()) or None,
        source=source,
    )


def _axes(axes: Any) -> AxesSpec:
    legend = axes.get_legend()
    return AxesSpec(
        title=_text(axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right")),
        xlabel=_text(axes.get_xlabel()),
        ylabel=_text(axes.get_ylabel()),
        xscale=axes.get_xscale(),
        yscale=axes.get_yscale(),
        lines=tuple(_line(line) for line in axes.get_lines()[:MOST_LINES]),
        legend=None if legend is None else tuple(_text(text.get_text()) for text in legend.get_texts()[:MOST_LINES]),
    )


def _line(line: Any) -> LineSpec:
    import numpy as np

    x, y = (np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)[:MOST_POINTS] for values in line.get_data(orig=False))
    label = str(line.get_label())
    return LineSpec(
        label="" if label.startswith("_") else _text(label),
        x=tuple(float(value) for value in x),
        y=tuple(float(value) for value in y),
    )


def _text(text: object) -> str:
    return str(text)[:200]

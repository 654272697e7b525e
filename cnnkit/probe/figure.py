"""A Matplotlib figure as plain data: axes, lines, labels, legend, scales."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnkit.errors import KitError
from cnnkit.text import one_line

MOST_LINES = 100
MOST_POINTS = 2_000
MOST_VALUES = 4_000
LONGEST_TEXT = 200
"""Bounds of a description: curves in a figure (and axes, images, texts in a legend), points of a curve, values of an
image, characters."""


@dataclass(frozen=True)
class LineSpec:
    """One drawn curve, x and y of equal length. `label` is what the picture calls it, "" where it has no name."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class ImageSpec:
    """One image that was drawn, as Matplotlib understands it: colours beyond the range are cut off already.

    Attributes:
        shape: (height, width), or (height, width, 3) in colour.
        values: all of them, row by row; none where the image has more than MOST_VALUES.
    """

    shape: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class AxesSpec:
    """One pair of axes. `legend` holds the texts of its legend, or None where it has none.

    A name that several axes share (`sharex`, `supxlabel`) is the name of each.
    """

    title: str
    xlabel: str
    ylabel: str
    xscale: str
    yscale: str
    lines: tuple[LineSpec, ...]
    legend: tuple[str, ...] | None = None
    images: tuple[ImageSpec, ...] = ()


@dataclass(frozen=True)
class FigureSpec:
    """A figure: its overall title, its axes, its own legend's texts, and whether it was "returned" or is "current"."""

    title: str
    axes: tuple[AxesSpec, ...]
    legend: tuple[str, ...] | None = None
    source: str = "returned"

    @property
    def lines(self) -> tuple[LineSpec, ...]:
        """All curves of all axes."""
        return tuple(line for axes in self.axes for line in axes.lines)

    @property
    def images(self) -> tuple[ImageSpec, ...]:
        """All images of all axes."""
        return tuple(image for axes in self.axes for image in axes.images)


class NoFigure(KitError, ValueError):
    """What a plotting function returned is no figure, and it drew none either."""


@contextmanager
def blank_pyplot() -> Iterator[None]:
    """Within this context pyplot begins with an empty figure and shows nothing; afterwards all is as it was.

    Without it a function that draws with `plt.plot` would draw into the picture that happens to be open, and Jupyter's
    `plt.show` would close the figure before it can be looked at.
    """
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    current = plt.gcf().number if before else None
    show = plt.show
    plt.figure()
    plt.show = lambda *_, **__: None
    try:
        yield
    finally:
        plt.show = show
        for number in plt.get_fignums():
            if number not in before:
                plt.close(number)
        if current in plt.get_fignums():
            plt.figure(current)


def describe_figure(returned: Any) -> FigureSpec:
    """Describe the figure that a plotting function returned, or, where it returned none, the one it drew with pyplot.

    Accepts a Figure, an Axes (or several), or anything else when pyplot's current figure has axes.

    Raises:
        NoFigure: neither is there.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

    first, source = _first(returned), "returned"
    figure: Any = first.figure if isinstance(first, Axes | FigureBase) else None
    if isinstance(figure, FigureBase) and not isinstance(figure, Figure):
        figure = figure.figure  # a part of a figure belongs to a whole one
    if figure is None and plt.get_fignums() and plt.gcf().axes:
        figure, source = plt.gcf(), "current"
    if figure is None:
        found = "None" if returned is None else f"an object of type {type(returned).__name__}"
        raise NoFigure(f"expected a Matplotlib Figure, found {found}, and nothing was drawn")
    axes, room = [], MOST_LINES
    for one in figure.axes[:MOST_LINES]:
        axes.append(_axes(one, figure, room))
        room -= len(axes[-1].lines)
    return FigureSpec(
        title=_text(figure.get_suptitle()),
        axes=tuple(axes),
        legend=tuple(text for legend in figure.legends for text in _texts(legend))[:MOST_LINES] or None,
        source=source,
    )


def _first(returned: Any) -> Any:
    """The object itself, or the first one in a list, tuple or array of them."""
    for _ in range(3):  # plt.subplots gives arrays of arrays at most
        if isinstance(returned, np.ndarray) and returned.size:
            returned = returned.flat[0]
        elif isinstance(returned, list | tuple) and len(returned):
            returned = returned[0]
    return returned


def _axes(axes: Any, figure: Any, room: int) -> AxesSpec:
    own = axes.get_legend()
    # whom a legend speaks for: its own axes' curves, or all of the figure's
    legends = [(own, axes.get_lines())] if own is not None else []
    legends += [(legend, [line for one in figure.axes for line in one.get_lines()]) for legend in figure.legends]
    return AxesSpec(
        title=_text(axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right")),
        xlabel=_name(axes, figure, "x"),
        ylabel=_name(axes, figure, "y"),
        xscale=axes.get_xscale(),
        yscale=axes.get_yscale(),
        lines=tuple(_line(line, _label(line, legends)) for line in axes.get_lines()[: max(room, 0)]),
        legend=None if own is None else _texts(own),
        images=tuple(_image(image) for image in axes.get_images()[:MOST_LINES]),
    )


def _name(axes: Any, figure: Any, direction: str) -> str:
    """The name of an axis: its own, that of an axis it is shared with, or the whole figure's."""
    shared = getattr(axes, f"get_shared_{direction}_axes")().get_siblings(axes)
    names = [getattr(one, f"get_{direction}label")() for one in [axes, *shared]]
    return _text(next((name for name in names if name.strip()), "") or getattr(figure, f"get_sup{direction}label")())


def _label(line: Any, legends: list[tuple[Any, Any]]) -> str:
    """What the picture calls a curve: its label, or what a legend says that was given other texts, by the line's look.

    `plt.legend(["adam", "sgd"])` writes these texts into the legend and leaves the curves without a label.
    """
    label = _text(line.get_label())
    label = "" if label.startswith("_") else label  # Matplotlib's own: "_child0"
    for legend, lines in legends:
        if label and label in _texts(legend):
            return label
        if sum(_look(other) == _look(line) for other in lines) > 1:
            continue
        entries = zip(legend.legend_handles, _texts(legend), strict=False)
        said = [text for handle, text in entries if _look(handle) == _look(line)]
        if len(said) == 1:
            return said[0]
    return label


def _look(artist: Any) -> tuple[str, ...] | None:
    """What tells one line from another: colour, dashes, marker. None for what is no line."""
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D

    if not isinstance(artist, Line2D):
        return None
    return to_hex(artist.get_color()), str(artist.get_linestyle()), str(artist.get_marker())


def _line(line: Any, label: str) -> LineSpec:
    x, y = (_floats(values) for values in line.get_data(orig=False))
    return LineSpec(label=label, x=x, y=y)


def _floats(values: Any) -> tuple[float, ...]:
    """The first values as floats; where one is masked, NaN."""
    numbers: np.ndarray = np.ma.filled(np.ma.asarray(values[:MOST_POINTS], dtype=float), np.nan)
    return tuple(float(number) for number in numbers)


def _image(image: Any) -> ImageSpec:
    array: np.ndarray = np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)
    values = array.ravel().tolist() if array.size <= MOST_VALUES else []
    return ImageSpec(shape=tuple(array.shape), values=tuple(values))


def _texts(legend: Any) -> tuple[str, ...]:
    return tuple(_text(text.get_text()) for text in legend.get_texts()[:MOST_LINES])


def _text(text: object) -> str:
    return one_line(text, LONGEST_TEXT)

"""A Matplotlib figure as plain data: axes, lines, labels, legend, scales."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnkit.errors import KitError
from cnnkit.text import one_line

if TYPE_CHECKING:  # whoever reads a FigureSpec needs no NumPy
    import numpy as np

MOST_LINES = 100
"""Limit of the curves in a figure, and of axes, images and the texts of a legend."""

MOST_POINTS = 2_000
"""Limit of the points of a curve."""

MOST_VALUES = 4_000
"""Limit of the values of an image, colour channels included."""

MOST_FIGURES = 100
"""Limit of the figures that are counted."""

LONGEST_TEXT = 200
"""Limit of the characters of a label or title."""


@dataclass(frozen=True)
class LineSpec:
    """One curve.

    Attributes:
        label: its label, or its text in a legend; "" if it has neither.
        x, y: coordinates of its points, equally many, in data units.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class ImageSpec:
    """One image, as Matplotlib stores it: colours beyond the range are clipped.

    Attributes:
        shape: (height, width), or (height, width, 3) in colour.
        values: its values, row by row; empty if there are more than MOST_VALUES.
    """

    shape: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class AxesSpec:
    """One pair of axes.

    Attributes:
        title: its title, at the centre, left or right.
        xlabel, ylabel: names of its axes. A name that several axes share (`sharex`, `supxlabel`) is the name of each.
        xscale, yscale: Matplotlib's names of the scales: "linear", "log", ...
        lines: its curves.
        legend: the texts of its legend; None if it has none.
        images: its images.
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
    """A figure.

    Attributes:
        title: its overall title (`suptitle`).
        axes: its pairs of axes.
        legend: the texts of the figure's own legend; None if it has none.
        source: "returned" if the function returned it, "current" if it is pyplot's current figure.
        has_points: True if points without a line were drawn (`scatter`).
        drawn: number of figures that the function returned or drew, of which this is one; at most MOST_FIGURES.
    """

    title: str
    axes: tuple[AxesSpec, ...]
    legend: tuple[str, ...] | None = None
    source: str = "returned"
    has_points: bool = False
    drawn: int = 1

    @property
    def lines(self) -> tuple[LineSpec, ...]:
        """Curves of all axes."""
        return tuple(line for axes in self.axes for line in axes.lines)

    @property
    def images(self) -> tuple[ImageSpec, ...]:
        """Images of all axes."""
        return tuple(image for axes in self.axes for image in axes.images)


class NoFigure(KitError, ValueError):
    """Failure to find a figure: a plotting function returned none, and drew none with pyplot."""


@contextmanager
def blank_pyplot() -> Iterator[None]:
    """Context in which pyplot has an empty current figure and `plt.show` does nothing; both are restored at the end.

    Without it a function that draws with `plt.plot` would draw into the student's open figure, and Jupyter's `plt.show`
    would close the figure before it can be described.
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
    """Describe the figure that a plotting function returned, or else the one that it drew with pyplot.

    Args:
        returned: a Figure, an Axes or several; for any other object pyplot's current figure is described.

    Raises:
        NoFigure: no figure was returned, and pyplot's current figure has no axes.
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
    axes, remaining = [], MOST_LINES
    for one in figure.axes[:MOST_LINES]:
        axes.append(_axes(one, figure, remaining))
        remaining -= len(axes[-1].lines)
    return FigureSpec(
        title=_text(figure.get_suptitle()),
        axes=tuple(axes),
        legend=tuple(text for legend in figure.legends for text in _texts(legend))[:MOST_LINES] or None,
        source=source,
        has_points=any(type(one).__name__ == "PathCollection" for axes in figure.axes for one in axes.collections),
        drawn=_drawn(figure, returned),
    )


def _drawn(figure: Any, returned: Any) -> int:
    """Number of figures that show something: pyplot's and those returned."""
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    found = [figure, *(plt.figure(number) for number in plt.get_fignums()[:MOST_FIGURES])]
    found += [one for one in returned if isinstance(one, Figure)] if isinstance(returned, list | tuple) else []
    return min(len({id(one) for one in found if one is figure or one.axes}), MOST_FIGURES)


def _first(returned: Any) -> Any:
    """First object in a list, tuple or array; the object itself if it is none of these."""
    import numpy as np

    for _ in range(3):  # plt.subplots gives arrays of arrays at most
        if isinstance(returned, np.ndarray) and returned.size:
            returned = returned.flat[0]
        elif isinstance(returned, list | tuple) and len(returned):
            returned = returned[0]
    return returned


def _axes(axes: Any, figure: Any, most_lines: int) -> AxesSpec:
    own = axes.get_legend()
    # each legend with the curves it may name: those of its own axes, or all of the figure
    curves = _curves(axes)
    legends = [(own, curves)] if own is not None else []
    legends += [(legend, [line for one in figure.axes for line in _curves(one)]) for legend in figure.legends]
    return AxesSpec(
        title=_text(axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right")),
        xlabel=_axis_name(axes, figure, "x"),
        ylabel=_axis_name(axes, figure, "y"),
        xscale=axes.get_xscale(),
        yscale=axes.get_yscale(),
        lines=tuple(_line(line, _label(line, legends)) for line in curves[: max(most_lines, 0)]),
        legend=None if own is None else _texts(own),
        images=tuple(_image(image) for image in axes.get_images()[:MOST_LINES]),
    )


def _curves(axes: Any) -> list[Any]:
    """Lines with points: seaborn draws others without any, for the legend."""
    return [line for line in axes.get_lines() if len(line.get_xdata(orig=False))]


def _axis_name(axes: Any, figure: Any, direction: str) -> str:
    """Name of an axis: its own, that of an axis it is shared with, or the figure's."""
    shared = getattr(axes, f"get_shared_{direction}_axes")().get_siblings(axes)
    names = [getattr(one, f"get_{direction}label")() for one in [axes, *shared]]
    return _text(next((name for name in names if name.strip()), "") or getattr(figure, f"get_sup{direction}label")())


def _label(line: Any, legends: list[tuple[Any, Any]]) -> str:
    """Label of a curve, or the text of the legend entry that looks like it.

    `plt.legend(["adam", "sgd"])` writes these texts into the legend and leaves the curves without a label.
    """
    label = _text(line.get_label())
    label = "" if label.startswith("_") else label  # Matplotlib's own: "_child0"
    for legend, lines in legends:
        if label and label in _texts(legend):
            return label
        if sum(_line_style(other) == _line_style(line) for other in lines) > 1:
            continue
        entries = zip(legend.legend_handles, _texts(legend), strict=False)
        matching = [text for handle, text in entries if _line_style(handle) == _line_style(line)]
        if len(matching) == 1:
            return matching[0]
    return label


def _line_style(artist: Any) -> tuple[str, ...] | None:
    """Colour, dashes and marker of a line; None for an artist that is no line."""
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D

    if not isinstance(artist, Line2D):
        return None
    return to_hex(artist.get_color()), str(artist.get_linestyle()), str(artist.get_marker())


def _line(line: Any, label: str) -> LineSpec:
    x, y = (_floats(values) for values in line.get_data(orig=False))
    return LineSpec(label=label, x=x, y=y)


def _floats(values: Any) -> tuple[float, ...]:
    """Convert the first values to floats, masked ones to NaN."""
    import numpy as np

    numbers: np.ndarray = np.ma.filled(np.ma.asarray(values[:MOST_POINTS], dtype=float), np.nan)
    return tuple(float(number) for number in numbers)


def _image(image: Any) -> ImageSpec:
    import numpy as np

    array: np.ndarray = np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)
    values = array.ravel().tolist() if array.size <= MOST_VALUES else []
    return ImageSpec(shape=tuple(array.shape), values=tuple(values))


def _texts(legend: Any) -> tuple[str, ...]:
    return tuple(_text(text.get_text()) for text in legend.get_texts()[:MOST_LINES])


def _text(text: object) -> str:
    return one_line(text, LONGEST_TEXT)

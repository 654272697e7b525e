"""Matplotlib settings and figures that the course's pictures share."""

from __future__ import annotations

from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.plots.palette import INK, LINE, PALE_INK, PAPER

_DPI = 100
"""Dots per inch of a picture that shows itself in a notebook."""

_LOOK: dict[Any, Any] = {
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "grid.color": "#e4e7eb",
    "hatch.color": PALE_INK,
    "hatch.linewidth": 0.8,
    "text.color": INK,
    "text.usetex": False,
    "xtick.color": PALE_INK,
    "ytick.color": PALE_INK,
}


_NOT_LOOKS = ("backend", "backend_fallback", "interactive", "toolbar", "figure.hooks")
"""Settings that `course_style` leaves alone: changing the backend would open and close windows."""


def course_style() -> AbstractContextManager[None]:
    """Context manager that sets the course's look, whatever style the notebook has chosen, and then restores it."""
    defaults: dict[Any, Any] = dict(matplotlib.rcParamsDefault)
    for name in _NOT_LOOKS:
        defaults.pop(name, None)
    return matplotlib.rc_context({**defaults, **_LOOK})


class Picture(Figure):
    """A figure that shows itself in a notebook.

    Jupyter shows a Matplotlib figure only after pyplot has made one; until then it would print
    "<Figure size 840x260 with 16 Axes>".
    """

    def _repr_png_(self) -> bytes:
        drawn = BytesIO()
        self.savefig(drawn, format="png", dpi=_DPI)
        return drawn.getvalue()


def figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that pyplot does not keep: it is freed like any other object."""
    return Picture(figsize=(width, height), layout="constrained")


def axes_for(ax: Axes | None, width: float, height: float) -> Axes:
    """`ax` itself, or the only axes of a new figure of that size in inches."""
    return figure(width, height).subplots() if ax is None else ax


def figure_of(ax: Axes) -> Figure:
    """The figure that axes belong to.

    Raises:
        ValueError: the axes were taken out of their figure.
    """
    found = ax.get_figure(root=True)
    if found is None:
        raise ValueError("ax: expected axes that belong to a figure, found axes without one. Leave `ax` out.")
    return found

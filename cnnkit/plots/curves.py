"""Loss curves: how training went, run by run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import Locator, MaxNLocator, NullLocator

from cnnkit.plots import style
from cnnkit.plots.loss_axes import LARGEST, log_ticks, spread_labels
from cnnkit.plots.palette import INK, PAPER, SERIES

_LOG_FROM = 10.0
"""From this ratio of the largest to the smallest value the axis is logarithmic."""

_LABEL_GAP = 0.062
"""Distance that two labels at the right edge keep, as a share of the axes' height."""


def loss_curves(
    histories: Mapping[str, Any],
    ax: Axes | None = None,
    metric: str = "loss",
    validation: bool = True,
) -> Figure:
    """Draw one metric of several runs against the epoch, each line named where it ends.

    Args:
        histories: from a run's name to a Keras History, a training record, or a dictionary of lists.
        ax: axes to draw into; without them a new figure is made.
        metric: "loss" or "accuracy", or another name that the histories have.
        validation: also draw "val_" + metric, dashed, where a run has it.

    Returns:
        The figure. Values that are not finite, or beyond 1e30, leave a gap.

    Raises:
        ValueError: no run, or a run without that metric.

    Example:
        >>> loss_curves({"adam": {"loss": [0.19, 0.07]}}).axes[0].get_xlabel()
        'epoch'
    """
    if not histories:
        raise ValueError("histories: expected at least one run, found none. Train first, then draw.")
    runs = {name: _values(name, run, metric) for name, run in histories.items()}
    with style.course_style():
        ax = style.axes_for(ax, 7.0, 4.0)
        drawn: list[float] = []
        ends: list[tuple[str, float, float, str]] = []
        any_validation = False
        for place, (name, (training, validated)) in enumerate(runs.items()):
            colour, marker = SERIES[place % len(SERIES)]
            sparse = max(1, len(training) // 12)
            look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 5, "markevery": sparse}
            ax.plot(_epochs(training), training, linewidth=2, label=name, **look)
            drawn += training[np.isfinite(training)].tolist()
            if validation and validated is not None:
                any_validation = True
                dashes: dict[str, Any] = {"linestyle": (0, (4, 2)), "linewidth": 1.2, "markerfacecolor": PAPER}
                ax.plot(_epochs(validated), validated, label=f"{name} (validation)", **{**look, **dashes})
                drawn += validated[np.isfinite(validated)].tolist()
            finite = np.flatnonzero(np.isfinite(training))
            if len(finite):
                ends.append((name, float(finite[-1] + 1), float(training[finite[-1]]), colour))
        if drawn and min(drawn) > 1 / LARGEST and max(drawn) / min(drawn) >= _LOG_FROM:
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(_LogTicks())
            ax.yaxis.set_minor_locator(NullLocator())
            ax.yaxis.set_major_formatter("{x:g}")
        ax.set_xlabel("epoch")
        ax.set_ylabel(metric.replace("_", " "))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(True, which="major")
        ax.set_axisbelow(True)
        _name_the_ends(ax, ends)
        if any_validation:
            _explain_dashes(ax)
    return style.figure_of(ax)


class _LogTicks(Locator):
    """Ticks of a logarithmic axis at the values that the other drawings of loss curves use."""

    def __call__(self) -> list[float]:
        low, high = self.axis.get_view_interval() if self.axis is not None else (1.0, 10.0)
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the ticks between two limits."""
        low, high = sorted((vmin, vmax))
        return log_ticks(math.log10(low), math.log10(high)) if low > 0 else []


def _values(name: str, run: Any, metric: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Training values, and validation values where there are some."""
    history = getattr(run, "history", run)
    if not isinstance(history, Mapping) or metric not in history:
        has = ", ".join(map(str, history)) if isinstance(history, Mapping) else type(run).__name__
        raise ValueError(
            f"histories[{name!r}]: expected a history with {metric!r}, found {has or 'an empty one'}. "
            "Pass what `fit` or `cnnkit.record` returned."
        )
    validated = history.get(f"val_{metric}")
    return _array(history[metric]), None if validated is None else _array(validated)


def _array(values: Sequence[float]) -> np.ndarray:
    array = np.asarray(values, dtype=float).ravel()
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(array) <= LARGEST, array, np.nan)


def _epochs(values: np.ndarray) -> np.ndarray:
    return np.arange(1, len(values) + 1)


def _name_the_ends(ax: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Write each run's name right of the plot, where its line ends, moved apart where two would touch."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, high)  # what follows must not move the axis
    to_share = ax.transData + ax.transAxes.inverted()
    heights = [float(to_share.transform((x, y))[1]) for _, x, y, _ in ends]
    for (name, _, _, colour), height in zip(ends, spread_labels(heights, _LABEL_GAP, 0.0, 1.0), strict=True):
        ax.annotate(
            name,
            (1.015, height),
            xycoords="axes fraction",
            va="center",
            color=colour,
            fontweight="bold",
            annotation_clip=False,
        )


def _explain_dashes(ax: Axes) -> None:
    """One legend for the line styles; the colours are explained by the names at the lines' ends."""
    solid = Line2D([], [], color=INK, linewidth=2, label="training")
    dashed = Line2D([], [], color=INK, linewidth=1.2, linestyle=(0, (4, 2)), label="validation")
    ax.legend(handles=[solid, dashed], frameon=False, loc="best")

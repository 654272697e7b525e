"""Bounds on what a child describes. Types were checked when it was decoded; here sizes and sense are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.networks.spec_bounds import MOST_AXES, validated_spec
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import OptimizerSpec, WatchedRun

MOST_RAISED = 200
"""Characters of the exception that a training function raised."""

MOST_FITS = 100
"""Calls of fit in one run."""

MOST_CURVES = 1_000
MOST_POINTS = 200_000
"""Curves of a figure (axes and texts too), and points of all its curves together."""


def check_watched(runs: Sequence[WatchedRun], optimizers: Sequence[OptimizerSpec]) -> Sequence[WatchedRun]:
    """The same runs, if there is one for each optimizer.

    Raises:
        Mismatch: there is not, or a network or a number in them is out of bounds.
    """
    if [run.optimizer for run in runs] != [str(optimizer) for optimizer in optimizers]:
        asked = ", ".join(map(str, optimizers))
        raise Mismatch("training", expected=f"a run for each of {asked}", found=f"{len(runs)} runs")
    for run in runs:
        if len(run.fits) > MOST_FITS:
            raise Mismatch("calls of fit", expected=f"at most {MOST_FITS}", found=f"{len(run.fits):,}")
        if len(run.raised) > MOST_RAISED:
            raise Mismatch("an exception's text", expected=f"at most {MOST_RAISED} characters", found=len(run.raised))
        for fit in run.fits:
            if fit.model is not None:
                validated_spec(fit.model)
    return runs


def check_figure(figure: FigureSpec) -> FigureSpec:
    """The same figure, if its curves have as many x as y values.

    Raises:
        Mismatch: they have not, or there are more than a reader could tell apart.
    """
    lines = figure.lines
    legends = [figure.legend or (), *(axes.legend or () for axes in figure.axes[:MOST_CURVES])]
    if max(len(figure.axes), len(lines), sum(map(len, legends))) > MOST_CURVES:
        raise Mismatch("the figure", expected=f"at most {MOST_CURVES:,} curves", found=f"{len(lines):,}")
    if any(len(line.x) != len(line.y) for line in lines):
        raise Mismatch("the figure", consequence="A curve has not as many x as y values.")
    points = sum(len(line.x) for line in lines)
    if points > MOST_POINTS:
        raise Mismatch("the figure", expected=f"at most {MOST_POINTS:,} points", found=f"{points:,}")
    images = figure.images
    values = sum(len(image.values) for image in images)
    if len(images) > MOST_CURVES or values > MOST_POINTS:
        found = f"{len(images):,} with {values:,} values"
        raise Mismatch("the figure", expected=f"at most {MOST_CURVES:,} images", found=found)
    for image in images:
        fits = not image.values or len(image.values) == math.prod(image.shape)
        if not fits or len(image.shape) > MOST_AXES or any(size < 0 for size in image.shape):
            raise Mismatch("the figure", consequence="An image has not as many values as its shape says.")
    return figure

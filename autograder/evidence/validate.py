"""Bounds on what a child describes. Types were checked when it was decoded; here sizes and sense are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import Watched
from cnnkit.spec.model import ModelSpec

MOST_LAYERS = 2_000
MOST_TEXT = 1_000
LARGEST = 2**53


def check_spec(spec: ModelSpec) -> ModelSpec:
    """The same spec, if it is of a size and form that a network can have.

    Raises:
        Mismatch: too many layers, or numbers, texts and connections that no network has.
    """
    if len(spec.layers) > MOST_LAYERS:
        raise Mismatch("the network", expected=f"at most {MOST_LAYERS:,} layers", found=f"{len(spec.layers):,}")
    numbers = [spec.parameters, spec.trainable, *(size for size in spec.input_shape if size is not None)]
    for position, layer in enumerate(spec.layers):
        numbers += [layer.parameters, layer.trainable, *(size for size in layer.output_shape if size is not None)]
        if any(not -1 <= source < position for source in layer.inputs):
            raise Mismatch("the network", consequence=f"Layer {position + 1} takes its input from a layer that comes after it.")
        if max(map(len, (layer.kind, layer.name, *layer.config)), default=0) > MOST_TEXT or len(layer.config) > 100:
            raise Mismatch("the network", consequence=f"Layer {position + 1} has settings of a length that no layer has.")
    if any(not 0 <= source < len(spec.layers) for source in spec.outputs):
        raise Mismatch("the network", consequence="Its output belongs to no layer.")
    if any(not 0 <= number < LARGEST for number in numbers):
        raise Mismatch("the network", consequence="It has sizes or parameters that no network can have.")
    return spec


def check_watched(runs: Sequence[Watched], optimizers: Sequence[str]) -> Sequence[Watched]:
    """The same runs, if there is one for each optimizer.

    Raises:
        Mismatch: there is not, or a network in them is out of bounds.
    """
    if [run.optimizer for run in runs] != list(optimizers):
        raise Mismatch("training", expected=f"{len(optimizers)} runs", found=f"{len(runs)}")
    for run in runs:
        for fit in run.fits:
            if fit.model is not None:
                check_spec(fit.model)
            if fit.first_loss is not None and math.isnan(fit.first_loss):
                raise Mismatch("the loss of the first batch", expected="a number", found="nan")
    return runs


def check_figure(figure: FigureSpec) -> FigureSpec:
    """The same figure, if its curves have as many x as y values.

    Raises:
        Mismatch: they have not, or there are more than a reader could tell apart.
    """
    if len(figure.axes) > 100 or len(figure.lines) > 1_000:
        raise Mismatch("the figure", expected="at most 1,000 curves", found=f"{len(figure.lines):,}")
    if any(len(line.x) != len(line.y) for line in figure.lines):
        raise Mismatch("the figure", consequence="A curve has not as many x as y values.")
    return figure

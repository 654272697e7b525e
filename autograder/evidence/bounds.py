"""Bounds on what a child describes. Types were checked when it was decoded; here sizes and sense are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from cnnkit.mismatch import Mismatch
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec, Setting
from cnnkit.probe.figure import FigureSpec
from cnnkit.probe.watching import OptimizerSpec, WatchedRun

MOST_LAYERS = 2_000
MOST_AXES = 16
"""Layers of a network, and axes of a tensor."""

MOST_SETTINGS = 100
MOST_TEXT = 1_000
"""Settings of a layer, an optimizer or a loss; characters of a text, entries of a tuple."""

LARGEST = 2**53

MOST_FITS = 100
"""Calls of fit in one run."""

MOST_CURVES = 1_000
MOST_POINTS = 200_000
"""Curves of a figure (axes and texts too), and points of all its curves together."""


def check_spec(spec: ModelSpec) -> ModelSpec:
    """The same spec, if it is of a size and form that a network can have.

    Raises:
        Mismatch: too many layers, or numbers, texts and connections that no network has.
    """
    if len(spec.layers) > MOST_LAYERS:
        raise Mismatch("the network", expected=f"at most {MOST_LAYERS:,} layers", found=f"{len(spec.layers):,}")
    _sizes("The network", spec.input_shape, spec.parameters, spec.trainable)
    for position, layer in enumerate(spec.layers):
        _layer(layer, position)
    if len(spec.outputs) > MOST_SETTINGS or any(not -1 <= source < len(spec.layers) for source in spec.outputs):
        raise Mismatch("The network's output belongs to no layer")
    if spec.compiled is not None:
        _compiled(spec.compiled)
    return spec


def _layer(layer: LayerSpec, position: int) -> None:
    name = f"Layer {position + 1}"
    _sizes(name, layer.output_shape, layer.parameters, layer.trainable)
    if len(layer.inputs) > MOST_LAYERS or any(not -1 <= source < position for source in layer.inputs):
        raise Mismatch(f"{name} takes its input from a layer that comes after it")
    _settings(name, layer.config, (layer.kind, layer.name))


def _sizes(name: str, shape: Sequence[int | None], *counts: int) -> None:
    sizes = [size for size in shape if size is not None]
    if len(shape) > MOST_AXES or any(not 0 <= number < LARGEST for number in (*sizes, *counts)):
        raise Mismatch(f"{name} has sizes or parameters that no network can have")


def _settings(name: str, config: Mapping[str, Setting], texts: Iterable[str]) -> None:
    entries = [*config, *texts, *(value for value in config.values() if isinstance(value, str | tuple))]
    if len(config) > MOST_SETTINGS or any(len(entry) > MOST_TEXT for entry in entries):
        raise Mismatch(f"{name} has settings of a length that no layer has")


def _compiled(compiled: CompileSpec) -> None:
    if len(compiled.metrics) > MOST_SETTINGS:
        raise Mismatch("The network is compiled with more metrics than can be told apart")
    _settings("The optimizer", compiled.optimizer_config, (compiled.optimizer,))
    _settings("The loss", compiled.loss_config, (compiled.loss, *compiled.metrics))


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
        for fit in run.fits:
            if fit.model is not None:
                check_spec(fit.model)
            if fit.first_loss is not None and not math.isfinite(fit.first_loss):
                raise Mismatch("the loss of the first batch", expected="a finite number", found=fit.first_loss)
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

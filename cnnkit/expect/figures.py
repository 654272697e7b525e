"""Loss curves to plot, and how to find them again in a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec, LineSpec
from cnnkit.recording.schema import TrainingRecord


def sample_histories(
    names: Sequence[str] = ("adam", "adadelta", "sgd"), epochs: int = 5, start: float = 2.0
) -> dict[str, TrainingRecord]:
    """Invented histories to plot: smooth curves, each its own, so that a curve can be told by its values."""
    histories = {}
    for position, name in enumerate(names, 1):
        loss = [start * math.exp(-0.3 * position * epoch) + 0.01 * position for epoch in range(epochs)]
        history = {
            "accuracy": [1 - value / 4 for value in loss],
            "loss": loss,
            "val_accuracy": [0.98 - value / 4 for value in loss],
            "val_loss": [value * 1.1 + 0.02 for value in loss],
        }
        histories[name] = TrainingRecord(run=name, history=history, epochs=epochs)
    return histories


def curves_of(figure: FigureSpec, record: TrainingRecord) -> list[LineSpec]:
    """The lines that show anything of a record: its loss first, then its validation loss, then other metrics."""
    metrics = dict.fromkeys(["loss", "val_loss", *record.history])
    return [line for metric in metrics for line in _showing(figure, record.history[metric])]


def curve_of(figure: FigureSpec, record: TrainingRecord) -> LineSpec | None:
    """The line that shows a record's training loss, if there is one."""
    return next(iter(_showing(figure, record.history["loss"])), None)


def without_curve(figure: FigureSpec, histories: Mapping[str, TrainingRecord]) -> list[str]:
    """The runs whose training loss no line shows."""
    return [name for name, record in histories.items() if curve_of(figure, record) is None]


def curves_showing(figure: FigureSpec, record: TrainingRecord, metric: str) -> list[tuple[LineSpec, str, bool]]:
    """The lines that show one metric of a record, each with what the picture says of it.

    Returns:
        (line, its label and the title of its picture, whether that stands in a legend or a title).
    """
    found = []
    for axes in figure.axes:
        shown = _showing(FigureSpec("", (axes,)), record.history[metric])
        texts = [*(figure.legend or ()), *(axes.legend or ())]
        for line in shown:
            in_legend = bool(line.label) and line.label in texts
            found.append(
                (line, f"{line.label} {axes.title}".strip(), in_legend or (not line.label and bool(axes.title)))
            )
    return found


def axes_have_names(figure: FigureSpec) -> None:
    """Expect a name on every axis of the pictures that show something.

    Raises:
        Mismatch: one has none.
    """
    pictures = tuple(axes for axes in figure.axes if axes.lines) or figure.axes
    if not pictures:
        raise Mismatch("the figure", expected="curves with two named axes", found="an empty figure")
    for number, axes in enumerate(pictures, 1):
        for direction, label in (("x", axes.xlabel), ("y", axes.ylabel)):
            if not label.strip():
                where = f"the {direction} axis" + (f" of picture {number}" if number > 1 else "")
                hint = 'For instance "epoch" and "loss".'
                raise Mismatch(f"the name of {where}", expected="one", found="none", hint=hint)


def runs_forward(line: LineSpec) -> bool:
    """Whether the line's points go from left to right, all the same distance apart: an epoch each."""
    steps = np.diff(np.asarray(line.x))
    return bool(np.all(steps > 0)) and bool(np.allclose(steps, steps[:1]))


def _showing(figure: FigureSpec, values: Sequence[float]) -> list[LineSpec]:
    wanted = np.asarray(values)
    return [
        line
        for line in figure.lines
        if len(line.y) == len(wanted) and np.allclose(line.y, wanted, rtol=1e-5, atol=1e-7)
    ]

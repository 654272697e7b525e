"""Sample histories to plot, and their curves in a figure."""

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
    """Sample histories to plot: smooth curves that all differ, so that a curve can be identified by its values.

    Args:
        names: names of the runs.
        epochs: number of epochs.
        start: training loss of the first epoch, about.

    Returns:
        A record for each run, with loss, accuracy and their validation counterparts, `epochs` values each.
    """
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
    """Lines of a figure that show a metric of a record: its loss first, then its validation loss, then the others."""
    metrics = dict.fromkeys(["loss", "val_loss", *record.history])
    return [line for metric in metrics for line in _lines_of(figure, record.history[metric])]


def curve_of(figure: FigureSpec, record: TrainingRecord) -> LineSpec | None:
    """First line that shows a record's training loss; None if there is none."""
    return next(iter(_lines_of(figure, record.history["loss"])), None)


def without_curve(figure: FigureSpec, histories: Mapping[str, TrainingRecord]) -> list[str]:
    """Names of the runs whose training loss no line shows."""
    return [name for name, record in histories.items() if curve_of(figure, record) is None]


def curves_showing(figure: FigureSpec, record: TrainingRecord, metric: str) -> list[tuple[LineSpec, str, bool]]:
    """Lines that show one metric of a record, with the words that name them.

    Args:
        figure: the figure.
        record: the record.
        metric: a key of its history, such as "val_loss".

    Returns:
        (line, its label and the title of its axes, True if the label is in a legend, or there is none but a title).
    """
    found = []
    for axes in figure.axes:
        texts = [*(figure.legend or ()), *(axes.legend or ())]
        for line in _lines_of(FigureSpec("", (axes,)), record.history[metric]):
            in_legend = bool(line.label) and line.label in texts
            found.append(
                (line, f"{line.label} {axes.title}".strip(), in_legend or (not line.label and bool(axes.title)))
            )
    return found


def axes_have_names(figure: FigureSpec) -> None:
    """Expect names on both axes of all axes with curves, or of all axes if none has a curve.

    Raises:
        Mismatch: an axis has no name, or the figure is empty.
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
    """True if the line's points go from left to right at equal distances, one for each epoch."""
    steps = np.diff(np.asarray(line.x))
    return bool(np.all(steps > 0)) and bool(np.allclose(steps, steps[:1]))


def _lines_of(figure: FigureSpec, values: Sequence[float]) -> list[LineSpec]:
    wanted = np.asarray(values)
    return [
        line
        for line in figure.lines
        if len(line.y) == len(wanted) and np.allclose(line.y, wanted, rtol=1e-5, atol=1e-7)
    ]

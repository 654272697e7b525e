"""A student's loss curves on the feedback page: the picture, and the numbers of the table under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnkit.plots.svg import MOST_RUNS, runs_svg
from cnnkit.text import one_line

_MOST_SUMMARIES = 20
"""Runs in the table."""

Histories = Mapping[str, Mapping[str, Sequence[float]]]
"""From a run to its metrics, each a list of values by epoch."""


@dataclass(frozen=True)
class RunSummary:
    """One run in numbers, for the table under the picture; texts, since a loss may be NaN."""

    name: str
    epochs: int
    first: str
    last: str
    validation: str


def run_summaries(histories: Histories) -> list[RunSummary]:
    """Summaries of at most 20 runs, in their order."""
    return [
        RunSummary(
            one_line(name, 40),
            len(history.get("loss", ())),
            _loss(history.get("loss", ())[:1]),
            _loss(history.get("loss", ())[-1:]),
            _loss(history.get("val_loss", ())[-1:]),
        )
        for name, history in list(histories.items())[:_MOST_SUMMARIES]
    ]


def curves_svg(histories: Histories) -> str:
    """Draw the runs' losses, with a description in words; see `cnnkit.plots.svg.runs_svg`.

    Returns:
        An `<svg>` element; "" if there is nothing to draw.
    """
    description = " ".join(_sentence(summary) for summary in run_summaries(histories)[:MOST_RUNS])
    return runs_svg(histories, description)


def _sentence(run: RunSummary) -> str:
    text = f"{run.name}: training loss from {run.first} to {run.last} in {run.epochs} epochs"
    return f"{text}, validation loss {run.validation} at the end." if run.validation != "–" else f"{text}."


def _loss(values: Sequence[float]) -> str:
    return f"{values[0]:.4g}" if values else "–"

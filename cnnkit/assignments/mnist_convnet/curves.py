"""Public checks of the exercise `curves`."""

from __future__ import annotations

from cnnkit.assignments.mnist_convnet.brief import CHECKS
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.figures import (
    axes_have_names,
    curve_of,
    curves_of,
    runs_forward,
    sample_histories,
    without_curve,
)
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import FigureSpec


def drawn(evidence: Evidence) -> FigureSpec:
    """Figure that plot_loss_curves draws of the sample histories."""
    return evidence.figure("plot_loss_curves", sample_histories())


@CHECKS.add("curves", "one curve for each optimizer")
def one_curve_for_each(evidence: Evidence) -> None:
    """Expect a line with the losses of each run."""
    figure, histories = drawn(evidence), sample_histories()
    missing = without_curve(figure, histories)
    for name, record in histories.items():
        curve = curve_of(figure, record)
        if curve is not None and not runs_forward(curve):
            raise Mismatch(
                f"the curve of {name}, from left to right",
                expected="one epoch after the other",
                found=f"x values {', '.join(f'{x:g}' for x in curve.x[:10])}",
                hint="Plot the losses against 1, 2, 3, ...; without x values Matplotlib counts by itself.",
            )
    if missing:
        count = len(figure.lines)
        none = "points, but no line between them" if figure.has_points else "no curve"
        few = {0: none, 1: "1 curve, which is not"}.get(count, f"{count} curves, none of them")
        hint = 'Plot run.history["loss"] for every run in `histories`; use a log scale rather than the logarithm.'
        if not count and figure.has_points:
            hint = "Use `plot`, which joins the points, instead of `scatter`."
        several = f" (in one of {figure.drawn} figures)" if figure.drawn > 1 else ""
        if several:
            hint = "Draw all curves into one figure, so that they can be compared, and return that one."
        raise Mismatch(
            "curves",
            expected=f"one for each of {', '.join(histories)}, showing its loss per epoch",
            found=(f"{few} the loss of {', '.join(missing)}" if count else few) + several,
            hint=hint,
        )


@CHECKS.add("curves", "each curve is labelled with its optimizer's name")
def curves_labelled(evidence: Evidence) -> None:
    """Expect each run's name at its curve, in the legend, or above its own picture."""
    figure, histories = drawn(evidence), sample_histories()
    legends = [text for texts in [figure.legend, *(axes.legend for axes in figure.axes)] for text in texts or ()]
    titles = [axes.title for axes in figure.axes] if len(figure.axes) >= len(histories) else []
    curves = {name: curves_of(figure, record) for name, record in histories.items()}
    if not any(curves.values()):
        raise Mismatch("curves of the three runs", expected="with a label each", found="none")
    for name, lines in curves.items():
        if not lines:
            continue  # a missing curve is reported by another check
        if not any(name.lower() in text.lower() for text in [*titles, *(line.label for line in lines)]):
            raise Mismatch(
                f"the label of the curve of {name}",
                expected=f"one with {name!r} in it",
                found=repr(lines[0].label) if lines[0].label else "none",
                hint=f"Give it to plot, for instance label={name!r}, and call `legend()`.",
            )
        if not any(name.lower() in text.lower() for text in [*legends, *titles]):
            hint = "Call `legend()` after plotting."
            raise Mismatch(f"the legend's entry for {name}", expected="shown", found="none", hint=hint)


@CHECKS.add("curves", "both axes have a name")
def axes_named(evidence: Evidence) -> None:
    """Expect a name on every axis of the pictures that show something."""
    axes_have_names(drawn(evidence))

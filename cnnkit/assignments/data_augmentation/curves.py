"""Public checks of the exercise `curves`."""

from __future__ import annotations

from typing import Any

from cnnkit.assignments.data_augmentation.brief import CHECKS, RUNS
from cnnkit.checks.evidence import Evidence
from cnnkit.expect.figures import axes_have_names, curves_showing
from cnnkit.expect.figures import sample_histories as _sample_histories
from cnnkit.mismatch import Mismatch
from cnnkit.networks.wording import count as counted
from cnnkit.probe.figure import FigureSpec

METRICS = {"loss": "training loss", "val_loss": "validation loss"}


def sample_histories() -> dict[str, Any]:
    """Histories of both runs to plot."""
    return _sample_histories(RUNS)


def drawn(evidence: Evidence) -> FigureSpec:
    """Figure that plot_gap draws of these histories."""
    return evidence.figure("plot_gap", sample_histories())


def missing_curves(figure: FigureSpec, histories: dict[str, Any]) -> list[str]:
    """Names of the losses that have no curve: "the validation loss of plain", ..."""
    return [
        f"the {words} of {name}"
        for name, record in histories.items()
        for metric, words in METRICS.items()
        if not curves_showing(figure, record, metric)
    ]


@CHECKS.add("curves", "two curves for each run: training and validation loss")
def two_curves_for_each(evidence: Evidence) -> None:
    """Expect a line with each run's losses and one with its validation losses."""
    figure = drawn(evidence)
    if missing := missing_curves(figure, sample_histories()):
        raise Mismatch(
            "curves of plot_gap(histories)",
            expected=f'"loss" and "val_loss" of {" and ".join(RUNS)}, four curves',
            found=f"{counted(len(figure.lines), 'curve')}, none with {missing[0]}",
            hint='Plot run.history["loss"] and run.history["val_loss"] as they are, for every run.',
        )


@CHECKS.add("curves", "each curve says which run and which loss it is")
def curves_labelled(evidence: Evidence) -> None:
    """Expect the run's name at each of its curves, and different names for its two curves."""
    figure, said_so = drawn(evidence), False
    for name, record in sample_histories().items():
        names = []
        for metric, words in METRICS.items():
            for line, label, in_legend in curves_showing(figure, record, metric)[:1]:
                said_so = True
                if name not in label.lower():
                    raise Mismatch(
                        f"the label of the {words} of {name}",
                        expected=f"one with {name!r} in it",
                        found=repr(line.label) if line.label else "none",
                        hint=f'For instance label="{name}, {words.split()[0]}".',
                    )
                if not in_legend:
                    hint = "Call `legend()` after plotting."
                    raise Mismatch(
                        f"the legend's entry for the {words} of {name}", expected="shown", found="none", hint=hint
                    )
                names.append(label)
        if len(names) == 2 and names[0] == names[1]:
            hint = f'For instance label="{name}, training" and label="{name}, validation".'
            raise Mismatch(
                f"the labels of the two curves of {name}", expected="different ones", found=repr(names[0]), hint=hint
            )
    if not said_so:
        raise Mismatch("curves of both runs", expected="with a label each", found="none")


@CHECKS.add("curves", "both axes have a name")
def axes_named(evidence: Evidence) -> None:
    """Expect a name on every axis of the pictures that show something."""
    axes_have_names(drawn(evidence))

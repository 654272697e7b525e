"""plot_gap, on histories that the student has not seen."""

import pytest

from cnnkit.assignments.data_augmentation import curves as public
from cnnkit.expect import figures
from cnnkit.mismatch import Mismatch


@pytest.mark.public
@pytest.mark.points(0.75)
def test_two_curves_for_each(evidence):
    public.two_curves_for_each(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_curves_labelled(evidence):
    public.curves_labelled(evidence)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_axes_named(evidence):
    public.axes_named(evidence)


@pytest.mark.points(0.5)
@pytest.mark.depends("two_curves_for_each")
def test_any_histories(evidence):
    """Different names, and a different number of runs and epochs: the function plots what it is given."""
    histories = figures.sample_histories(("small", "medium", "large"), epochs=7, start=1.3)
    figure = evidence.figure("plot_gap", histories)
    if missing := public.missing_curves(figure, histories):
        raise Mismatch(
            "curves of three runs of 7 epochs (small, medium, large)",
            expected="two for each",
            found=f"none for {missing[0]}",
            hint="Plot what is in `histories`, whatever its names and length; do not read a variable of the notebook.",
        )

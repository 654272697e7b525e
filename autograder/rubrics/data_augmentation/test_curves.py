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
def test_any_histories(evidence, draw):
    """Different names, and a different number of runs and epochs: the function plots what it is given."""
    dice = draw("any_histories")
    names = dice.permutation(("small", "medium", "large", "wide", "deep", "tiny"))[:3].tolist()
    epochs = int(dice.integers(6, 12))
    histories = figures.sample_histories(names, epochs=epochs, start=float(dice.uniform(1.1, 1.9)))
    figure = evidence.figure("plot_gap", histories)
    if missing := public.missing_curves(figure, histories):
        raise Mismatch(
            f"curves of three runs of {epochs} epochs ({', '.join(names)})",
            expected="two for each",
            found=f"none for {missing[0]}",
            hint="Plot what is in `histories`, whatever its names and length; do not read a variable of the notebook.",
        )

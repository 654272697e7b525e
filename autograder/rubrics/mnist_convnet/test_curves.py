"""plot_loss_curves, on histories that the student has not seen."""

import pytest

from cnnkit import expect
from cnnkit.assignments.mnist_convnet import curves as public
from cnnkit.expect.figures import sample_histories, without_curve
from cnnkit.mismatch import Mismatch


@pytest.mark.public
@pytest.mark.points(1)
def test_one_curve_for_each(evidence):
    public.one_curve_for_each(evidence)


@pytest.mark.public
@pytest.mark.points(0.75)
def test_curves_labelled(evidence):
    public.curves_labelled(evidence)


@pytest.mark.public
@pytest.mark.points(0.5)
def test_axes_named(evidence):
    public.axes_named(evidence)


@pytest.mark.points(0.75)
@pytest.mark.depends("one_curve_for_each")
def test_any_histories(evidence):
    """Different names, and a different number of runs and epochs: the function plots what it is given, unmodified."""
    histories = sample_histories(("rmsprop", "adam", "nadam", "sgd"), epochs=7, start=1.3)
    figure = evidence.figure("plot_loss_curves", histories)
    if missing := without_curve(figure, histories):
        raise Mismatch(
            "curves of four runs of 7 epochs (rmsprop, adam, nadam, sgd)",
            expected="one for each",
            found=f"none for {', '.join(missing)}",
            hint="Plot what is in `histories`, whatever its names and length; do not read a variable of the notebook.",
        )
    hint = 'Work on a copy: `list(run.history["loss"])` makes one.'
    expect.left_alone("plot_loss_curves", evidence.mutated("plot_loss_curves", histories), hint=hint)

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
def test_any_histories(evidence, draw):
    """Different names, and a different number of runs and epochs: the function plots what it is given, unmodified."""
    dice = draw("any_histories")
    others = dice.permutation(("rmsprop", "nadam", "lion", "adagrad", "ftrl", "lamb"))[:2]
    names = dice.permutation(("adam", "sgd", *others)).tolist()
    epochs = int(dice.integers(6, 12))
    histories = sample_histories(names, epochs=epochs, start=float(dice.uniform(1.1, 1.9)))
    figure = evidence.figure("plot_loss_curves", histories)
    if missing := without_curve(figure, histories):
        raise Mismatch(
            f"curves of four runs of {epochs} epochs ({', '.join(names)})",
            expected="one for each",
            found=f"none for {', '.join(missing)}",
            hint="Plot what is in `histories`, whatever its names and length; do not read a variable of the notebook.",
        )
    hint = 'Work on a copy: `list(run.history["loss"])` makes one.'
    expect.left_alone("plot_loss_curves", evidence.mutated("plot_loss_curves", histories), hint=hint)

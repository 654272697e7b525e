"""Curves are recognised by their values."""

import pytest

from cnnkit.expect.figures import curve_of, curves_of, runs_forward, sample_histories
from cnnkit.probe.figure import AxesSpec, FigureSpec, LineSpec


def figure(*curves):
    lines = tuple(LineSpec("", tuple(range(len(y))), tuple(y)) for y in curves)
    return FigureSpec("", (AxesSpec("", "", "", "linear", "linear", lines),))


def test_every_invented_curve_is_its_own():
    histories = sample_histories(("adam", "adadelta", "sgd", "rmsprop"), epochs=7)
    curves = [tuple(values) for record in histories.values() for values in record.history.values()]
    assert len(set(curves)) == len(curves) == 16
    assert all(len(curve) == 7 for curve in curves)
    shown = figure(*(record.history["loss"] for record in histories.values()))
    assert [shown.lines.index(curve_of(shown, record)) for record in histories.values()] == [0, 1, 2, 3]


def test_loss_comes_before_validation_loss_before_the_rest():
    adam = sample_histories()["adam"]
    shown = figure(adam["val_loss"], adam["accuracy"], adam["loss"])
    assert curves_of(shown, adam) == [shown.lines[2], shown.lines[0], shown.lines[1]]


def test_a_curve_that_is_not_there():
    adam = sample_histories()["adam"]
    nan = [float("nan")] * 5
    assert curve_of(figure(adam["loss"][:-1], adam["accuracy"], nan, []), adam) is None


@pytest.mark.parametrize(
    ("x", "forward"),
    [
        ((1, 2, 3), True),
        ((0, 1, 2), True),
        ((0.5, 1.0, 1.5), True),
        ((3, 2, 1), False),
        ((1, 1, 1), False),
        ((1, 2, 4), False),
        ((1, float("nan"), 3), False),
        ((5,), True),
        ((), True),
    ],
)
def test_an_epoch_after_the_other(x, forward):
    assert runs_forward(LineSpec("", x, tuple(range(len(x))))) is forward

"""Descriptions that a child sends are bounded."""

from dataclasses import replace

import pytest

from autograder.evidence.response_bounds import check_figure, check_watched
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.mismatch import Mismatch
from cnnkit.probe.figure import AxesSpec, FigureSpec, ImageSpec, LineSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

FIT = FitSpec(BRIEF, 0, 4, "train", "val", True)


def test_runs():
    runs = [WatchedRun("adam", (FIT, FIT), "history")]
    assert check_watched(runs, ["adam"]) is runs


@pytest.mark.parametrize(
    "run",
    [
        WatchedRun("sgd", (FIT,), "history"),
        WatchedRun("adam", (FIT,) * 101, "history"),
        WatchedRun("adam", (replace(FIT, model=replace(BRIEF, parameters=-1)),), "history"),
    ],
)
def test_runs_out_of_bounds(run):
    with pytest.raises(Mismatch):
        check_watched([run], ["adam"])


def figure(*lines, legend=None, count=1):
    return FigureSpec("", (AxesSpec("", "", "", "linear", "linear", lines, legend),) * count)


def line(points, more=0):
    return LineSpec("", (0.0,) * points, (0.0,) * (points + more))


def test_figures():
    right = figure(line(3), line(2_000))
    assert check_figure(right) is right


@pytest.mark.parametrize(
    "wrong",
    [
        figure(line(3, more=1)),
        figure(*[line(1)] * 1_001),
        figure(count=1_001),
        figure(legend=("a",) * 1_001),
        figure(line(200_001)),
    ],
)
def test_figures_out_of_bounds(wrong):
    with pytest.raises(Mismatch):
        check_figure(wrong)


def pictures(*images):
    return FigureSpec("", (AxesSpec("", "", "", "linear", "linear", (), images=images),))


def test_images_of_a_figure():
    right = pictures(ImageSpec((2, 2), (0.0, 1.0, 2.0, 3.0)), ImageSpec((500, 500), ()))
    assert check_figure(right) is right
    for wrong in (
        pictures(ImageSpec((2, 2), (0.0,))),
        pictures(ImageSpec((-1, 2), ())),
        pictures(*[ImageSpec((1, 1), ())] * 1_001),
        pictures(*[ImageSpec((100, 100), (0.0,) * 10_000)] * 21),
        pictures(ImageSpec((1,) * 20, ())),
    ):
        with pytest.raises(Mismatch):
            check_figure(wrong)

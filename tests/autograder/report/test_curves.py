"""The feedback page's numbers of each run, and the words that describe the picture."""

import math
from xml.etree import ElementTree

from autograder.report.curves import curves_svg, run_summaries

RUNS = {"adam": {"loss": [0.2, 0.05], "val_loss": [0.1, 0.04]}, "sgd": {"loss": [1.0, 0.5]}}


def test_the_picture_is_described_in_words():
    assert ElementTree.fromstring(curves_svg(RUNS)).find("{*}desc").text == (
        "adam: training loss from 0.2 to 0.05 in 2 epochs, validation loss 0.04 at the end. "
        "sgd: training loss from 1 to 0.5 in 2 epochs."
    )


def test_nothing_to_draw_gives_nothing():
    assert curves_svg({"adam": {"loss": [math.nan, 0.0]}}) == ""
    assert curves_svg({"adam": {}}) == ""


def test_names_are_no_markup():
    svg = curves_svg({'</svg><script>"&': {"loss": [1.0]}})
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_summaries():
    (adam, sgd) = run_summaries(RUNS)
    assert (adam.epochs, adam.first, adam.last, adam.validation) == (2, "0.2", "0.05", "0.04")
    assert sgd.validation == "–"
    assert run_summaries({"x": {"loss": [math.nan]}})[0].last == "nan"
    assert len(run_summaries({str(number): {"loss": [1.0]} for number in range(100)})) == 20

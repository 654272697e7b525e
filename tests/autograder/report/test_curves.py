import math
import re
from itertools import pairwise
from xml.etree import ElementTree

from autograder.report.curves import curves_svg, run_summaries

RUNS = {"adam": {"loss": [0.2, 0.05], "val_loss": [0.1, 0.04]}, "sgd": {"loss": [1.0, 0.5]}}


def ends(svg):
    """Heights of the labels, by name."""
    return {name: float(y) for y, name in re.findall(r'y="([\d.]+)">([a-z]\w*)</text></g>', svg)}


def test_each_run_has_a_line_markers_and_its_name():
    svg = curves_svg(RUNS)
    root = ElementTree.fromstring(svg)
    assert set(ends(svg)) == {"adam", "sgd"}
    assert svg.count('class="validation"') == 1
    assert svg.count("<circle") == 3  # two epochs and the sample beside the name
    assert svg.count("<rect") == 3
    assert (
        "adam: training loss from 0.2 to 0.05 in 2 epochs, validation loss 0.04 at the end." in root.find("desc").text
    )
    assert root.find("title").text


def test_smaller_losses_are_lower():
    found = ends(curves_svg(RUNS))
    assert found["adam"] > found["sgd"]


def test_lines_are_told_apart_by_their_dashes():
    svg = curves_svg({name: {"loss": [1.0, 0.5]} for name in "abcdef"})
    dashes = re.findall(r'<path class="training" d="[^"]*"( stroke-dasharray="[^"]*")?/>', svg)
    assert len(dashes) == len(set(dashes)) == 6


def test_names_at_the_same_height_are_moved_apart_within_the_picture():
    heights = sorted(ends(curves_svg({name: {"loss": [1.0, 0.01]} for name in "abcdef"})).values())
    assert len(heights) == 6
    assert all(below - above >= 20.9 for above, below in pairwise(heights))
    assert heights[0] > 0
    assert heights[-1] < 330


def test_values_that_cannot_be_drawn_leave_a_gap():
    svg = curves_svg({"adam": {"loss": [0.5, math.nan, 0.3, math.inf, -1.0, 0.0, 0.2, 0.1]}})
    (line,) = re.findall(r'class="training" d="([^"]*)"', svg)
    assert [line.count("M"), line.count("L")] == [3, 1]
    assert "nan" not in svg
    assert "inf" not in svg


def test_nothing_to_draw_gives_nothing():
    assert curves_svg({"adam": {"loss": [math.nan, 0.0]}}) == ""
    assert curves_svg({"adam": {}}) == ""
    assert curves_svg({"adam": {"loss": [5e-324, 1e300]}}) == ""


def test_extreme_values_and_single_epochs_are_drawn():
    for values in ([1e-12, 1e12], [1.0], [0.5, 0.5], [1e-12], [1e12], [0.3] * 5_000):
        ElementTree.fromstring(curves_svg({"adam": {"loss": values}}))


def test_names_are_escaped():
    svg = curves_svg({'</svg><script>"&': {"loss": [1.0]}})
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_summaries():
    (adam, sgd) = run_summaries(RUNS)
    assert (adam.epochs, adam.first, adam.last, adam.validation) == (2, "0.2", "0.05", "0.04")
    assert sgd.validation == "–"
    assert run_summaries({"x": {"loss": [math.nan]}})[0].last == "nan"


def test_names_and_numbers_have_room_at_the_size_that_a_phone_gets():
    svg = curves_svg({"inceptionv3": {"loss": [0.001, 0.0004]}, "augmented_for_long": {"loss": [0.002, 0.001]}})
    names = re.findall(r'<text x="([\d.]+)" y="[\d.]+">(\w+)</text></g>', svg)
    assert len(names) == 2
    assert all(float(x) + 12 * len(name) <= 680 for x, name in names)
    numbers = re.findall(r'class="tick" x="([\d.]+)" y="[\d.]+" text-anchor="end">([^<]+)<', svg)
    assert max(len(number) for _, number in numbers) > 4
    assert all(float(x) - 10 * len(number) > 20 for x, number in numbers)  # where the name of the axis stands

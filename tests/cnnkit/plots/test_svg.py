"""Loss curves as an SVG, for the notebook and for the feedback page: the same drawing, for any numbers and names."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from cnnkit.plots.palette import SERIES
from cnnkit.plots.svg import MOST_RUNS, NOTEBOOK, PAGE, curve_svg, runs_svg
from cnnkit.recording.schema import TrainingRecord

RUNS = {"adam": {"loss": [0.2, 0.05], "val_loss": [0.1, 0.04]}, "sgd": {"loss": [1.0, 0.5]}}

HOSTILE = {
    "nan": [math.nan, 1.0],
    "inf": [math.inf, 1.0],
    "zero": [0.0, 1.0],
    "negative": [-1.0, 5.0],
    "extreme": [1e-30, 1e30],
    "beyond": [1e-300, 1e300, 1.0],
    "tiny": [1e-12],
    "huge": [1e12],
    "level": [0.5, 0.5],
    "long": [0.3] * 5_000,
    "zigzag": [1e-30, 1e30] * 2_000,
}


def draw_in_page(history):
    return runs_svg({"adam": history}, "")


both = pytest.mark.parametrize("draw", [curve_svg, draw_in_page], ids=["notebook", "page"])


def lines(svg, kind="training"):
    """The paths of the lines of one kind, without the samples beside the names."""
    return re.findall(rf'<path class="curves-{kind}" fill="none"[^>]* d="([^"]*)"', svg)


def ends(svg):
    """Heights of the names, by name."""
    return {name: float(y) for y, name in re.findall(r'y="([\d.]+)" stroke="none" font-weight="bold">([^<]+)<', svg)}


def points(svg):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", "".join(lines(svg)))]


@both
@pytest.mark.parametrize("values", HOSTILE.values(), ids=HOSTILE)
def test_any_values_are_drawn_inside_the_picture(draw, values):
    svg = draw({"loss": values, "val_loss": values[::-1]})
    layout = NOTEBOOK if draw is curve_svg else PAGE
    ElementTree.fromstring(svg)
    drawn = points(svg)
    assert drawn
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in drawn)
    drawing = re.sub("<desc>.*?</desc>", "", svg)
    assert not re.search(r"\b(nan|inf)\b", drawing)
    assert len(svg) < 60_000


@both
def test_a_gap_breaks_the_line_and_a_lonely_value_is_a_dot(draw):
    svg = draw({"loss": [0.5, math.nan, 0.3, math.inf, -1.0, 0.0, 0.2, 0.1]})
    (line,) = lines(svg)
    assert [line.count("M"), line.count("L")] == [3, 1]
    assert svg.count("<circle") >= 2


@both
def test_epochs_without_a_value_at_the_end_have_their_place(draw):
    svg = draw({"loss": [2.0, 1.0, math.nan, math.nan]})
    (line,) = lines(svg)
    assert ">4</text>" in svg
    assert max(x for x, _ in points(svg)) < 0.6 * (NOTEBOOK if draw is curve_svg else PAGE).width
    assert line.count("L") == 1


@both
def test_smaller_losses_are_lower(draw):
    (_, first), (_, second) = points(draw({"loss": [1.0, 0.5]}))
    assert second > first


@both
def test_nothing_outside_is_referred_to(draw):
    svg = draw(RUNS["adam"])
    assert "href" not in svg
    assert "url(" not in svg
    assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert svg == draw(RUNS["adam"])


@both
def test_the_axes_are_named(draw):
    svg = draw(RUNS["adam"])
    assert ">epoch</text>" in svg
    assert ">loss (logarithmic)</text>" in svg


# --- in the notebook --------------------------------------------------------------------------------------------------


def test_one_run_in_words(histories):
    root = ElementTree.fromstring(curve_svg(TrainingRecord("adam", histories["adam"])))
    assert root.find("{*}title").text == "adam: loss by epoch"
    assert root.find("{*}desc").text == (
        "training loss from 0.19 to 0.05 in 3 epochs; validation loss from 0.051 to 0.04 in 3 epochs"
    )


def test_validation_is_dashed_and_both_lines_are_named():
    svg = curve_svg(RUNS["adam"])
    assert set(ends(svg)) == {"training", "validation"}
    assert re.search(r'class="curves-validation"[^>]* stroke-dasharray="6 3"', svg)
    assert not re.search(r'class="curves-training"[^>]* stroke-dasharray', svg)


def test_names_of_two_lines_that_end_together_do_not_overlap():
    training, validation = ends(curve_svg({"loss": [1.0, 0.5], "val_loss": [0.9, 0.5]})).values()
    assert abs(training - validation) >= 13.9


def test_the_small_svg_stays_small(histories):
    assert len(curve_svg(TrainingRecord("adam", histories["adam"]))) < 3_000
    assert len(curve_svg({"loss": [1.0] * 100_000})) < 20_000


def test_a_name_is_no_markup():
    svg = curve_svg(TrainingRecord("<script>&", {"loss": [1.0, 0.5]}))
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


def test_without_losses_it_says_so():
    for history in ({}, {"loss": [math.nan]}, {"loss": []}):
        assert "no finite loss to draw" in curve_svg(history)


# --- on the feedback page ---------------------------------------------------------------------------------------------


def test_each_run_has_a_line_markers_and_its_name():
    svg = runs_svg(RUNS, "Two <runs>.")
    root = ElementTree.fromstring(svg)
    assert set(ends(svg)) == {"adam", "sgd"}
    assert (len(lines(svg)), len(lines(svg, "validation"))) == (2, 1)
    assert svg.count("<circle") == 3  # two epochs and the sample beside the name
    assert root.find("{*}desc").text == "Two <runs>."
    assert root.find("{*}title").text


def test_runs_are_told_apart_by_dashes_and_markers():
    svg = runs_svg({name: {"loss": [1.0, 0.5]} for name in "abcdefgh"}, "")
    found = re.findall(r'class="curves-training" fill="none" stroke-width="2.2"( stroke-dasharray="[^"]*")? d=', svg)
    assert len(found) == len(set(found)) == MOST_RUNS
    groups = re.findall(r'<g class="curves-run curves-run-\d".*?<g stroke="none">(.*?)</g></g>', svg)
    shapes = {re.sub(r"M[-\d. ]+|c[xy]=\S+", "", re.match("<[^>]*>", group)[0]) for group in groups}
    assert len(shapes) == MOST_RUNS == len(SERIES)


def test_names_at_one_height_are_moved_apart_within_the_picture():
    heights = sorted(ends(runs_svg({name: {"loss": [1.0, 0.01]} for name in "abcdef"}, "")).values())
    assert len(heights) == 6
    assert all(below - above >= 20.8 for above, below in pairwise(heights))
    assert 0 < heights[0] < heights[-1] < PAGE.height - 30


def test_a_run_with_nothing_but_validation_is_named_at_that_line():
    svg = runs_svg({"adam": {"loss": [math.nan], "val_loss": [0.5]}}, "")
    assert set(ends(svg)) == {"adam"}


def test_markers_of_a_long_run_are_few():
    assert runs_svg({"adam": {"loss": [1.0] * 1_000}}, "").count("<circle") == 21


def test_nothing_to_draw_gives_nothing():
    for history in ({}, {"loss": [math.nan, 0.0]}, {"loss": [5e-324, 1e300]}):
        assert runs_svg({"adam": history}, "") == ""
    assert runs_svg({}, "") == ""


def test_names_of_runs_are_escaped_and_shortened():
    svg = runs_svg({'</svg><script>"&': {"loss": [1.0]}, "x" * 500: {"loss": [2.0]}}, "")
    assert "<script" not in svg
    assert "x" * 17 + "…" in svg
    ElementTree.fromstring(svg)


def test_names_and_numbers_have_room_at_the_size_that_a_phone_gets():
    svg = runs_svg({"inceptionv3": {"loss": [0.001, 0.0004]}, "augmented_for_long": {"loss": [0.002, 0.001]}}, "")
    names = re.findall(r'<text x="([\d.]+)" y="[\d.]+" stroke="none" font-weight="bold">([^<]+)<', svg)
    assert len(names) == 2
    assert all(float(x) + 12 * len(name) <= PAGE.width for x, name in names)
    block = re.search(r'text-anchor="end">(.*?)</g>', svg)[1]
    numbers = re.findall(r'<text x="([\d.]+)" y="[\d.]+">([^<]+)<', block)
    assert max(len(number) for _, number in numbers) > 4
    assert all(float(x) - 10 * len(number) > 20 for x, number in numbers)  # where the name of the axis stands

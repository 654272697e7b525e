"""A figure as data, however it was drawn and returned."""

import datetime

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnnkit.probe import figure as probe
from cnnkit.probe.figure import NoFigure, blank_pyplot, describe_figure


@pytest.fixture(autouse=True)
def blank():
    with blank_pyplot():
        yield


def drawn():
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3], [3.0, 2.0, 1.0], label="adam")
    axes.plot([1, 2], [5, 4], "--")
    axes.set(title="Losses", xlabel="epoch", ylabel="loss", yscale="log")
    axes.legend()
    figure.suptitle("All")
    return figure


def test_everything_a_check_asks_for():
    spec = describe_figure(drawn())
    (axes,) = spec.axes
    assert (spec.title, spec.source, spec.legend) == ("All", "returned", None)
    assert (axes.title, axes.xlabel, axes.ylabel, axes.xscale, axes.yscale) == (
        "Losses",
        "epoch",
        "loss",
        "linear",
        "log",
    )
    assert axes.legend == ("adam",)
    assert [line.label for line in spec.lines] == ["adam", ""]
    assert spec.lines[0].x == (1.0, 2.0, 3.0)
    assert spec.lines[0].y == (3.0, 2.0, 1.0)


@pytest.mark.parametrize(
    "form",
    [
        lambda figure: figure,
        lambda figure: figure.axes[0],
        lambda figure: figure.axes,
        lambda figure: tuple(figure.axes),
        lambda figure: np.array([figure.axes]),
        lambda figure: (figure, figure.axes),
        lambda figure: [[figure.axes[0]]],
    ],
)
def test_what_may_be_returned(form):
    figure = drawn()
    expected = describe_figure(figure)
    plt.figure()
    assert describe_figure(form(figure)) == expected


@pytest.mark.parametrize("returned", [None, [], "text", np.zeros(3), [np.zeros((2, 3)), np.zeros((2, 4))], {}, plt])
def test_what_was_drawn_counts_where_something_else_is_returned(returned):
    drawn()
    assert describe_figure(returned).source == "current"


def test_lines_that_plot_returned():
    assert describe_figure(plt.plot([1, 2])).lines[0].y == (1.0, 2.0)


def test_part_of_a_figure_stands_for_the_whole():
    figure = plt.figure()
    left, right = figure.subfigures(1, 2)
    left.subplots().plot([1, 2])
    right.subplots().plot([3, 4])
    assert [line.y for line in describe_figure(right).lines] == [(1.0, 2.0), (3.0, 4.0)]
    assert [line.y for line in describe_figure(right.axes[0]).lines] == [(1.0, 2.0), (3.0, 4.0)]


@pytest.mark.parametrize(
    ("returned", "found"),
    [(None, "found None"), ([], "found an object of type list"), (3, "type int"), (np.array(None), "type ndarray")],
)
def test_nothing_at_all(returned, found):
    with pytest.raises(NoFigure, match=f"expected a Matplotlib Figure, .*{found}, and nothing was drawn"):
        describe_figure(returned)


def test_an_axes_that_was_removed_has_no_figure():
    axes = plt.figure().add_subplot()
    axes.remove()
    with pytest.raises(NoFigure):
        describe_figure(axes)


def test_texts_given_to_the_legend_name_the_curves():
    plt.plot([1, 2])
    plt.plot([2, 3])
    plt.legend(["adam", "sgd"])
    assert [line.label for line in describe_figure(None).lines] == ["adam", "sgd"]


def test_texts_given_to_the_legend_replace_labels():
    plt.plot([1, 2], label="a")
    plt.plot([2, 3], label="b")
    plt.legend(["adam", "sgd"])
    assert [line.label for line in describe_figure(None).lines] == ["adam", "sgd"]


def test_curves_that_look_alike_are_not_named_by_a_legend():
    plt.plot([1, 2], "k")
    plt.plot([2, 3], "k")
    plt.legend(["adam", "sgd"])
    assert [line.label for line in describe_figure(None).lines] == ["", ""]


def test_a_legend_of_one_of_two_curves_that_look_alike_names_neither():
    plt.plot([1, 2], "k")
    plt.plot([2, 3], "k")
    plt.legend(["adam"])
    assert [line.label for line in describe_figure(None).lines] == ["", ""]


def test_a_legend_of_the_whole_figure_names_the_curves_of_all_axes():
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2], "r")
    right.plot([1, 2], "b")
    figure.legend(["adam", "sgd"])
    spec = describe_figure(figure)
    assert spec.legend == ("adam", "sgd")
    assert [line.label for line in spec.lines] == ["adam", "sgd"]


def test_a_legend_of_other_things_than_lines():
    plt.plot([1, 2], label="adam")
    plt.bar([1, 2], [1, 2], label="bars")
    plt.legend()
    assert [line.label for line in describe_figure(None).lines] == ["adam"]


def test_names_that_axes_share():
    figure, (left, right) = plt.subplots(1, 2, sharey=True)
    left.set(ylabel="loss", xlabel="epoch")
    assert [axes.ylabel for axes in describe_figure(figure).axes] == ["loss", "loss"]
    assert [axes.xlabel for axes in describe_figure(figure).axes] == ["epoch", ""]
    figure.supxlabel("all epochs")
    assert [axes.xlabel for axes in describe_figure(figure).axes] == ["epoch", "all epochs"]
    assert right.get_xlabel() == ""


def test_values_of_many_kinds_become_numbers():
    plt.plot(["one", "two"], [1, 2])
    assert describe_figure(None).lines[0].x == (0.0, 1.0)
    plt.clf()
    plt.plot([datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)], np.ma.masked_equal([1.0, 2.0], 2.0))
    (line,) = describe_figure(None).lines
    assert line.x[1] - line.x[0] == 1.0
    assert line.y[0] == 1.0
    assert np.isnan(line.y[1])


def test_large_figures_are_cut():
    axes = plt.figure().add_subplot()
    axes.plot(range(10_000), label="x" * 1_000)
    for _ in range(probe.MOST_LINES + 5):
        axes.plot([1, 2])
    plt.figure(axes.figure.number).add_subplot().plot([1, 2])
    spec = describe_figure(axes.figure)
    assert len(spec.lines) == probe.MOST_LINES
    assert len(spec.lines[0].y) == len(spec.lines[0].x) == probe.MOST_POINTS
    assert len(spec.lines[0].label) == probe.LONGEST_TEXT


def test_half_a_character_can_be_saved():
    plt.plot([1], label="\ud800")
    describe_figure(None).lines[0].label.encode()


def test_pyplot_is_left_as_it_was():
    own, show, before = plt.figure(), plt.show, plt.get_fignums()

    def fails():
        with blank_pyplot():
            assert plt.gcf() is not own
            assert plt.show is not show
            plt.figure()
            plt.show()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert plt.gcf() is own
    assert plt.show is show
    assert plt.get_fignums() == before


def test_images_are_described_as_matplotlib_understands_them():
    figure, axes = plt.subplots(1, 2)
    axes[0].imshow(np.arange(12).reshape(3, 4, 1))
    axes[1].imshow(np.full((2, 2, 3), 130.0))  # floats in a colour image are cut off at 1
    grey, colour = describe_figure(figure).images
    assert (grey.shape, grey.values[-1]) == ((3, 4), 11.0)
    assert (colour.shape, set(colour.values)) == ((2, 2, 3), {1.0})


def test_of_a_large_image_only_the_shape_is_told():
    figure, axes = plt.subplots()
    axes.imshow(np.zeros((100, 100)))
    (image,) = describe_figure(figure).images
    assert (image.shape, image.values) == ((100, 100), ())


def test_points_without_a_line_are_told():
    figure, axes = plt.subplots()
    axes.scatter([1, 2], [3, 4])
    spec = describe_figure(figure)
    assert spec.has_points
    assert not spec.lines
    assert not describe_figure(drawn()).has_points


def test_figures_are_counted():
    assert describe_figure(drawn()).drawn == 1
    assert describe_figure([drawn(), drawn()]).drawn == 3
    assert describe_figure(plt.figure()).drawn == 4  # an empty one counts if it is the one that is described


@pytest.mark.parametrize("style", [{}, {"style": "run"}, {"marker": "o", "errorbar": None}])
def test_curves_of_seaborn_have_the_names_in_its_legend(style):
    import seaborn

    losses = {"epoch": [1, 2, 1, 2], "loss": [4, 3, 2, 1], "run": ["adam", "adam", "sgd", "sgd"]}
    lines = describe_figure(seaborn.lineplot(losses, x="epoch", y="loss", hue="run", **style)).lines
    assert [(line.label, line.y) for line in lines] == [("adam", (4.0, 3.0)), ("sgd", (2.0, 1.0))]

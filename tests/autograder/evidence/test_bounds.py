"""What a child may describe has bounds."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.evidence.bounds import LARGEST, check_figure, check_spec, check_watched
from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec
from cnnkit.networks.text import table
from cnnkit.probe.figure import AxesSpec, FigureSpec, ImageSpec, LineSpec
from cnnkit.probe.watching import FitSpec, WatchedRun

LONG = "x" * 1_001


def with_layer(position=0, **changes):
    layers = list(BRIEF.layers)
    layers[position] = replace(layers[position], **changes)
    return replace(BRIEF, layers=tuple(layers))


def compiled(**changes):
    return replace(BRIEF, compiled=replace(CompileSpec("adam", loss="mse"), **changes))


def test_a_real_network_passes():
    assert check_spec(BRIEF) is BRIEF
    check_spec(compiled())
    check_spec(replace(BRIEF, layers=(), outputs=(-1,), parameters=0, trainable=0))


@pytest.mark.parametrize(
    "spec",
    [
        replace(BRIEF, layers=BRIEF.layers * 300),
        replace(BRIEF, parameters=-1),
        replace(BRIEF, parameters=LARGEST),
        replace(BRIEF, input_shape=(None, -1)),
        replace(BRIEF, input_shape=(1,) * 17),
        replace(BRIEF, outputs=(8,)),
        replace(BRIEF, outputs=(-2,)),
        replace(BRIEF, outputs=(0,) * 101),
        with_layer(trainable=-1),
        with_layer(output_shape=(None, LARGEST)),
        with_layer(output_shape=(1,) * 17),
        with_layer(3, inputs=(3,)),
        with_layer(3, inputs=(-2,)),
        with_layer(3, inputs=(0,) * 2_001),
        with_layer(kind=LONG),
        with_layer(name=LONG),
        with_layer(config={LONG: 1}),
        with_layer(config={"padding": LONG}),
        with_layer(config={"kernel_size": (1,) * 1_001}),
        with_layer(config={str(number): 1 for number in range(101)}),
        compiled(optimizer=LONG),
        compiled(loss=LONG),
        compiled(metrics=(LONG,)),
        compiled(metrics=("acc",) * 101),
        compiled(optimizer_config={LONG: 1}),
        compiled(loss_config={"a": LONG}),
    ],
)
def test_what_no_network_has_is_refused(spec):
    with pytest.raises(Mismatch) as caught:
        check_spec(spec)
    assert len(caught.value.message) < 300


NUMBERS = st.integers(-3, 70) | st.integers(-(2**63), 2**63 - 1) | st.floats()
SETTINGS = st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | st.lists(NUMBERS, max_size=4).map(tuple)
SHAPES = st.lists(st.none() | st.integers(0, 40) | st.integers(0, LARGEST - 1), max_size=5).map(tuple)
NAMES = st.sampled_from(
    ["filters", "kernel_size", "strides", "padding", "activation", "units", "rate", "pool_size", "axis", "target_shape"]
)
KINDS = st.sampled_from(["Conv2D", "Dense", "Flatten", "MaxPooling2D", "Add", "InputLayer", "Reshape", "", "Ünfug"])


@st.composite
def networks(draw):
    layers = []
    for position in range(draw(st.integers(0, 6))):
        inputs = tuple(draw(st.lists(st.integers(-1, position - 1), max_size=2)))
        config = draw(st.dictionaries(NAMES, SETTINGS, max_size=4))
        if draw(st.booleans()):
            like = draw(st.sampled_from(BRIEF.layers))
            layers.append(replace(like, config=like.config | config, inputs=inputs))
        else:
            layers.append(LayerSpec(draw(KINDS), config, draw(SHAPES), draw(st.integers(0, 2**52)), 0, inputs))
    outputs = tuple(draw(st.lists(st.integers(-1, len(layers) - 1), max_size=2)))
    return ModelSpec(draw(SHAPES), tuple(layers), outputs, draw(st.integers(0, 2**52)), 0)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_whatever_passes_can_be_compared(spec):
    """Or one submission could break the rubric for its grader."""
    check_spec(spec)
    for difference in compare(spec, BRIEF).differences:
        assert difference.mismatch().message
    assert isinstance(table(spec), str)


FIT = FitSpec(BRIEF, 0, 4, "train", "val", True, first_loss=2.3)


def test_runs():
    runs = [WatchedRun("adam", (FIT, FIT), "history")]
    assert check_watched(runs, ["adam"]) is runs


@pytest.mark.parametrize(
    "run",
    [
        WatchedRun("sgd", (FIT,), "history"),
        WatchedRun("adam", (FIT,) * 101, "history"),
        WatchedRun("adam", (replace(FIT, first_loss=float("nan")),), "history"),
        WatchedRun("adam", (replace(FIT, first_loss=float("inf")),), "history"),
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

"""A description of a network that comes from elsewhere has bounds, and what is within them can be worked with."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnkit.assignments.mnist_convnet.brief import BRIEF
from cnnkit.mismatch import Mismatch
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec
from cnnkit.networks.spec_bounds import LARGEST, validated_spec
from cnnkit.networks.wording import table

LONG = "x" * 1_001


def with_layer(position=0, **changes):
    layers = list(BRIEF.layers)
    layers[position] = replace(layers[position], **changes)
    return replace(BRIEF, layers=tuple(layers))


def compiled(**changes):
    return replace(BRIEF, compiled=replace(CompileSpec("adam", loss="mse"), **changes))


def test_a_real_network_passes():
    assert validated_spec(BRIEF) is BRIEF
    validated_spec(compiled())
    validated_spec(replace(BRIEF, layers=(), outputs=(-1,), parameters=0, trainable=0))


@pytest.mark.parametrize(
    "spec",
    [
        replace(BRIEF, layers=BRIEF.layers * 250),
        replace(BRIEF, parameters=LARGEST - 1, input_shape=(None, 0)),
        replace(BRIEF, input_shape=(1,) * 16),
        replace(BRIEF, outputs=(-1, 7)),
        replace(BRIEF, outputs=(0,) * 100),
        with_layer(output_shape=(None, LARGEST - 1), trainable=0),
        with_layer(3, inputs=(-1, 2)),
        with_layer(3, inputs=(0,) * 2_000),
        with_layer(kind=LONG[1:], name=LONG[1:], config={LONG[1:]: LONG[1:], "kernel_size": (1,) * 1_000}),
        with_layer(config={str(number): 1 for number in range(100)}),
        compiled(metrics=("acc",) * 100),
    ],
)
def test_at_its_bound_a_description_is_taken(spec):
    assert validated_spec(spec) is spec


@pytest.mark.parametrize(
    "spec",
    [
        replace(BRIEF, layers=BRIEF.layers * 250 + BRIEF.layers[:1]),
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
        validated_spec(spec)
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
    validated_spec(spec)
    for difference in compare(spec, BRIEF).differences:
        assert difference.mismatch().message
    assert isinstance(table(spec), str)

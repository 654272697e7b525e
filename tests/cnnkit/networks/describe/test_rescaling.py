"""Every form of preprocessing becomes a scale and an offset for each channel."""

import pytest

from cnnkit.networks.describe.simplify import simplify
from cnnkit.networks.model_spec import LayerSpec

IMAGE = (None, 8, 8, 3)
PLANE = (None, 8, 8)
BGR = (-103.939, -116.779, -123.68)
RGB = BGR[::-1]


def layer(kind, inputs, shape=IMAGE, **config):
    return LayerSpec(kind, config, shape, 0, 0, inputs)


def scaled(inputs, scale=1.0, offset=0.0):
    return layer("Rescaling", inputs, scale=scale, offset=offset)


def pixel(k, inputs=(-1,), shape=PLANE):
    return layer("get_item", inputs, shape, key=k, channels=3)


def only(*layers, outputs=None):
    """The one layer that is left, as its settings."""
    simple, _ = simplify(layers, outputs or [len(layers) - 1], 4)
    (one,) = simple
    assert (one.kind, one.inputs) == ("Rescaling", (-1,))
    return one.config


REVERSED = {"scale": 1.0, "offset": 0.0, "channels": "reversed"}
STACK = [*(pixel(f"..., {k}") for k in (2, 1, 0)), layer("stack", (0, 1, 2), axis=-1)]
SLICES = [*(pixel(f"..., {k}:{k + 1}") for k in (2, 1, 0)), layer("concatenate", (0, 1, 2), axis=3)]


@pytest.mark.parametrize(
    "written",
    [[pixel("..., ::-1", shape=IMAGE)], [layer("flip", (-1,), axis=-1)], [layer("flip", (-1,), axis=3)], STACK, SLICES],
    ids=["slice", "flip", "flip from the front", "stack", "slices"],
)
def test_channels_turned_round(written):
    assert only(*written) == REVERSED
    assert only(*written, layer("add", (len(written) - 1,), argument_1=BGR)) == REVERSED | {"offset": BGR}


@pytest.mark.parametrize(
    "written",
    [
        [pixel("..., ::2", shape=(None, 8, 8, 2))],
        [layer("flip", (-1,), axis=2)],
        [*STACK[:2], pixel("..., 1"), STACK[3]],
        [*STACK[:2], pixel("..., 0", (0,)), STACK[3]],
        [*STACK[:3], layer("stack", (0, 1, 2), axis=1)],
        [pixel("..., 1"), pixel("..., 0"), layer("stack", (0, 1), (None, 8, 8, 2), axis=-1)],
        [layer("stack", (-1, -1), (None, 8, 8, 3, 2), axis=-1)],
    ],
    ids=["every second", "width", "a channel twice", "of another source", "elsewhere", "two of three", "the input"],
)
def test_other_pieces_of_an_image_stay_what_they_are(written):
    simple, _ = simplify(written, [len(written) - 1], 4)
    assert "Rescaling" not in [one.kind for one in simple]


@pytest.mark.parametrize(
    ("kind", "constant", "expected"),
    [
        ("subtract", (1.0, 2.0, 3.0), {"scale": 1.0, "offset": (-1.0, -2.0, -3.0)}),
        ("multiply", (1, 2, 3), {"scale": (1.0, 2.0, 3.0), "offset": 0.0}),
        ("true_divide", (1.0, 2.0, 4.0), {"scale": (1.0, 0.5, 0.25), "offset": 0.0}),
        ("add", (5.0, 5.0, 5.0), {"scale": 1.0, "offset": 5.0}),
        ("add", (5.0,), {"scale": 1.0, "offset": 5.0}),
    ],
)
def test_a_constant_for_each_channel(kind, constant, expected):
    assert only(layer(kind, (-1,), argument_1=constant)) == expected


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("add", {"argument_1": (1.0, 2.0)}),  # not a number for each of three channels
        ("true_divide", {"argument_1": (1.0, 0.0, 2.0)}),
        ("subtract", {"argument_0": (1.0, 2.0, 3.0)}),  # c - x
        ("add", {}),
        ("add", {"argument_1": True}),
    ],
)
def test_what_is_no_rescaling_stays(kind, config):
    assert simplify([layer(kind, (-1,), **config)], [0], 4)[0][0].kind == kind


def test_the_mean_taken_off_before_or_after_the_turn():
    before = only(layer("subtract", (-1,), argument_1=(123.68, 116.779, 103.939)), pixel("..., ::-1", (0,), IMAGE))
    after = only(pixel("..., ::-1", shape=IMAGE), layer("add", (0,), argument_1=BGR))

    assert before == after == {"scale": 1.0, "offset": BGR, "channels": "reversed"}


def test_turning_twice_is_not_turning():
    assert only(pixel("..., ::-1", shape=IMAGE), layer("flip", (0,), axis=-1)) == {"scale": 1.0, "offset": 0.0}


def test_a_stack_behind_another_step_joins_it():
    """Three single channels take three looks at the step before them, and yet it has one user."""
    steps = [scaled((-1,), scale=2.0), *(pixel(f"..., {k}", (0,)) for k in (2, 1, 0))]
    assert only(*steps, layer("stack", (1, 2, 3), axis=-1)) == {"scale": 2.0, "offset": 0.0, "channels": "reversed"}


def test_scales_of_channels_multiply():
    written = [scaled((-1,), (1.0, 2.0, 4.0), 1.0), pixel("..., ::-1", (0,), IMAGE), scaled((1,), 0.5, (0.0, 1.0, 2.0))]
    assert only(*written) == {"scale": (2.0, 1.0, 0.5), "offset": (0.5, 1.5, 2.5), "channels": "reversed"}


def test_rescalings_that_do_not_fit_together_stay_two():
    assert len(simplify([scaled((-1,), (1.0, 2.0)), scaled((0,), (1.0, 2.0, 3.0))], [1], 4)[0]) == 2
    assert len(simplify([scaled((-1,), "not a plain value"), scaled((0,), 2.0)], [1], 4)[0]) == 2


def test_a_normalization_with_given_statistics():
    given = layer("Normalization", (-1,), mean=(1.0, 2.0, 3.0), variance=(4.0, 4.0, 4.0), invert=False, axis=-1)
    assert only(given) == {"scale": 0.5, "offset": (-0.5, -1.0, -1.5)}
    assert only(layer("Normalization", (-1,), mean=1.0, variance=0.0, axis=-1)) == {"scale": 1e7, "offset": -1e7}


@pytest.mark.parametrize("config", [{}, {"mean": (1.0, 2.0, 3.0), "variance": (1.0, 1.0, 1.0), "invert": True}])
def test_another_normalization_stays(config):
    assert simplify([layer("Normalization", (-1,), **config)], [0], 4)[0][0].kind == "Normalization"

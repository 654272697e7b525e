"""The kit's network takes the place of one that is missing, and of no other; afterwards all is as it was."""

import keras
import pytest

from autograder.sandbox.server.stand_in import note_network, standing_in
from autograder.sandbox.server.time_limit import TimeLimitExceeded
from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import describe
from cnnkit.probe.stand_ins import StandIn

pytestmark = pytest.mark.tensorflow

BRIEF = sequence((None, 4), [("Dense", {"units": 3, "activation": "softmax"})])


def wrong(units=7):
    """A network, though not the brief's."""
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


def unbuilt():
    return keras.Sequential([keras.layers.Dense(3)])


def raises():
    raise NotImplementedError


def leaves():
    raise SystemExit


def needs_more(size):
    return wrong()


@pytest.mark.parametrize("function", [wrong, unbuilt])
def test_a_network_of_the_student_s_stays(function):
    names = {"build": function}
    with standing_in(names, {"build": StandIn(BRIEF)}) as stood_in:
        assert names["build"] is function
    assert stood_in == []


@pytest.mark.parametrize("function", [raises, leaves, needs_more, lambda: [1, 2], lambda: None, 3, None])
def test_the_kit_s_network_stands_in(function):
    names = {"build": function, "other": 1}
    with standing_in(names, {"build": StandIn(BRIEF)}) as stood_in:
        first, second = names["build"](), names["build"]("anything", at=1)
        assert first is not second
        assert compare(describe(first), BRIEF).equal
    assert stood_in == ["build"]
    assert names == ({"build": function, "other": 1} if function is not None else {"other": 1})


def test_names_are_put_back_when_the_watching_fails():
    names = {"build": raises}
    with pytest.raises(ValueError, match="no"), standing_in(names, {"build": StandIn(BRIEF)}):
        raise ValueError("no")
    assert names["build"] is raises


def test_a_time_limit_is_not_swallowed():
    def slow():
        raise TimeLimitExceeded("it took too long")

    with pytest.raises(TimeLimitExceeded), standing_in({"build": slow}, {"build": StandIn(BRIEF)}):
        pass


def test_a_function_that_is_known_to_give_a_network_is_not_tried():
    calls = []

    def build():
        calls.append(1)
        return wrong()

    note_network(build)
    note_network(3)
    with standing_in({"build": build}, {"build": StandIn(BRIEF)}) as stood_in:
        assert (stood_in, calls) == ([], [])


IMAGES = (None, 6, 6, 1)
LAYER = StandIn(sequence(IMAGES, [("RandomFlip", {"mode": "horizontal"})]), "layer")
WRAPPER = StandIn(
    sequence(IMAGES, [("Rescaling", {"scale": 1 / 255, "offset": 0.0})]),
    "wrapper",
    behind="classifier",
    outputs=(None, 3),
)


def classifier():
    return keras.Sequential([keras.Input(IMAGES[1:]), keras.layers.Flatten(), keras.layers.Dense(3)])


def around(augmentation, inner=None):
    return keras.Sequential([keras.Input(IMAGES[1:]), augmentation, inner or classifier()])


@pytest.mark.parametrize(
    "function",
    [
        lambda: keras.layers.RandomZoom(0.1),
        lambda: keras.Sequential([keras.layers.RandomFlip()]),
        lambda: keras.layers.Identity(),
        lambda: keras.layers.Lambda(lambda x: x),
    ],
)
def test_a_layer_of_the_student_s_stays(function):
    names = {"augment": function}
    with standing_in(names, {"augment": LAYER}) as stood_in:
        assert (stood_in, names["augment"]) == ([], function)


@pytest.mark.parametrize(
    "function",
    [
        *(raises, leaves, needs_more, None),
        lambda: keras.layers.RandomRotation(20),
        lambda: [keras.layers.RandomFlip()],
        lambda: keras.layers.RandomFlip,
        lambda: lambda images, training=True: images,
        lambda: keras.layers.CenterCrop(2, 2),
        lambda: None,
    ],
)
def test_the_kit_s_layer_stands_in(function):
    names = {"augment": function}
    with standing_in(names, {"augment": LAYER}) as stood_in:
        (flip,) = names["augment"]().layers
        assert type(flip) is keras.layers.RandomFlip
    assert stood_in == ["augment"]


@pytest.mark.parametrize(
    "function",
    [
        *(raises, None, wrong),
        lambda augmentation, inner=None: keras.layers.Rescale(1 / 255),
        lambda augmentation, inner=None: augmentation,
        lambda augmentation, inner=None: keras.Sequential([keras.Input(IMAGES[1:]), augmentation]),
        lambda augmentation, inner=None: None,
    ],
)
def test_the_kit_s_wrapper_stands_in(function):
    names = {"around": function, "classifier": classifier}
    with standing_in(names, {"around": WRAPPER}) as stood_in:
        given = names["around"](keras.layers.RandomFlip(), classifier())
        made = names["around"](keras.layers.Identity())
    assert stood_in == ["around"]
    assert [type(layer).__name__ for layer in given.layers] == ["RandomFlip", "Rescaling", "Sequential"]
    assert made.output_shape == (None, 3)


def test_a_wrapper_of_the_student_s_stays():
    names = {"around": around, "classifier": classifier}
    with standing_in(names, {"around": WRAPPER}) as stood_in:
        assert (stood_in, names["around"]) == ([], around)

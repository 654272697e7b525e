"""Rewriting a traced network into its simplest form."""

import pytest

from cnnkit.networks.describe.simplify import simplify
from cnnkit.networks.model_spec import LayerSpec

IMAGE = (None, 8, 8, 3)


def layer(kind, inputs, shape=IMAGE, **config):
    return LayerSpec(kind, config, shape, 0, 0, inputs)


def kinds(layers, outputs):
    return [(one.kind, one.inputs) for one in simplify(layers, outputs, 4)[0]]


@pytest.mark.parametrize(
    ("kind", "config", "name"),
    [
        ("Activation", {"activation": "relu"}, "relu"),
        ("ReLU", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}, "relu"),
        ("ReLU", {"max_value": 6, "negative_slope": 0.0, "threshold": 0.0}, "relu6"),
        ("ReLU", {"max_value": None, "negative_slope": 0.2, "threshold": 0.0}, "leaky_relu"),
        ("Softmax", {"axis": -1}, "softmax"),
        ("relu", {}, "relu"),
        ("softmax", {"axis": -1}, "softmax"),
        ("swish", {}, "silu"),
    ],
)
def test_a_separate_activation_joins_the_layer_before_it(kind, config, name):
    layers, outputs = simplify([layer("Dense", (-1,), units=3), layer(kind, (0,), **config)], [1], 4)

    assert outputs == (0,)
    assert layers[0].config == {"units": 3, "activation": name}


@pytest.mark.parametrize(
    "second",
    [
        layer("ReLU", (0,), max_value=4, negative_slope=0.0, threshold=0.0),
        layer("ReLU", (0,), max_value=None, negative_slope=0.0, threshold=1.0),
        layer("Softmax", (0,), axis=-2),
        layer("PReLU", (0,)),
    ],
)
def test_other_activations_stay(second):
    assert len(simplify([layer("Dense", (-1,)), second], [1], 4)[0]) == 2


def test_an_activation_behind_a_recurrent_layer_stays():
    assert len(simplify([layer("LSTM", (-1,), activation="linear"), layer("relu", (0,))], [1], 3)[0]) == 2


def test_an_output_of_the_model_is_not_joined():
    assert kinds([layer("Dense", (-1,)), layer("relu", (0,))], [0, 1]) == [("Dense", (-1,)), ("Activation", (0,))]


def test_layers_that_do_nothing_vanish():
    chain = [layer("Identity", (-1,)), layer("Dense", (0,)), layer("Activation", (1,), activation="linear")]

    assert kinds(chain, [2]) == [("Dense", (-1,))]
    assert simplify([layer("Identity", (-1,))], [0], 4) == ((), (-1,))


def test_layers_that_lead_nowhere_vanish():
    assert kinds([layer("Dense", (-1,)), layer("Dropout", (0,))], [0]) == [("Dense", (-1,))]


@pytest.mark.parametrize(
    ("kind", "config", "scale", "offset"),
    [
        ("true_divide", {"argument_1": 4.0}, 0.25, 0.0),
        ("multiply", {"argument_0": 2}, 2.0, 0.0),
        ("add", {"argument_1": 3}, 1.0, 3.0),
        ("subtract", {"argument_1": 3}, 1.0, -3.0),
    ],
)
def test_arithmetic_with_a_constant(kind, config, scale, offset):
    (one,), _ = simplify([layer(kind, (-1,), **config)], [0], 4)

    assert (one.kind, one.config) == ("Rescaling", {"scale": scale, "offset": offset})


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("true_divide", {"argument_0": 4.0}),  # 4 / x
        ("subtract", {"argument_0": 4.0}),  # 4 - x
        ("true_divide", {"argument_1": 0}),
        ("multiply", {"argument_1": "x"}),
    ],
)
def test_other_arithmetic_stays(kind, config):
    assert kinds([layer(kind, (-1,), **config)], [0]) == [(kind, (-1,))]


def test_branches_come_in_an_order_that_depends_on_the_graph_alone():
    one = [layer("A", (-1,)), layer("B", (-1,)), layer("C", (1,)), layer("Add", (0, 2))]
    other = [layer("B", (-1,)), layer("C", (0,)), layer("A", (-1,)), layer("add", (1, 2))]

    assert kinds(one, [3]) == kinds(other, [3]) == [("B", (-1,)), ("C", (0,)), ("A", (-1,)), ("Add", (1, 2))]


def test_concatenate_keeps_the_order_of_its_inputs():
    layers = [layer("A", (-1,)), layer("B", (-1,)), layer("concatenate", (1, 0), axis=3)]
    simple, _ = simplify(layers, [2], 4)

    assert [one.kind for one in simple] == ["B", "A", "Concatenate"]
    assert simple[2].config == {"axis": -1}


def test_a_very_deep_network_is_no_problem():
    chain = [layer("Dense", (k - 1,)) for k in range(4000)]

    assert len(simplify(chain, [3999], 4)[0]) == 4000


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((None, 192), "Flatten"), ((None, 8, 24), "Reshape"), ((None, 96), "reshape"), ((None, 4, 4), "reshape")],
)
def test_a_reshape_that_mixes_images_is_no_flatten(shape, kind):
    layers = [layer("Conv2D", (-1,)), layer("reshape", (0,), shape, newshape=(-1, *shape[1:]))]
    assert kinds(layers, [1])[1] == (kind, (0,))


def test_behind_an_input_of_unknown_size_a_reshape_is_believed():
    assert kinds([layer("reshape", (-1,), (None, 96))], [0]) == [("Flatten", (-1,))]

"""The graph of a Keras model: every layer after its inputs, nested models entered, bounds kept."""

import keras
import pytest
from keras import layers, ops

from cnnkit.networks.describe import graph
from cnnkit.networks.describe.graph import GraphWalk, Untraceable, activation_name, recorded_graph, weight_count

pytestmark = pytest.mark.tensorflow


def walked(model):
    inputs, outputs = recorded_graph(model)
    walk = GraphWalk()
    positions = walk.back_from(outputs, {id(tensor): -1 - k for k, tensor in enumerate(inputs)})
    return [(layer.kind, layer.inputs) for layer in walk.layers], positions


def nested(depth):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    for _ in range(depth):
        model = keras.Sequential([keras.Input((4,)), model])
    return model


def test_layers_come_after_their_inputs():
    image = keras.Input((4,))
    first = layers.Dense(4)(image)
    model = keras.Model(image, layers.Add()([layers.ReLU()(first), image]))

    assert walked(model) == ([("Dense", (-1,)), ("ReLU", (0,)), ("Add", (1, -1))], [2])


def test_a_layer_used_twice_is_there_twice():
    image, shared = keras.Input((4,)), layers.Dense(4)

    assert walked(keras.Model(image, shared(shared(image)))) == ([("Dense", (-1,)), ("Dense", (0,))], [1])


def test_the_layers_of_a_nested_model_stand_in_its_place():
    image = keras.Input((4,))
    inner = nested(2)

    assert walked(keras.Model(image, layers.ReLU()(inner(image)))) == ([("Dense", (-1,)), ("ReLU", (0,))], [1])


def test_models_nested_too_deep_are_refused(monkeypatch):
    monkeypatch.setattr(graph, "DEEPEST_NESTING", 2)

    assert walked(nested(2))
    with pytest.raises(Untraceable, match="more than 2 deep"):
        walked(nested(3))


def test_too_many_layers_are_refused(monkeypatch):
    monkeypatch.setattr(graph, "MOST_LAYERS", 2)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.ReLU()])

    assert walked(model)
    model.add(layers.Dense(4))
    with pytest.raises(Untraceable, match="more than 2 layers"):
        walked(model)


def test_a_subclassed_model_has_no_recorded_graph():
    class Own(keras.Model):
        def call(self, x):
            return x

    assert recorded_graph(Own()) is None
    assert recorded_graph(keras.Sequential([layers.Dense(3)])) is None


def test_shared_weights_count_once():
    dense = layers.Dense(3)
    dense.build((None, 4))

    assert weight_count([*dense.weights, *dense.weights]) == 15


def own(x):
    return x


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (ops.relu, "relu"),
        (keras.activations.swish, "silu"),
        (layers.ReLU(), "relu"),
        (layers.ReLU(max_value=1.0), "custom layer ReLU"),
        (layers.Activation("tanh"), "tanh"),
        (layers.LeakyReLU(negative_slope=0.2), "leaky_relu"),
        (own, "custom function own"),
    ],
)
def test_names_of_activations(function, name):
    assert activation_name(function) == name

"""A network is plain if it runs what is recorded, and nothing in it was replaced."""

import keras
import pytest

from cnnkit.networks.describe.keras_model import trace
from cnnkit.networks.describe.plain import is_plain

pytestmark = pytest.mark.tensorflow

L = keras.layers


def functional(*layers):
    image = keras.Input((6, 6, 2))
    x = image
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x)


PLAIN = {
    "sequential": lambda: keras.Sequential([keras.Input((6, 6, 2)), L.Conv2D(2, 3, activation="relu"), L.Dense(3)]),
    "functional": lambda: functional(L.Conv2D(2, 3), L.ReLU(), L.Flatten()),
    "nested": lambda: functional(L.Conv2D(2, 3), keras.Sequential([keras.Input((4, 4, 2)), L.Flatten()])),
    "operations": lambda: functional(L.Flatten(), keras.ops.relu, lambda x: x / 2 - 1),
    "branches": lambda: functional(lambda x: L.Add()([L.Conv2D(2, 1)(x), x])),
    "compiled": lambda: compiled(functional(L.Flatten())),
    "a backbone": lambda: keras.applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3)),
}


def compiled(model):
    model.compile("adam", keras.losses.mean_squared_error)
    return model


@pytest.mark.parametrize("name", PLAIN)
def test_keras_own_layers_are_plain(name):
    assert is_plain(PLAIN[name]())


def zero(x, *args, **kwargs):
    return 0 * x


class Subclass(keras.Model):
    def call(self, x):
        return x


class Wrapped(keras.Sequential):
    """Its graph is recorded by Keras, and its `__call__` does something else."""

    def __call__(self, x, **kwargs):
        return super().__call__(x, **kwargs) if isinstance(x, keras.KerasTensor) else 0 * x


def with_call(model, position):
    object.__setattr__(model.layers[position], "call", zero)
    return model


def with_own_call(model):
    object.__setattr__(model, "call", zero)
    return model


def with_another_graph(model):
    object.__setattr__(model, "_functional", functional(L.Flatten(), L.Dense(1)))
    return model


def with_another_node(model):
    other = functional(L.Flatten(), L.Dense(1))
    object.__setattr__(model, "_nodes_by_depth", other._nodes_by_depth)
    return model


def with_other_outputs(model):
    object.__setattr__(model, "_outputs", functional(L.Flatten(), L.Dense(1)).outputs)
    return model


def with_activation(model):
    model.layers[-1].activation = zero
    return model


OTHERS = {
    "a subclass": lambda: Subclass(),
    "a __call__": lambda: Wrapped([keras.Input((4,)), L.Dense(1)]),
    "a lambda": lambda: functional(L.Lambda(zero)),
    "an activation": lambda: functional(L.Dense(3, activation=zero)),
    "an activation set later": lambda: with_activation(functional(L.Dense(3))),
    "a call in a layer": lambda: with_call(functional(L.Flatten(), L.Dense(3)), 2),
    "a call in a model": lambda: with_own_call(functional(L.Flatten())),
    "another node": lambda: with_another_node(functional(L.Flatten(), L.Dense(2))),
    "other outputs": lambda: with_other_outputs(functional(L.Flatten(), L.Dense(2))),
    "a layer of its own inside": lambda: functional(type("Dense", (L.Dense,), {"__module__": L.Dense.__module__})(3)),
    "a subclass inside": lambda: functional(L.Flatten(), Subclass()),
}


@pytest.mark.parametrize("name", OTHERS)
def test_whatever_may_compute_something_else_is_not(name):
    assert not is_plain(OTHERS[name]())


def test_a_sequential_model_is_described_by_the_graph_that_it_runs():
    model = with_another_graph(PLAIN["sequential"]())
    assert is_plain(model)
    assert [layer.kind for layer in trace(model).spec.layers] == ["Flatten", "Dense"]
    assert model(keras.ops.ones((1, 6, 6, 2))).shape == (1, 1)

"""What is kept of a network before its first step is enough to begin again as it began."""

import keras
import numpy as np
import pytest
from keras import layers

from autograder.verify.rebuild import Rebuilt
from cnnkit.provenance import Unclear, look_at

pytestmark = pytest.mark.tensorflow


def stack():
    return [layers.Conv2D(4, 3, activation="relu"), layers.Dropout(0.3), layers.Flatten(), layers.Dense(3)]


def sequential():
    return keras.Sequential([keras.Input((8, 8, 1)), *stack()])


def functional():
    image = x = keras.Input((8, 8, 1))
    for layer in stack():
        x = layer(x)
    return keras.Model(image, x)


def nested():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.Sequential(stack()[:2]), *stack()[2:]])


def subclassed():
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = layers.Dense(3)  # defined in another order than it is used
            self.body = stack()[:3]

        def call(self, x, training=None):
            for layer in self.body:
                x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
            return self.head(x)

    network = Network()
    network.build((None, 8, 8, 1))
    return network


@pytest.mark.parametrize("build", [sequential, functional, nested, subclassed])
def test_the_draws_give_the_initial_weights_again(build):
    keras.utils.set_random_seed(5)
    network = look_at(build())
    assert [layer.kind for layer in network.spec.layers] == ["Conv2D", "Dropout", "Flatten", "Dense"]
    assert [(draw.layer, draw.what) for draw in network.draws()] == [
        (0, "kernel_initializer"),
        (1, "generator"),
        (3, "kernel_initializer"),
    ]
    for ours, theirs in zip(Rebuilt(network.spec).begin(network.draws()), network.weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_generator_that_has_drawn_already_is_seen():
    network = look_at(sequential())
    before = network.draws()[1]
    network.model(np.zeros((1, 8, 8, 1)), training=True)
    assert network.draws()[1] != before


def test_looking_changes_nothing():
    keras.utils.set_random_seed(5)
    one = sequential()
    weights = [np.asarray(weight) for weight in one.weights]
    first = look_at(one).draws()
    assert look_at(one).draws() == first
    for before, after in zip(weights, one.weights, strict=True):
        np.testing.assert_array_equal(before, np.asarray(after))


def test_two_layers_of_one_name_are_unclear():
    image = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="same")])
    network = keras.Model(image, layers.Dense(2, name="same")(inner(image)))
    with pytest.raises(Unclear, match="two of its layers are called 'same'"):
        look_at(network)


def test_what_is_not_built_is_unclear():
    with pytest.raises(Unclear):
        look_at(keras.Sequential([layers.Dense(2)]))

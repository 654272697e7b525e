"""A loss is sure where it can be computed whatever the weights are; others have to be tried."""

import keras
import pytest
from keras import layers

from cnnkit.networks.describe.keras_model import describe
from cnnkit.probe.sure_loss import loss_is_sure

pytestmark = pytest.mark.tensorflow

CROSSENTROPY = "categorical_crossentropy"


def network(*middle, last="softmax", units=10, shape=(8, 8, 1)):
    return keras.Sequential([keras.Input(shape), *middle, layers.Flatten(), layers.Dense(units, last)])


def is_sure(model, loss=CROSSENTROPY, **options):
    model.compile("adam", loss, **options)
    return loss_is_sure(model, describe(model, (None, 8, 8, 1)))


def test_a_network_that_is_not_compiled():
    model = network()
    assert not loss_is_sure(model, describe(model))


@pytest.mark.parametrize(
    "loss",
    [
        lambda: CROSSENTROPY,
        lambda: keras.losses.categorical_crossentropy,
        lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        lambda: keras.losses.BinaryCrossentropy(),
    ],
)
def test_losses_of_keras_s_own(loss):
    assert is_sure(network(layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.5)), loss())


def test_a_loss_on_logits_after_a_linear_layer():
    assert is_sure(network(last=None), keras.losses.CategoricalCrossentropy(from_logits=True))


def test_networks_within_networks():
    inner = keras.Sequential([layers.Conv2D(4, 3, activation="relu")])
    assert is_sure(network(inner))


class Crossentropy(keras.losses.CategoricalCrossentropy):
    pass


@pytest.mark.parametrize(
    "loss",
    [
        lambda: "sparse_categorical_crossentropy",
        lambda: "mse",
        lambda: "no_such_loss",
        lambda: None,
        lambda: [CROSSENTROPY],
        lambda: lambda truth, guess: 1.0,
        lambda: Crossentropy(),
        lambda: keras.losses.CategoricalCrossentropy(reduction="none"),
        lambda: keras.losses.CategoricalCrossentropy(axis=1),
        lambda: keras.losses.CategoricalCrossentropy(label_smoothing=5.0),
    ],
)
def test_losses_to_be_tried(loss):
    assert not is_sure(network(), loss())


def test_weighted_losses_are_tried():
    """As when metrics are passed by position, which Keras takes for weights."""
    assert not is_sure(network(), loss_weights=["accuracy"])


class Mine(layers.Layer):
    def call(self, x):
        return x


class Own(keras.Sequential):
    pass


@pytest.mark.parametrize(
    "model",
    [
        lambda: network(last="relu"),
        lambda: network(last=None),
        lambda: network(layers.Conv2D(4, 3, activation="exponential")),
        lambda: network(layers.Lambda(lambda x: x / 0.0)),
        lambda: network(Mine()),
        lambda: network(layers.Dense(4, dtype="float16")),
        lambda: Own([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10, "softmax")]),
        lambda: keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(4, 3), layers.Softmax()]),
    ],
)
def test_networks_whose_loss_is_tried(model):
    assert not is_sure(model())

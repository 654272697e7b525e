"""A training's beginning is known well enough to begin again: weights in order, initializers, random generators."""

import random

import keras
import numpy as np
import pytest
from keras import layers

import cnnkit
from cnnkit import session
from cnnkit.data import Batches
from cnnkit.recording import initial_state
from cnnkit.recording.fingerprint import weights_digest
from cnnkit.recording.initial_state import UnclearNetwork, generator_of, initial_network

pytestmark = pytest.mark.tensorflow

VARIABLES = {
    "kernel_initializer": "kernel",
    "depthwise_initializer": "kernel",
    "pointwise_initializer": "pointwise_kernel",
}


def stack():
    return [
        layers.Conv2D(4, 3, activation="relu", kernel_initializer="he_normal"),
        layers.DepthwiseConv2D(2),
        layers.SeparableConv2D(3, 2),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(5, activation="tanh"),
        layers.GaussianNoise(0.1),
        layers.Dense(10, activation="softmax"),
    ]


def sequential():
    return keras.Sequential([keras.Input((8, 8, 1)), *stack()])


def functional():
    image = x = keras.Input((8, 8, 1))
    for layer in stack():
        x = layer(x)
    return keras.Model(image, x)


def nested():
    front = keras.Sequential([keras.Input((8, 8, 1)), *stack()[:4]], name="front")
    image = keras.Input((8, 8, 1))
    x = layers.RandomFlip()(image)
    for layer in [front, *stack()[4:]]:
        x = layer(x)
    return keras.Model(image, x)


def residual():
    image = keras.Input((8, 8, 1))
    one, other = layers.Conv2D(4, 3, padding="same")(image), layers.Conv2D(4, 1)(image)
    x = layers.Add()([one, other])
    return keras.Model(image, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))


class Own(keras.Model):
    """A class of the student's own that hands `training` on."""

    def __init__(self):
        super().__init__()
        self.front, self.back = stack()[:4], stack()[4:]

    def call(self, x, training=None):
        for layer in [*self.front, *self.back]:
            x = layer(x, training=training) if "Dropout" in type(layer).__name__ else layer(x)
        return x


class OwnWithoutTraining(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten, self.dense = layers.Flatten(), layers.Dense(10, activation="softmax")

    def call(self, x):
        return self.dense(self.flatten(x))


def subclassed():
    made = Own()
    made(np.zeros((1, 8, 8, 1), np.float32))
    return made


def subclassed_without_training():
    made = OwnWithoutTraining()
    made.build((None, 8, 8, 1))
    return made


ALL = [sequential, functional, nested, residual, subclassed, subclassed_without_training]


@pytest.mark.parametrize("build", ALL)
def test_the_weights_are_all_there_in_the_order_of_the_description(build):
    keras.utils.set_random_seed(3)
    model = build()
    found = initial_network(model)
    weights = found.weights()
    assert sum(array.size for array in weights) == model.count_params() == found.spec.parameters
    sizes = [layer.parameters for layer in found.spec.layers]
    live = [layer.count_params() if layer is not None else 0 for layer in found.layers]
    assert sizes == live
    assert {array.dtype for array in weights} == {np.dtype(np.float32)}


@pytest.mark.parametrize("build", ALL)
def test_weights_and_draws_rebuild_the_beginning(build):
    keras.utils.set_random_seed(3)
    found = initial_network(build())
    draws = {(draw.layer, draw.what): draw for draw in found.draws()}
    again = []
    for position, layer in enumerate(found.layers):
        for variable in layer.weights if layer is not None else []:
            what = next((what for what, name in VARIABLES.items() if variable.name == name), "")
            draw = draws.get((position, "depthwise_initializer" if _is_depthwise(layer, variable) else what))
            if draw is None:
                again.append(np.full(variable.shape, 1.0 if variable.name in ("gamma", "moving_variance") else 0.0))
            else:
                initializer = getattr(keras.initializers, draw.kind)(seed=draw.seed[0])
                again.append(np.asarray(initializer(variable.shape, dtype="float32")))
    assert weights_digest(again) == weights_digest(found.weights())


def _is_depthwise(layer, variable):
    return variable.name == ("kernel" if "Depthwise" in type(layer).__name__ else "depthwise_kernel")


@pytest.mark.parametrize("build", ALL)
def test_looking_changes_nothing(build):
    keras.utils.set_random_seed(3)
    model = build()
    before = [np.array(variable) for variable in model.variables] or _as_called()
    dice, numbers = random.getstate(), np.random.get_state()[1].tolist()
    found = initial_network(model)
    found.draws(), found.weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, model.variables, strict=True))
    assert random.getstate() == dice
    assert np.random.get_state()[1].tolist() == numbers


def _as_called():
    """Variables that Keras makes in the first step of a network that says it is built and has no weights yet."""
    keras.utils.set_random_seed(3)
    made = OwnWithoutTraining()
    made(np.zeros((1, 8, 8, 1), np.float32))
    weights = [np.array(variable) for variable in made.variables]
    keras.utils.set_random_seed(3)
    OwnWithoutTraining()
    return weights


def test_generators_are_those_that_draw_while_training():
    found = initial_network(nested())
    kinds = [found.spec.layers[draw.layer].kind for draw in found.draws() if draw.what == "generator"]
    assert kinds == ["RandomFlip", "Dropout", "GaussianNoise"]
    for draw in found.draws():
        if draw.what == "generator":
            assert draw.seed == tuple(np.asarray(generator_of(found.layers[draw.layer]).state))


def test_a_generator_moves_on_and_its_draw_with_it():
    found = initial_network(sequential())
    before = found.draws()
    found.model(np.zeros((2, 8, 8, 1), np.float32), training=True)
    moved = [one.what for one, other in zip(before, found.draws(), strict=True) if one != other]
    assert moved == ["generator", "generator"]


def test_layers_without_random_numbers_have_no_generator():
    assert generator_of(layers.Dense(3)) is None
    assert generator_of(None) is None
    assert generator_of(layers.Dropout(0)) is None


def test_an_initializer_without_a_seed_leaves_no_draw():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_initializer="ones")])
    assert initial_network(model).draws() == ()


def of_one_name():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="one"), layers.Dense(10, "softmax", name="two")])
    model.layers[1].name = "one"
    return model


def shared():
    image = keras.Input((4,))
    layer = layers.Dense(4)
    return keras.Model(image, layers.Dense(10, activation="softmax")(layer(layer(image))))


def not_built():
    return keras.Sequential([layers.Dense(10, activation="softmax")])


class OwnWeights(keras.Model):
    """A weight that belongs to no layer."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(10, activation="softmax")
        self.scale = self.add_weight(shape=(4,), initializer="ones")

    def call(self, x):
        return self.dense(x * self.scale)


def own_weights():
    made = OwnWeights()
    made(np.zeros((1, 4), np.float32))
    return made


def large():
    model = keras.Sequential(
        [keras.Input((4,)), *(layers.Dense(4) for _ in range(initial_state.MOST_REBUILT_LAYERS)), layers.Dense(10)]
    )
    return model


UNCLEAR = {
    of_one_name: "two of its layers are called 'one'",
    not_built: "is not built",
    own_weights: "belong to no layer",
    shared: "belong to no layer",
    large: "it has 501 layers",
}


@pytest.mark.parametrize("build", UNCLEAR)
def test_what_cannot_be_told_apart_is_unclear(build):
    with pytest.raises(UnclearNetwork, match=UNCLEAR[build]):
        initial_network(build())


def test_too_many_weights_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(initial_state, "LARGEST", 100)
    with pytest.raises(UnclearNetwork, match="parameters"):
        initial_network(sequential())


@pytest.fixture
def data(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_current", session.Session("mnist_convnet", "s1", 11))
    pixels = np.random.default_rng(3).integers(0, 256, (20, 2, 2), dtype=np.uint8)
    labels = np.arange(20) % 10
    return Batches(pixels, labels, batch_size=8, seed=11), Batches(pixels, labels, batch_size=8, seed=None)


@pytest.mark.parametrize("build", [of_one_name, shared, not_built, own_weights])
def test_an_unclear_network_is_recorded_without_it(data, build):
    def train(optimizer, train, val, epochs, callbacks):
        inner = build()
        network = keras.Sequential([layers.Flatten(), inner])
        if build is not not_built:
            network.build((None, 2, 2, 1))
        network.compile(optimizer, "categorical_crossentropy")
        return network.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, verbose=0)

    found = cnnkit.record(train, "sgd", *data, epochs=2)
    assert len(found["val_loss"]) == 2
    assert len(found.steps) == 3
    assert (found.network, found.draws, found.initial, found.fingerprints, found.weights) == (None, (), "", [], "")

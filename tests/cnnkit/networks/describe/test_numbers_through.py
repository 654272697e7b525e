"""A student's own layer without weights counts for what it computes, and not for what it shows a symbolic tensor."""

import keras
import pytest
import tensorflow as tf
from keras import layers, ops

from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.weightless import build_and_describe

pytestmark = pytest.mark.tensorflow

SHAPE = (None, 8, 8, 3)
BRIEF = sequence(SHAPE, [("AveragePooling2D", {"pool_size": (2, 2)}), ("Flatten", {}), ("Dense", {"units": 2})])


def own(function):
    """A class of layer that computes a function."""

    class Own(layers.Layer):
        def call(self, x, training=None):
            return function(x, training)

    return Own


def pooled(x, training=None):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


class WithoutTraining(layers.Layer):
    def call(self, x):
        return ops.average_pool(x, 2, 2)


class Growing(layers.Layer):
    """Another function at every call."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def call(self, x):
        self.calls += 1
        return pooled(x) * float(self.calls)


def equal(pool=layers.AveragePooling2D, flat=layers.Flatten):
    def build():
        return keras.Sequential([keras.Input(SHAPE[1:]), pool(), flat(), layers.Dense(2)])

    return compare(build_and_describe(build), BRIEF).equal


RIGHT = {
    "TensorFlow's": {"pool": own(pooled)},
    "without training": {"pool": WithoutTraining},
    "keras.ops": {"pool": own(lambda x, training: ops.average_pool(x, (2, 2), strides=(2, 2), padding="valid"))},
    "pads nothing": {"pool": own(lambda x, training: tf.nn.avg_pool2d(x, 2, 2, "SAME"))},
    "a Lambda that knows of training": {"pool": lambda: layers.Lambda(pooled)},
    "a Lambda of tf.reshape": {
        "pool": lambda: layers.AveragePooling2D(2),
        "flat": lambda: layers.Lambda(lambda t: tf.reshape(t, [-1, 48])),
    },
    "flat by keras.ops": {
        "pool": lambda: layers.AveragePooling2D(2),
        "flat": own(lambda x, training: ops.reshape(x, (-1, 48))),
    },
    "flat by tf.shape": {
        "pool": lambda: layers.AveragePooling2D(2),
        "flat": own(lambda x, training: tf.reshape(x, [tf.shape(x)[0], 48])),
    },
}


@pytest.mark.parametrize("how", RIGHT.values(), ids=RIGHT)
def test_an_own_layer_counts_for_what_it_computes(how):
    assert equal(**{"pool": lambda: layers.AveragePooling2D(2), **how})


WRONG = {
    "the largest value": own(lambda x, training: tf.nn.max_pool2d(x, 2, 2, "VALID")),
    "another function in training": own(lambda x, training: pooled(x) * 0.5 if training else pooled(x)),
    "another function in prediction": own(
        lambda x, training: pooled(x) if training or training is None else -pooled(x)
    ),
    "another function for numbers": own(
        lambda x, training: pooled(x) if isinstance(x, keras.KerasTensor) else tf.nn.max_pool2d(x, 2, 2, "VALID")
    ),
    "noise": own(lambda x, training: pooled(x) + keras.random.normal((1,))),
    "noise in training": own(lambda x, training: pooled(x + keras.random.normal((1,))) if training else pooled(x)),
    "large numbers cut off": own(
        lambda x, training: pooled(x) if isinstance(x, keras.KerasTensor) else pooled(ops.minimum(x, 100.0))
    ),
    "another function at every call": Growing,
}


@pytest.mark.parametrize("pool", WRONG.values(), ids=WRONG)
def test_an_own_layer_that_computes_something_else_is_found(pool):
    assert not equal(pool=pool)


@pytest.mark.parametrize("name", ["vgg16", "mobilenet"])
def test_keras_s_preparation_in_an_own_layer_is_rescaling(name):
    prepare = getattr(keras.applications, name).preprocess_input

    def build(layer):
        return lambda: keras.Sequential([keras.Input(SHAPE[1:]), layer, layers.Flatten()])

    in_layer, in_lambda = (
        build_and_describe(build(layer)) for layer in (own(lambda x, training: prepare(x))(), layers.Lambda(prepare))
    )

    assert in_layer.layers[0].kind == "Rescaling"
    assert compare(in_layer, in_lambda).equal


# --- layers with a kernel and a bias of their own ---------------------------------------------------------------------


class Linear(layers.Layer):
    """The layer that guides on subclassing begin with."""

    def __init__(self, units, function=lambda z: z, bias=True, **settings):
        super().__init__()
        self.units, self.function, self.bias, self.settings = units, function, bias, settings

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units), initializer="random_normal", **self.settings)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros") if self.bias else None

    def call(self, x, training=None):
        z = tf.matmul(x, self.w)
        return self.function(z if self.b is None else z + self.b)


class Bent(Linear):
    def call(self, x, training=None):
        return super().call(x) if not training else super().call(2.0 * x)


class Odd(Linear):
    def call(self, x, training=None):
        return tf.matmul(x, tf.abs(self.w)) + self.b


def described(layer):
    spec = build_and_describe(lambda: keras.Sequential([keras.Input((5,)), layer, layers.Dropout(0.1)]))
    return spec.layers[0]


@pytest.mark.parametrize(
    ("layer", "like"),
    [
        (lambda: Linear(4), lambda: layers.Dense(4)),
        (lambda: Linear(4, tf.nn.relu), lambda: layers.Dense(4, activation="relu")),
        (lambda: Linear(4, tf.tanh), lambda: layers.Dense(4, activation="tanh")),
        (lambda: Linear(4, ops.sigmoid), lambda: layers.Dense(4, activation="sigmoid")),
        (lambda: Linear(3, tf.nn.softmax), lambda: layers.Dense(3, activation="softmax")),
        (lambda: Linear(4, bias=False), lambda: layers.Dense(4, use_bias=False)),
        (lambda: Linear(4, lambda z: tf.maximum(z, 0.0)), lambda: layers.Dense(4, activation="relu")),
        (lambda: Linear(1, tf.sigmoid), lambda: layers.Dense(1, activation="sigmoid")),
    ],
)
def test_a_dense_layer_of_ones_own_is_one(layer, like):
    own, usual = described(layer()), described(like())

    assert (own.kind, own.config, own.parameters) == (usual.kind, usual.config, usual.parameters)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: Bent(4),
        lambda: Odd(4),
        lambda: Linear(4, lambda z: 2.0 * z),
        lambda: Linear(4, lambda z: z + keras.random.normal((1,))),
        lambda: Linear(4, regularizer="l2"),
    ],
)
def test_a_layer_that_is_nearly_dense_is_none(layer):
    assert described(layer()).kind != "Dense"

"""Networks whose `call` uses TensorFlow's functions equal the same networks of layers, and their mistakes are found."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.nn import avg_pool2d as imported_pool

from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import DescribeError, describe
from cnnkit.networks.describe.tensorflow_calls import TWINS, tensorflow_calls_traced
from cnnkit.networks.describe.weightless import build_and_describe

pytestmark = pytest.mark.tensorflow

SHAPE = (None, 16, 16, 2)


def brief(pool="AveragePooling2D"):
    return sequence(
        SHAPE,
        [
            ("Conv2D", {"filters": 3, "kernel_size": (3, 3), "activation": "tanh"}),
            (pool, {"pool_size": (2, 2), "strides": (2, 2)}),
            ("Flatten", {}),
            ("Dense", {"units": 4, "activation": "softmax"}),
        ],
    )


def pooled(x):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


def flattened(x):
    return tf.reshape(x, [-1, 147])


def network(act=tf.tanh, pool=pooled, flat=flattened, end=tf.nn.softmax):
    """A function that builds a subclassed network, as tutorials do."""

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.convolution, self.dense = layers.Conv2D(3, 3), layers.Dense(4)

        def call(self, x):
            return end(self.dense(flat(pool(act(self.convolution(x))))))

    return Net


def differences(build, expected=None):
    return compare(build_and_describe(build, SHAPE), expected or brief()).differences


RIGHT = {
    "as it is": network(),
    "an imported function": network(
        pool=lambda x: imported_pool(x, [1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID")
    ),
    "tf.nn.pool": network(pool=lambda x: tf.nn.pool(x, [2, 2], "AVG", strides=[2, 2], padding="VALID")),
    "tf.nn.avg_pool": network(pool=lambda x: tf.nn.avg_pool(input=x, ksize=(2, 2), strides=(2, 2), padding="VALID")),
    "tf.math.tanh": network(act=tf.math.tanh),
    "tf.keras.activations": network(act=tf.keras.activations.tanh, end=tf.keras.activations.softmax),
    "the batch by tf.shape": network(flat=lambda x: tf.reshape(x, [tf.shape(x)[0], -1])),
    "the batch, and the size": network(flat=lambda x: tf.reshape(x, (tf.shape(x)[0], 147))),
    "sizes multiplied": network(flat=lambda x: tf.reshape(x, [-1, x.shape[1] * x.shape[2] * x.shape[3]])),
    "numpy's product": network(flat=lambda x: tf.reshape(x, [-1, np.prod(x.shape[1:])])),
    "Keras's old backend": network(flat=lambda x: tf.keras.backend.batch_flatten(x)),
    "softmax with its axis": network(end=lambda x: tf.nn.softmax(x, axis=-1)),
    "cast and identity": network(end=lambda x: tf.nn.softmax(tf.identity(tf.convert_to_tensor(x)))),
    "concatenated with nothing": network(flat=lambda x: tf.reshape(tf.concat([x], axis=-1), [-1, 147])),
}


@pytest.mark.parametrize("build", RIGHT.values(), ids=RIGHT)
def test_tensorflows_functions_are_traced(build):
    assert [d.mismatch().message for d in differences(build)] == []


WRONG = {
    "the largest value": (network(pool=lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")), 1, "replaced"),
    "larger windows": (network(pool=lambda x: tf.nn.avg_pool2d(x, 3, 2, "VALID")), 1, "pool_size"),
    "overlapping windows": (
        network(pool=lambda x: tf.nn.avg_pool2d(x, 2, 1, "VALID"), flat=layers.Flatten()),
        1,
        "strides",
    ),
    "another activation": (network(act=tf.nn.relu), 0, "activation"),
    "no activation": (network(act=tf.identity), 0, "activation"),
    "sigmoid at the end": (network(end=tf.sigmoid), 3, "activation"),
    "softmax along the batch": (network(end=lambda x: tf.nn.softmax(x, axis=0)), 3, "activation"),
    "the mean of the maps": (network(flat=lambda x: tf.reduce_mean(x, [1, 2])), 2, "replaced"),
}


@pytest.mark.parametrize(("build", "position", "field"), WRONG.values(), ids=WRONG)
def test_mistakes_in_tensorflows_functions_are_found(build, position, field):
    first = differences(build)[0]

    assert first.position == position
    assert field in (first.field, first.kind)


def test_other_functions_have_their_layer():
    class Net(keras.Model):
        def call(self, x):
            x = tf.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]])
            x = tf.nn.leaky_relu(tf.nn.max_pool2d(x, 2, 2, "VALID"), alpha=0.2)
            y = tf.concat([x, tf.nn.relu(x)], axis=3)
            y = tf.add(y, tf.multiply(y, 0.5))
            return tf.reduce_max(tf.transpose(y, [0, 2, 1, 3]), axis=[1, 2])

    kinds = [layer.kind for layer in describe(Net(), SHAPE).layers]

    assert kinds == [
        *("ZeroPadding2D", "MaxPooling2D", "Activation", "Activation", "Concatenate", "Rescaling", "Add"),
        *("transpose", "GlobalMaxPooling2D"),
    ]


def test_what_has_no_twin_is_named_with_its_line():
    class Net(keras.Model):
        def call(self, x):
            return tf.nn.dropout(x, 0.1)

    with pytest.raises(
        DescribeError, match=r"Line \d+, `return tf.nn.dropout\(x, 0.1\)`: put the function of keras.ops"
    ):
        describe(Net(), SHAPE)


def test_outside_of_a_description_tensorflow_refuses_as_always():
    describe(network()(), SHAPE)

    with pytest.raises(ValueError, match="A KerasTensor cannot be used"):
        tf.reshape(keras.Input((4, 4)), [-1, 16])
    assert tf.reshape(tf.zeros((2, 3)), [6]).shape == (6,)


@pytest.mark.parametrize("name", [name for name in TWINS if name not in ("shape", "image.resize")])
def test_every_twin_gives_the_numbers_of_its_original(name):
    """The graph that the twin records, and TensorFlow's function, on the same numbers."""
    function = tf
    for part in name.split("."):
        function = getattr(function, part)
    image = keras.Input((6, 6, 2))
    calls = {
        "add_n": lambda x: function([x, x]),
        "cast": lambda x: function(x, tf.float32),
        "clip_by_value": lambda x: function(x, 0.2, 0.7),
        "concat": lambda x: function([x, x], -1),
        "ensure_shape": lambda x: function(x, (None, 6, 6, 2)),
        "expand_dims": lambda x: function(x, 1),
        "nn.leaky_relu": lambda x: function(x, 0.1),
        "nn.pool": lambda x: function(x, (2, 2), "MAX", padding="SAME"),
        "pad": lambda x: function(x, [[0, 0], [1, 2], [0, 1], [0, 0]], constant_values=1.5),
        "reshape": lambda x: function(x, [-1, 12, 6]),
        "reverse": lambda x: function(x, [-1]),
        "squeeze": lambda x: function(x[:, :1], [1]),
        "stack": lambda x: function([x, x]),
        "transpose": lambda x: function(x, [0, 2, 1, 3]),
        "matmul": lambda x: function(x, tf.ones((2, 3))),
        **{
            f"nn.{kind}_pool{rank}": lambda x: function(x, 3, 2, "SAME")
            for kind in ("avg", "max")
            for rank in ("", "2d")
        },
        **{name: lambda x: function(x + 1.0, 1.5) for name in ("divide", "math.floormod", "math.truediv", "pow")},
        **{name: lambda x: function(x, 0.5) for name in ("add", "maximum", "minimum", "multiply", "subtract")},
    }
    call = calls.get(name, function)
    with tensorflow_calls_traced():
        graph = keras.Function(image, call(image))
    numbers = np.random.default_rng(1).uniform(0.1, 1.0, (3, 6, 6, 2)).astype("float32")

    np.testing.assert_allclose(np.asarray(graph(numbers)), np.asarray(call(tf.constant(numbers))), rtol=1e-5, atol=1e-6)

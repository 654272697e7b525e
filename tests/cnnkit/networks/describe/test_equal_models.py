"""The same network written in many ways has one description."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import describe

pytestmark = pytest.mark.tensorflow

IMAGE = (None, 28, 28, 1)
BRIEF = sequence(
    IMAGE,
    [
        ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
        ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "padding": "same", "activation": "relu"}),
        ("MaxPooling2D", {"pool_size": (2, 2), "strides": (1, 1)}),
        ("Dropout", {"rate": 0.35}),
        ("Flatten", {}),
        ("Dense", {"units": 256, "activation": "tanh"}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ],
)


def stack(activation=lambda name: name):
    """The layers of the brief, their activations given as `activation` makes them."""
    return [
        layers.Conv2D(64, 3, 2, activation=activation("relu")),
        layers.Conv2D(32, 2, padding="same", activation=activation("relu")),
        layers.MaxPooling2D((2, 2), strides=(1, 1)),
        layers.Dropout(0.35),
        layers.Flatten(),
        layers.Dense(256, activation=activation("tanh")),
        layers.Dropout(0.5),
        layers.Dense(10, activation=activation("softmax")),
    ]


def through(x, stack_):
    for layer in stack_:
        x = layer(x)
    return x


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.stack = stack()

    def call(self, x, training=None):
        for layer in self.stack:
            x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
        return x


class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first, self.second = stack()[:2]

    def call(self, x):
        return self.second(self.first(x))


def sequential_from_a_list():
    return keras.Sequential([keras.Input(IMAGE[1:]), *stack()])


def sequential_by_add():
    model = keras.Sequential()
    model.add(layers.InputLayer(shape=IMAGE[1:]))
    for layer in stack():
        model.add(layer)
    return model


def sequential_with_input_shape_on_the_first_layer():
    return keras.Sequential(
        [layers.Conv2D(64, (3, 3), strides=(2, 2), activation="relu", input_shape=IMAGE[1:]), *stack()[1:]]
    )


def sequential_that_is_not_built():
    return keras.Sequential(stack())


def functional():
    image = keras.Input(IMAGE[1:])
    return keras.Model(image, through(image, stack()))


def functional_with_operations():
    image = keras.Input(IMAGE[1:])
    x = ops.relu(layers.Conv2D(64, 3, 2)(image))
    x = keras.activations.relu(layers.Conv2D(32, 2, padding="same")(x))
    x = layers.Dropout(0.35)(layers.MaxPool2D(2, 1)(x))
    x = ops.tanh(layers.Dense(256)(ops.reshape(x, (-1, 4608))))
    return keras.Model(image, ops.softmax(layers.Dense(10)(layers.Dropout(0.5)(x))))


def subclass():
    return Subclass()


def subclass_that_has_seen_data():
    model = Subclass()
    model(np.zeros((2, *IMAGE[1:]), "float32"))
    return model


def layer_made_of_layers():
    return keras.Sequential([keras.Input(IMAGE[1:]), Block(), *stack()[2:]])


def nested_sequential():
    return keras.Sequential([keras.Input(IMAGE[1:]), keras.Sequential(stack()[:4]), keras.Sequential(stack()[4:])])


def nested_functional_for_images_of_any_size():
    inner = keras.Input((None, None, 1))
    image = keras.Input(IMAGE[1:])
    return keras.Model(image, through(keras.Model(inner, through(inner, stack()[:4]))(image), stack()[4:]))


def functions_of_keras():
    return keras.Sequential([keras.Input(IMAGE[1:]), *stack(lambda name: getattr(keras.activations, name))])


def functions_of_keras_ops():
    return keras.Sequential([keras.Input(IMAGE[1:]), *stack(lambda name: getattr(ops, name))])


def functions_of_tensorflow():
    return tf.keras.Sequential([tf.keras.Input(IMAGE[1:]), *stack(lambda name: getattr(tf.nn, name))])


def layers_as_activations():
    made = {"relu": layers.ReLU, "softmax": layers.Softmax, "tanh": lambda: layers.Activation("tanh")}
    return keras.Sequential([keras.Input(IMAGE[1:]), *stack(lambda name: made[name]())])


def separate_activations_and_other_spellings():
    return keras.Sequential(
        [
            keras.Input(IMAGE[1:], dtype="float32"),
            layers.Conv2D(64, [3, 3], [2, 2], name="mine", dtype="float32"),
            layers.ReLU(),
            layers.Conv2D(32, (2, 2), (1, 1), padding="SAME", use_bias=True, dilation_rate=1, groups=1),
            layers.Activation(keras.activations.relu),
            layers.MaxPool2D(2, strides=1, padding="valid"),
            layers.Dropout(rate=0.35),
            layers.Identity(),
            layers.Flatten(),
            layers.Dense(256),
            layers.Activation("tanh"),
            layers.Dropout(0.5, seed=3),
            layers.Dense(10, kernel_initializer="he_normal"),
            layers.Softmax(),
        ]
    )


def reshape_for_flatten():
    return keras.Sequential([keras.Input(IMAGE[1:]), *stack()[:4], layers.Reshape((-1,)), *stack()[5:]])


def fixed_batch_size():
    return keras.Sequential([keras.Input(batch_shape=(128, *IMAGE[1:])), *stack()])


WAYS = [
    sequential_from_a_list,
    sequential_by_add,
    sequential_with_input_shape_on_the_first_layer,
    sequential_that_is_not_built,
    functional,
    functional_with_operations,
    subclass,
    subclass_that_has_seen_data,
    layer_made_of_layers,
    nested_sequential,
    nested_functional_for_images_of_any_size,
    functions_of_keras,
    functions_of_keras_ops,
    functions_of_tensorflow,
    layers_as_activations,
    separate_activations_and_other_spellings,
    reshape_for_flatten,
    fixed_batch_size,
]


@pytest.mark.parametrize("build", WAYS)
def test_equal_networks_have_equal_descriptions(build):
    spec = describe(build(), IMAGE)

    assert [str(d.mismatch()) for d in compare(spec, BRIEF).differences] == []
    assert spec.parameters == spec.trainable == 1_191_338
    assert [layer.output_shape[1:] for layer in spec.layers] == [layer.output_shape[1:] for layer in BRIEF.layers]
    assert [layer.parameters for layer in spec.layers] == [layer.parameters for layer in BRIEF.layers]


def test_a_model_can_still_be_used_afterwards():
    model = subclass_that_has_seen_data()
    before = model(np.ones((1, *IMAGE[1:]), "float32")).numpy()

    describe(model)

    assert np.array_equal(model(np.ones((1, *IMAGE[1:]), "float32")).numpy(), before)

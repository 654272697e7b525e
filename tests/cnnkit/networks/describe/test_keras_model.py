"""Contents of a description, and messages for objects that cannot be described."""

import keras
import pytest
import tensorflow as tf
from keras import layers, ops

from cnnkit.networks.brief import sequence
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import DescribeError, NotAModel, describe

pytestmark = pytest.mark.tensorflow

IMAGE = (None, 28, 28, 1)


def test_an_activation_that_others_need_too_is_not_joined():
    image = keras.Input((8,))
    hidden = layers.Dense(4)(image)
    spec = describe(keras.Model(image, layers.Add()([hidden, ops.relu(hidden)])))

    assert [(layer.kind, layer.inputs) for layer in spec.layers] == [
        ("Dense", (-1,)),
        ("Activation", (0,)),
        ("Add", (1, 0)),
    ]
    assert spec.layers[0].config["activation"] == "linear"


def test_a_second_activation_stays_a_layer():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="softmax"), layers.Softmax()])

    assert [layer.kind for layer in describe(model).layers] == ["Dense", "Activation"]


def test_an_activation_with_settings_of_its_own_stays_a_layer():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.LeakyReLU(negative_slope=0.01)])

    assert [(layer.kind, layer.config) for layer in describe(model).layers][1] == (
        "LeakyReLU",
        {"negative_slope": 0.01},
    )


def test_a_function_of_the_students_own_is_never_taken_for_keras_s():
    def relu(x):
        return x

    spec = describe(keras.Sequential([keras.Input((8,)), layers.Dense(4, activation=relu)]))

    assert spec.layers[0].config["activation"] == "custom function relu"


def test_a_class_of_the_students_own_is_never_taken_for_keras_s():
    class Dense(layers.Dense):
        def call(self, inputs):
            return super().call(inputs) * 0

    spec = describe(keras.Sequential([keras.Input((8,)), Dense(4)]))

    assert spec.layers[0].kind == "Dense (a class of its own)"
    assert spec.layers[0].parameters == 36


def test_the_order_of_writing_branches_does_not_matter():
    def build(long_first):
        image = keras.Input((8, 8, 3))
        convolution, more = layers.Conv2D(4, 1), layers.Conv2D(4, 3, padding="same", activation="relu")
        x = convolution(image)
        pair = [more(x), x] if long_first else [x, more(x)]
        return describe(keras.Model(image, layers.Flatten()(layers.Add()(pair))))

    one, other = build(True), build(False)

    assert compare(one, other).equal
    assert [layer.inputs for layer in one.layers] == [layer.inputs for layer in other.layers]


def test_arithmetic_with_constants_is_rescaling():
    image = keras.Input(IMAGE[1:])
    spec = describe(keras.Model(image, layers.Flatten()(image / 127.5 - 1.0)))

    assert compare(spec, sequence(IMAGE, [("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}), ("Flatten", {})])).equal


def test_the_mean_over_the_image_is_global_average_pooling():
    image = keras.Input((8, 8, 3))

    assert compare(
        describe(keras.Model(image, ops.mean(image, axis=[1, 2]))),
        sequence((None, 8, 8, 3), [("GlobalAveragePooling2D", {})]),
    ).equal


def test_axes_are_counted_from_the_end():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.BatchNormalization(axis=3), layers.Softmax(axis=3)])

    assert describe(model).layers[0].config["axis"] == -1
    assert describe(model).layers[1].config == {"activation": "softmax"}


def test_frozen_layers_have_no_trainable_weights():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, trainable=False), layers.BatchNormalization()])
    spec = describe(model)

    assert [(layer.parameters, layer.trainable) for layer in spec.layers] == [(36, 0), (16, 8)]
    assert (spec.parameters, spec.trainable) == (52, 8)


def test_shared_layers_count_once_in_the_total():
    image = keras.Input((8,))
    shared = layers.Dense(8)
    spec = describe(keras.Model(image, shared(shared(image))))

    assert [layer.parameters for layer in spec.layers] == [72, 72]
    assert spec.parameters == 72


def test_penalties_are_recorded_where_they_are_used():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.01))])

    assert describe(model).layers[0].config["kernel_regularizer"] == "L2(l2=0.01)"
    assert "bias_regularizer" not in describe(model).layers[0].config


def test_layers_without_a_formula_are_described_by_their_plain_settings():
    model = keras.Sequential([keras.Input((5, 8)), layers.LSTM(4)])
    (layer,) = describe(model).layers

    assert (layer.kind, layer.config["units"], layer.config["activation"]) == ("LSTM", 4, "tanh")
    assert layer.parameters == 208


def test_a_second_input_and_a_second_output():
    one, other = keras.Input((4,)), keras.Input((6,))
    joined = layers.Concatenate()([one, other])
    spec = describe(keras.Model([one, other], [joined, layers.Dense(2)(joined)]))

    assert [(layer.kind, layer.inputs) for layer in spec.layers] == [
        ("InputLayer", ()),
        ("Concatenate", (-1, 0)),
        ("Dense", (1,)),
    ]
    assert spec.outputs == (1, 2)


class Raises(keras.Model):
    def call(self, x):
        raise RuntimeError("not finished yet")


class UsesTensorFlow(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x):
        return tf.nn.dropout(self.dense(x), 0.5)  # nothing in keras.ops does the same


class ReturnsText(keras.Model):
    def call(self, x):
        return "done"


class CallsItself(keras.Model):
    def call(self, x):
        return self.call(x)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (None, "returned None; expected a Keras model. Is the `return` missing?"),
        ("a model", "returned a str; expected a Keras model"),
        (3, "returned an int; expected a Keras model"),
        (keras.Sequential, "returned the class Sequential, not an object of it"),
        ([], "returned a list; expected a Keras model. Give the layers to keras.Sequential([...])."),
        (
            (keras.Sequential(), None),
            "returned a tuple with a model in it; expected a Keras model. Return the model alone.",
        ),
    ],
)
def test_what_is_no_model(thing, words):
    with pytest.raises(NotAModel) as raised:
        describe(thing, IMAGE, source="build_convnet()")

    assert str(raised.value).startswith(f"build_convnet() {words}")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: layers.Dense(3), "a single Dense layer"),
        (lambda: layers.Dense(3)(keras.Input((4,))), "a Keras tensor"),
        (lambda: keras.Sequential(), "has no layers"),
        (Raises, "RuntimeError: not finished yet"),
        (UsesTensorFlow, r"Line \d+, `return tf.nn.dropout.*put the function of keras.ops"),
        (ReturnsText, "call\\(\\) returned a str"),
        (CallsItself, "RecursionError"),
        (lambda: keras.Sequential([layers.Conv2D(3, 50)]), "cannot be built on an input of 28×28×1"),
    ],
)
def test_what_cannot_be_described(build, words):
    with pytest.raises(DescribeError, match=words):
        describe(build(), IMAGE)


@pytest.mark.parametrize("build", [lambda: keras.Sequential([layers.Dense(3)]), UsesTensorFlow])
def test_a_model_that_is_not_built_needs_an_input_shape(build):
    with pytest.raises(DescribeError, match="not built"):
        describe(build())

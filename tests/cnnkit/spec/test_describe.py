"""The same network written in many ways has one description; what is no model is said to be none."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from cnnkit.spec import DescribeError, compare, describe, sequence
from cnnkit.spec.describe import NotAModel

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
        return tf.reduce_mean(self.dense(x), axis=1)


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
        ([], "returned a list; expected a Keras model"),
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
        (UsesTensorFlow, "Build it from Keras layers and keras.ops"),
        (ReturnsText, "call\\(\\) returned a str"),
        (CallsItself, "RecursionError"),
        (lambda: keras.Sequential([layers.Conv2D(3, 50)]), "cannot be built on an input of 28×28×1"),
    ],
)
def test_what_cannot_be_described(build, words):
    with pytest.raises(DescribeError, match=words):
        describe(build(), IMAGE)


@pytest.mark.parametrize("build", [sequential_that_is_not_built, subclass])
def test_a_model_that_is_not_built_needs_an_input_shape(build):
    with pytest.raises(DescribeError, match="not built"):
        describe(build())
